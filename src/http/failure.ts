import type { ErrorCode } from '../errors.js';

/** Why a request to a registry or its token service led to nothing; stable words for programs. */
export type FailureReason =
  // NOT_FOUND: certainly absent
  | 'tag-missing'
  | 'repository-missing'
  | 'content-missing'
  // REGISTRY_DENIED
  | 'bad-credential'
  | 'no-credential'
  | 'denied'
  | 'write-denied'
  | 'policy'
  | 'quota'
  | 'read-only'
  // REGISTRY_UNREACHABLE: no answer
  | NetworkReason
  // REGISTRY_UNREACHABLE: an answer that must not be believed
  | 'server-error'
  | 'not-a-registry'
  | 'token-endpoint'
  | 'realm-refused'
  | 'redirect-refused'
  | 'digest-contradiction'
  | 'unsupported'
  | 'rejected'
  // the other codes, one reason each
  | 'rate-limited'
  | 'too-large'
  | 'digest-mismatch'
  | 'tag-immutable'
  | 'race-lost';

/** Why no answer came, or only a part of one. */
export type NetworkReason =
  | 'dns'
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'unreachable-host'
  | 'tls-unknown-ca'
  | 'tls-expired'
  | 'tls-wrong-host'
  | 'tls'
  | 'proxy'
  | 'protocol'
  | 'closed';

interface FailureRow {
  readonly code: ErrorCode;
  /** What was found, for a message. */
  readonly text: string;
  /** What to do next. */
  readonly hint: string;
}

/** What a hint may name. */
export interface FailureFacts {
  /** Host of the registry that was asked, as references write it. */
  readonly registry?: string | undefined;
  /** Address of the proxy that was in between, without its password. */
  readonly proxy?: string | undefined;
}

/** The code, the words and the hint of a reason: the only such table. */
export function failureRow(reason: FailureReason, facts: FailureFacts = {}): FailureRow {
  const [code, text, hint] = rows[reason];
  return { code, text, hint: typeof hint === 'string' ? hint : hint(facts) };
}

/** What was found, for a reason that may be none of these. */
export function failureText(reason: string): string | undefined {
  return Object.hasOwn(rows, reason) ? rows[reason as FailureReason][1] : undefined;
}

/** A line to be pasted; the user alone is for a person to fill in. */
export function loginLine({ registry = 'HOST' }: FailureFacts): string {
  return `npx tekton-bundles login ${registry} -u USER`;
}

type Hint = string | ((facts: FailureFacts) => string);

const unreachable = 'REGISTRY_UNREACHABLE';
const denied = 'REGISTRY_DENIED';

const rows: Readonly<Record<FailureReason, readonly [code: ErrorCode, text: string, hint: Hint]>> = {
  'tag-missing': ['NOT_FOUND', 'the tag does not exist', 'Push the tag first, or check its spelling'],
  'repository-missing': [
    'NOT_FOUND',
    'the repository does not exist',
    'Create the repository, or check its name: the registry reports that it does not exist',
  ],
  'content-missing': [
    'NOT_FOUND',
    'the content does not exist',
    'The registry no longer holds this content: push the bundle again',
  ],
  'bad-credential': [
    denied,
    'the credential was refused',
    (facts) =>
      `Correct user and password in the place that the message names, or log in again: ${loginLine(facts)}`,
  ],
  'no-credential': [
    denied,
    'a credential is required',
    (facts) =>
      `Log in: ${loginLine(facts)} (podman login and docker login do too). Or check the name: many registries answer so for a repository that does not exist`,
  ],
  denied: [
    denied,
    'access was denied',
    'The repository does not exist, or is private and the account may not read it: check its name, or give the account the right',
  ],
  'write-denied': [
    denied,
    'writing was denied',
    (facts) =>
      `The account has the right to read but not to write: grant it, or its robot, the right to write, or log in as another one: ${loginLine(facts)}`,
  ],
  policy: [
    denied,
    'a policy of the registry refused it',
    'Ask the administrators of the registry: the message quotes the reason they give',
  ],
  quota: [
    denied,
    'the storage quota is exceeded',
    'Delete tags that are no longer needed, or have the quota of the namespace raised',
  ],
  'read-only': [
    denied,
    'the registry is read-only',
    'Try again when the registry accepts pushes again; until then it can only be read',
  ],
  dns: [
    unreachable,
    'the host name does not resolve',
    'Check the host name in the reference, and that this machine can resolve names',
  ],
  refused: [
    unreachable,
    'connection refused',
    'Nothing listens there: check host and port, and that the server is running',
  ],
  reset: [
    unreachable,
    'the connection broke',
    'The connection broke: try again; if it persists, check proxies and firewalls',
  ],
  'unreachable-host': [
    unreachable,
    'no route to the host',
    'This machine has no route to the host: check network, VPN and firewall',
  ],
  timeout: [
    unreachable,
    'no answer in time',
    'The host did not answer in time: check network, proxy and firewall, then try again',
  ],
  'tls-unknown-ca': [
    unreachable,
    'its certificate is not trusted',
    'Its certificate is signed by an unknown authority: name the file of that authority with --ca-file, or in NODE_EXTRA_CA_CERTS',
  ],
  'tls-expired': [
    unreachable,
    'its certificate is expired or not valid yet',
    "Its certificate is expired or not yet valid: renew it, or set this machine's clock",
  ],
  'tls-wrong-host': [
    unreachable,
    'its certificate is for another host',
    'Its certificate is for another host: use a name that the certificate contains',
  ],
  tls: [
    unreachable,
    'the TLS handshake failed',
    'The TLS handshake failed: if the registry uses plain http, name its host with --plain-http',
  ],
  proxy: [
    unreachable,
    'the proxy refused',
    ({ proxy }) =>
      `Check the address, user and password ${proxy === undefined ? 'in HTTPS_PROXY and HTTP_PROXY' : `of the proxy ${proxy} in HTTPS_PROXY or HTTP_PROXY`}, or name the host in NO_PROXY`,
  ],
  protocol: [
    unreachable,
    'no valid HTTP response',
    'The response breaks the protocol: check the address, and report it to the administrators of the server',
  ],
  closed: [unreachable, 'the transport is closed', 'The connection pool was closed: create a new client'],
  'server-error': [
    unreachable,
    'the server failed',
    'The registry has an internal problem: try again later, and check its status page',
  ],
  'not-a-registry': [
    unreachable,
    'the response is not from a registry',
    'The response is not from a registry (a login page, a proxy or another service): check host, port and network',
  ],
  'token-endpoint': [
    unreachable,
    'the token service failed',
    'The token service of the registry failed: try again later',
  ],
  'realm-refused': [
    unreachable,
    'the token service is not trustworthy',
    'The registry names a token service that must not be trusted: check the host name',
  ],
  'redirect-refused': [
    unreachable,
    'the redirect was not followed',
    'The registry redirects to an address that must not be followed: check its configuration',
  ],
  'digest-contradiction': [
    unreachable,
    'the digests contradict each other',
    'The registry contradicts itself about a digest: do not use this content, and report it to its administrators',
  ],
  unsupported: [
    unreachable,
    'the operation is not supported',
    'The registry does not support this operation, or the repository is locked',
  ],
  rejected: [
    unreachable,
    'the request was rejected',
    'The registry did not accept the request: the message quotes its reason',
  ],
  'rate-limited': [
    'RATE_LIMITED',
    'too many requests',
    (facts) =>
      `Wait before trying again; most registries allow more requests to known accounts: ${loginLine(facts)}`,
  ],
  'too-large': [
    'TOO_LARGE',
    'it is too large',
    'This is larger than a bundle can be: check that the reference names a Tekton bundle',
  ],
  'digest-mismatch': [
    'DIGEST_MISMATCH',
    'the content does not match its digest',
    'The content was damaged in transit or at rest: try again, then report it',
  ],
  'tag-immutable': [
    'TAG_IMMUTABLE',
    'the tag is immutable',
    'The tag is immutable and holds other content: use a new tag',
  ],
  'race-lost': [
    'RACE_LOST',
    'another client moved the tag',
    'Another client moved the tag at the same time: look at what it holds now, then decide',
  ],
};
