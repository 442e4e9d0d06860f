/**
 * What the reference and `explain CODE` give for an error, in Markdown. Links are relative to docs/.
 */
export interface ErrorText {
  /** The first sentence is also the row of the index, so it is short and complete by itself. */
  readonly means: string;
  /** A message with this code. */
  readonly example: string;
  /** What to do. */
  readonly remedy: string;
}

/** Errors that belong together: one page of the reference. */
export interface ErrorFamily {
  /** The page is docs/reference/errors/PAGE.md. */
  readonly page: string;
  readonly title: string;
  /** What holds for all errors of the page. */
  readonly intro: string;
  readonly errors: Readonly<Record<string, ErrorText>>;
}
