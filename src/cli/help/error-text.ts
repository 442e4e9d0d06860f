/** What docs/errors.md and `explain CODE` say of an error, in Markdown. */
export interface ErrorText {
  /** Heading of the part of the page that begins with this code. */
  readonly section?: string;
  /** Below that heading. */
  readonly intro?: string;
  readonly means: string;
  /** A message with this code. */
  readonly example: string;
  /** What to do. */
  readonly remedy: string;
}
