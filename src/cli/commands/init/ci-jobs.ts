import { parseReference } from '../../../oci/reference.js';
import { version } from '../../../version.js';

export const ciServices = ['github', 'gitlab'] as const;
export type CiService = (typeof ciServices)[number];

/** The file for the jobs of a CI service; `taken` if its usual file exists already. */
export function ciFile(service: CiService, taken: boolean): string {
  if (service === 'github') return '.github/workflows/bundles.yaml';
  return taken ? 'bundles.gitlab-ci.yml' : '.gitlab-ci.yml';
}

/** A job for pull requests, which publishes nothing, and one for releases, on the default branch. */
export function ciJobs(service: CiService, repository: string): string {
  const { registry } = parseReference(`${repository}/x:y`);
  return service === 'github' ? githubJobs(registry) : gitlabJobs(registry);
}

const program = `npx --yes tekton-bundles@${version}`;

function githubJobs(registry: string): string {
  const own = registry === 'ghcr.io';
  const login = own
    ? []
    : [
        '      # The secrets REGISTRY_USER and REGISTRY_PASSWORD: somebody who may push.',
        `      - run: printf %s "$REGISTRY_PASSWORD" | ${program} login ${registry} -u "$REGISTRY_USER" --password-stdin`,
        '        env:',
        `          REGISTRY_USER: ${secret('REGISTRY_USER')}`,
        `          REGISTRY_PASSWORD: ${secret('REGISTRY_PASSWORD')}`,
      ];
  const setup = [
    '    runs-on: ubuntu-latest',
    '    steps:',
    '      - uses: actions/checkout@v5',
    '      - uses: actions/setup-node@v5',
    '        with: {node-version: 22}',
  ];
  const lines = [
    'name: bundles',
    'on: [pull_request, push]',
    'permissions: {contents: read}',
    'jobs:',
    '  pull-request:',
    "    if: github.event_name == 'pull_request'",
    ...setup,
    `      - run: ${program} lint`,
    `      - run: ${program} ensure --profile pull-request`,
    '  release:',
    "    if: github.event_name == 'push' && github.ref_name == github.event.repository.default_branch",
    ...(own ? ['    permissions: {contents: read, packages: write}'] : []),
    ...setup,
    ...login,
    `      - run: ${program} ensure --profile release${own ? ' --ci-credentials' : ''}`,
    ...(own ? ['        env:', `          GITHUB_TOKEN: ${secret('GITHUB_TOKEN')}`] : []),
    '',
  ];
  return lines.join('\n');
}

function gitlabJobs(registry: string): string {
  const own = /^registry\.gitlab\./.test(registry);
  const lines = [
    'bundles-pull-request:',
    '  image: node:22-alpine',
    '  rules:',
    '    - if: $CI_PIPELINE_SOURCE == "merge_request_event"',
    '  script:',
    `    - ${program} lint -o codequality > lint.json`,
    `    - ${program} ensure --profile pull-request --dotenv bundles.env`,
    '  artifacts:',
    '    when: always',
    '    reports: {codequality: lint.json, dotenv: bundles.env}',
    'bundles-release:',
    '  image: node:22-alpine',
    '  rules:',
    '    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    '  script:',
    ...(own
      ? []
      : [
          '    # The variables REGISTRY_USER and REGISTRY_PASSWORD, protected and masked: somebody who may push.',
          `    - printf %s "$REGISTRY_PASSWORD" | ${program} login ${registry} -u "$REGISTRY_USER" --password-stdin`,
        ]),
    `    - ${program} ensure --profile release${own ? ' --ci-credentials' : ''}`,
    '',
  ];
  return lines.join('\n');
}

function secret(name: string): string {
  return `\${{ secrets.${name} }}`;
}
