/** What may be sent to one registry, and where it was found. Values never appear in messages; sources may. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string; readonly source: string }
  | {
      readonly kind: 'identity-token';
      readonly username: string;
      readonly token: string;
      /** For token services that take no identity token. */
      readonly password?: string | undefined;
      readonly source: string;
    }
  | { readonly kind: 'registry-token'; readonly token: string; readonly source: string };

/** Finds the credential for a repository; undefined means anonymous. */
export interface Keychain {
  find(
    target: { readonly registry: string; readonly repository: string },
    options?: {
      readonly signal?: AbortSignal /** Ask helpers again, do not use what is cached. */;
      readonly fresh?: boolean;
    },
  ): Promise<Credential | undefined>;
  /** Every secret value handed out so far, for redaction by value. */
  secrets(): readonly string[];
}
