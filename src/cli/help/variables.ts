interface VariableRow {
  readonly name: string;
  readonly group: 'Values of a run' | 'Display' | 'Registries' | 'CI' | 'Servers, cluster and engine';
  readonly does: string;
}

/** The variables whose value is not that of an option; the others are in the rows of the options. */
export const variables: readonly VariableRow[] = [
  {
    name: 'DATASTORAGE_TOKEN',
    group: 'Values of a run',
    does: 'bearer token of the catalog; --catalog-token-file names a file with it',
  },
  {
    name: 'SOURCE_DATE_EPOCH',
    group: 'Values of a run',
    does: 'created time of bundles, in seconds since 1970; --ctime takes a date',
  },
  { name: 'NO_COLOR', group: 'Display', does: 'no colours' },
  { name: 'FORCE_COLOR', group: 'Display', does: 'colours also where the output is not a terminal' },
  { name: 'TERM', group: 'Display', does: 'dumb: no colours' },
  {
    name: 'HTTPS_PROXY, HTTP_PROXY, NO_PROXY',
    group: 'Registries',
    does: 'proxies, and hosts that are reached without one',
  },
  { name: 'NODE_EXTRA_CA_CERTS', group: 'Registries', does: 'certificate authorities that Node trusts too' },
  { name: 'REGISTRY_AUTH_FILE', group: 'Registries', does: 'the only file with credentials' },
  { name: 'DOCKER_AUTH_CONFIG', group: 'Registries', does: 'credentials, as the content of a file' },
  {
    name: 'DOCKER_CONFIG',
    group: 'Registries',
    does: 'directory of the file in which docker keeps credentials',
  },
  { name: 'XDG_RUNTIME_DIR, XDG_CONFIG_HOME', group: 'Registries', does: 'where podman keeps credentials' },
  {
    name: 'XDG_CACHE_HOME, NODE_DISABLE_COMPILE_CACHE',
    group: 'Servers, cluster and engine',
    does: 'where compiled code is kept for the next start (Node 22 and later), or that none is',
  },
  { name: 'XDG_STATE_HOME', group: 'Servers, cluster and engine', does: 'where build slots are kept' },
  { name: 'CI', group: 'CI', does: 'set: a CI job; nothing is asked, and publish: ci publishes' },
  { name: 'GITHUB_ACTIONS', group: 'CI', does: 'true: annotations, step summary and outputs' },
  { name: 'GITHUB_OUTPUT, GITHUB_STEP_SUMMARY', group: 'CI', does: 'the files they go to' },
  {
    name: 'GITHUB_WORKSPACE, CI_PROJECT_DIR',
    group: 'CI',
    does: 'root of the repository, from which reports name files',
  },
  {
    name: 'GITHUB_SHA, GITHUB_REF, GITHUB_WORKFLOW_REF',
    group: 'CI',
    does: 'what attest takes as the commit and the builder, with the other variables of a GitHub job',
  },
  {
    name: 'GITLAB_CI, CI_PROJECT_URL, CI_COMMIT_SHA',
    group: 'CI',
    does: 'the same in a job of GitLab',
  },
  {
    name: 'SIGSTORE_ID_TOKEN',
    group: 'CI',
    does: 'with --keyless: the token that identifies the signer; without it, a GitHub job requests its own',
  },
  {
    name: 'ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    group: 'CI',
    does: 'where GitHub gives a job its token, with permissions: {id-token: write}',
  },
  {
    name: 'GITHUB_EVENT_NAME, GITHUB_EVENT_PATH',
    group: 'CI',
    does: 'detect a pull request from a fork, where --keyless signs nothing',
  },
  {
    name: 'GITHUB_TOKEN, GITHUB_ACTOR',
    group: 'CI',
    does: 'with --ci-credentials: the credential for ghcr.io',
  },
  {
    name: 'GITHUB_TOKEN, GH_TOKEN, GITHUB_API_URL',
    group: 'CI',
    does: 'the token for what is written to GitHub, and the address of its API',
  },
  {
    name: 'CI_REGISTRY, CI_REGISTRY_USER, CI_REGISTRY_PASSWORD',
    group: 'CI',
    does: "with --ci-credentials: the credential for GitLab's registry",
  },
  {
    name: 'BUNDLES_CATALOG_TOKEN',
    group: 'Servers, cluster and engine',
    does: 'token that clients of catalog serve must send',
  },
  { name: 'KUBECONFIG', group: 'Servers, cluster and engine', does: 'how a cluster is reached' },
  {
    name: 'KIND_CLUSTER_NAME, KIND_EXPERIMENTAL_PROVIDER',
    group: 'Servers, cluster and engine',
    does: 'the kind cluster that images are loaded into, and its engine',
  },
  {
    name: 'CONTAINER_HOST, CONTAINER_CONNECTION, DOCKER_HOST',
    group: 'Servers, cluster and engine',
    does: 'the container engine of another machine',
  },
];
