/** The password of a signing key and the identity tokens: this program needs them, its child processes do not. */
const ours: ReadonlySet<string> = new Set([
  'COSIGN_PASSWORD',
  'SIGSTORE_ID_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
]);

/** The variables for a program that this one runs for its own purposes. */
export function childEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.has(name)));
}
