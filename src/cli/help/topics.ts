import { type ErrorRow, errorCodes, errorRows } from '../../errors.js';
import { documentUrl } from '../../version.js';
import { type AnyCommand, optionsOf, parseFlags } from '../command.js';
import { connectionOptions } from '../options/network-options.js';
import { groupLines } from './command-page.js';
import { joinParts, type Page, twoColumns, wrapText } from './lay-out.js';
import { variables } from './variables.js';

/** A page of help that is not about one command. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  page(page: Page, commands: readonly AnyCommand[]): string;
}

export const topics: readonly Topic[] = [
  { name: 'exit-codes', summary: 'the meaning of each exit status', page: exitCodesPage },
  { name: 'environment', summary: 'the variables that are read', page: environmentPage },
  { name: 'credentials', summary: 'where credentials are found', page: credentialsPage },
  { name: 'ci', summary: 'recipes for pull requests, releases and other jobs', page: ciPage },
  {
    name: 'connection',
    summary: 'options and proxies of commands that query a registry',
    page: connectionPage,
  },
];

/** What each exit status means, as `help exit-codes` and docs/reference/exit-codes.md list them. */
export const exitStatuses: readonly (readonly [status: number, meaning: string])[] = [
  [0, 'done, also by fallback'],
  [1, 'unexpected: please report it'],
  [2, 'usage or configuration'],
  [3, '`check`: there is work to do; `list`: not there'],
  [4, 'content differs: the tag holds other content, or a frozen lock would change'],
  [5, 'denied, or pushing is not allowed and no fallback is allowed'],
  [6, 'unreachable or rate limited'],
  [7, 'invalid bundle, schema or source'],
  [8, 'the workflow catalog refused or did not answer; bundles, lock and schemas are in order'],
  [9, 'this machine: disk, permissions, a taken port'],
  [10, 'a signature is missing, would be misread, or could not be made'],
  [130, 'interrupted'],
];

function exitCodesPage({ program, width }: Page): string {
  return joinParts([
    ['Exit statuses:', ...twoColumns(statusRows(), width)],
    wrapText(
      'Of several failures the smallest from 4 to 10 counts, then 3, 2 and 1; the report names each.',
      width,
    ),
    wrapText(
      `check exits with the status of the worst verdict, whatever a fallback could do: 0 present or equivalent, 3 absent, 4 different, 5 denied, 6 unreachable.`,
      width,
    ),
    wrapText(
      `${program} explain CODE describes an error by its code. ${documentUrl('reference/errors/README')}`,
      width,
    ),
  ]);
}

function statusRows(): [string, string][] {
  return exitStatuses.map(([status, meaning]) => {
    const codes = errorCodes.filter((code) => {
      const { exit, libraryOnly = false }: ErrorRow = errorRows[code];
      return exit === status && !libraryOnly;
    });
    const plain = meaning.replaceAll('`', '');
    return [String(status), codes.length === 0 ? plain : `${plain} (${codes.join(', ')})`];
  });
}

function environmentPage({ width }: Page, commands: readonly AnyCommand[]): string {
  const ofOptions = new Map<string, Set<string>>();
  for (const row of commands.flatMap(optionsOf)) {
    if (row.variable === undefined || row.variable === 'NO_COLOR') continue;
    const { long } = parseFlags(row);
    ofOptions.set(row.variable, (ofOptions.get(row.variable) ?? new Set()).add(`--${long}`));
  }
  const options = [...ofOptions]
    .filter(([name]) => !variables.some((row) => row.name === name))
    .map(([name, flags]): [string, string] => [name, `the value of ${[...flags].join(' and ')}`]);
  const values = variables.filter(({ group }) => group === 'Values of a run');
  const groups = [...new Set(variables.map(({ group }) => group))].filter(
    (group) => group !== 'Values of a run',
  );
  return joinParts([
    wrapText('An option takes precedence over its variable, and an empty variable counts as not set.', width),
    [
      'Values of a run:',
      ...twoColumns([...options, ...values.map(({ name, does }): [string, string] => [name, does])], width),
    ],
    ...groups.map((group) => {
      const rows = variables.filter((row) => row.group === group);
      return [
        `${group}:`,
        ...twoColumns(
          rows.map(({ name, does }): [string, string] => [name, does]),
          width,
        ),
      ];
    }),
  ]);
}

function credentialsPage({ program, width }: Page): string {
  const places: [string, string][] = [
    ['REGISTRY_AUTH_FILE', 'where it is set, this file alone'],
    ['DOCKER_AUTH_CONFIG', 'the content of such a file'],
    ['$DOCKER_CONFIG/config.json', 'of docker; ~/.docker/config.json where the variable is not set'],
    ['$XDG_RUNTIME_DIR/containers/auth.json', 'of podman; /run/containers/UID/auth.json on Linux'],
    ['$XDG_CONFIG_HOME/containers/auth.json', 'of podman; ~/.config/containers/auth.json'],
    ['~/.dockercfg', 'of old versions of docker'],
    [
      '--ci-credentials',
      'GITHUB_TOKEN for ghcr.io; CI_REGISTRY_USER and CI_REGISTRY_PASSWORD for CI_REGISTRY',
    ],
  ];
  return joinParts([
    wrapText(
      'The first place that has a credential for the registry, or for a namespace of it, is used:',
      width,
    ),
    twoColumns(places, width),
    wrapText(
      'Credential helpers (credHelpers, credsStore) are used if one of these files names them.',
      width,
    ),
    twoColumns(
      [
        [`${program} login quay.io -u USER`, 'checks a password and keeps it where docker does'],
        [`${program} logout quay.io`, 'removes it'],
        [`${program} check --verbose`, 'names the place of each credential that is used, never its value'],
      ],
      width,
    ),
    wrapText(
      'A host that only bundles.yaml names gets no token, and no credential over a connection that this file weakens (TRUST_REQUIRED).',
      width,
    ),
    [documentUrl('reference/registries')],
  ]);
}

function ciPage({ program, width }: Page): string {
  return joinParts([
    [
      'Recipes:',
      ...twoColumns(
        [
          [
            `${program} ensure --profile pull-request`,
            'pull requests: publish nothing, fall back if a tag holds other content',
          ],
          [
            `${program} ensure --profile release`,
            'releases: publish, change no committed file, accept no fallback',
          ],
          [`${program} check`, 'exits with 3 if something is to be published'],
          [`${program} verify --deep`, 'every night: sources, lock, registry and schemas still agree'],
          [`${program} lint`, 'what a cluster would refuse; annotations at the lines'],
        ],
        width,
      ),
    ],
    wrapText(
      'In a CI job (CI is set) the program asks no questions, and publish: ci allows publishing. If GITHUB_ACTIONS is true, ensure and check write annotations, a step summary and the outputs report, changed, fallback, pinned, digests and subjects.',
      width,
    ),
    wrapText(
      'With --output json the document is printed on every exit status. The state of a run is in .bundles (--state-dir), which may be carried from one job to the next.',
      width,
    ),
    [documentUrl('reference/commands/README')],
  ]);
}

function connectionPage({ width }: Page): string {
  return joinParts([
    wrapText('Every command that queries a registry takes these options:', width),
    groupLines('connection', connectionOptions, width),
    wrapText(
      'HTTPS_PROXY, HTTP_PROXY and NO_PROXY apply, also in lower case. For loopback hosts, http or https is detected.',
      width,
    ),
    wrapText(
      'Settings of one registry (mirrors, caFile, plainHttp, http2) are declared in bundles.yaml under registries.',
      width,
    ),
    [documentUrl('reference/registries')],
  ]);
}
