/** Why a registry's answer, or the lack of one, is what it is; stable words for programs. */
export type RegistryReason =
  // NOT_FOUND: certainly absent
  | 'tag-missing'
  | 'repository-missing'
  | 'content-missing'
  // REGISTRY_DENIED
  | 'bad-credential'
  | 'no-credential'
  | 'denied'
  // REGISTRY_UNREACHABLE: no answer
  | 'dns'
  | 'refused'
  | 'reset'
  | 'unreachable-host'
  | 'timeout'
  | 'tls-unknown-ca'
  | 'tls-expired'
  | 'tls-wrong-host'
  | 'tls'
  | 'proxy'
  | 'closed'
  // REGISTRY_UNREACHABLE: an answer that must not be believed
  | 'server-error'
  | 'not-a-registry'
  | 'token-endpoint'
  | 'realm-refused'
  | 'redirect-refused'
  | 'digest-contradiction'
  | 'protocol'
  | 'unsupported'
  | 'rejected'
  // the other codes, one reason each
  | 'rate-limited'
  | 'too-large'
  | 'digest-mismatch'
  | 'tag-immutable'
  | 'race-lost';

/** What to do next, for each way a registry can fail us. */
export function hintFor(reason: RegistryReason): string {
  return hints[reason];
}

const hints: Readonly<Record<RegistryReason, string>> = {
  'tag-missing': 'Push the tag first, or check its spelling in bundles.yaml',
  'repository-missing': 'Create the repository, or check its name: the registry says that it does not exist',
  'content-missing': 'The registry no longer holds this content: push the bundle again',
  'bad-credential':
    'The registry refused the credential: log in again, or correct the file that --verbose names',
  'no-credential': 'Log in to this registry (bundles login, podman login or docker login), or make it public',
  denied:
    'The repository is private or missing: give the account the right to read it (or to write, for a push)',
  dns: 'Check the host name in the reference, and that this machine can resolve names',
  refused: 'Nothing listens there: check host and port, and that the registry runs',
  reset: 'The connection broke: try again; if it stays, look for a proxy or firewall in between',
  'unreachable-host': 'This machine has no route to the registry: check network, VPN and firewall',
  timeout: 'The registry did not answer in time: check network, proxy and firewall, then try again',
  'tls-unknown-ca':
    'Its certificate is signed by an unknown authority: name the file of that authority with --ca-file, or in NODE_EXTRA_CA_CERTS',
  'tls-expired': "Its certificate is expired or not yet valid: renew it, or set this machine's clock",
  'tls-wrong-host': 'Its certificate is for another host: use the name that stands in the certificate',
  tls: 'The TLS handshake failed: if the registry speaks plain http, name its host with --plain-http',
  proxy: 'The proxy refused: check HTTPS_PROXY, its credentials and NO_PROXY',
  closed: 'The connection pool was closed: create a new client',
  'server-error': 'The registry has a problem of its own: try again later, and look at its status page',
  'not-a-registry':
    'What answered is no registry (a login page, a proxy or another service): check host, port and network',
  'token-endpoint': 'The token service of the registry does not work: try again later',
  'realm-refused': 'The registry names a token service that must not be trusted: check the host name',
  'redirect-refused': 'The registry redirects to a place that must not be followed: check its configuration',
  'digest-contradiction':
    'The registry contradicts itself about a digest: do not use this content, and report it to who runs the registry',
  protocol: 'The answer breaks the distribution specification: report it to who runs the registry',
  unsupported: 'The registry does not support this operation, or the repository is locked',
  rejected: 'The registry did not accept the request: read its own words in the message',
  'rate-limited': 'Wait before trying again, or log in: most registries allow more to known accounts',
  'too-large': 'This is larger than a bundle can be: check that the reference names a Tekton bundle',
  'digest-mismatch': 'The content was damaged on its way or at rest: try again, then report it',
  'tag-immutable': 'The tag is immutable and holds other content: use a new tag',
  'race-lost': 'Another writer moved the tag at the same time: look at what it holds now, then decide',
};
