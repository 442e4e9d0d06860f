import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { documentPages, root } from './support/documents/fences.js';
import { judgeWorkflow } from './support/random/judge-workflow.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n');

/** OSPS Baseline 2026.02.19. */
const controls = {
  1: 'AC-01.01 AC-02.01 AC-03.01 AC-03.02 BR-01.01 BR-01.03 BR-03.01 BR-03.02 BR-07.01 DO-01.01 DO-02.01 GV-02.01 GV-03.01 LE-02.01 LE-02.02 LE-03.01 LE-03.02 QA-01.01 QA-01.02 QA-02.01 QA-04.01 QA-05.01 QA-05.02 VM-02.01',
  2: 'AC-04.01 BR-02.01 BR-04.01 BR-05.01 BR-06.01 DO-06.01 DO-07.01 GV-01.01 GV-01.02 GV-03.02 LE-01.01 QA-03.01 QA-06.01 SA-01.01 SA-02.01 SA-03.01 VM-01.01 VM-03.01 VM-04.01',
  3: 'AC-04.02 BR-01.04 BR-02.02 BR-07.02 DO-03.01 DO-03.02 DO-04.01 DO-05.01 GV-04.01 QA-02.02 QA-04.02 QA-06.02 QA-06.03 QA-07.01 SA-03.02 VM-04.02 VM-05.01 VM-05.02 VM-05.03 VM-06.01 VM-06.02',
};

const page = 'docs/osps.md';
const levels = read(page)
  .split(/^## Level /m)
  .slice(1);
const rows = levels.map((level) =>
  [...level.matchAll(/^\| OSPS-(\S+) \| (.+?) \| (.+?) \| (.+) \|$/gm)].map(
    ([, id, about, status, where]) => ({
      ...{ id: id!, about: about!, status: status!, where: where! },
    }),
  ),
);

test('docs/osps.md lists every control of each level, with a status', () => {
  expect(rows.map((level) => level.map(({ id }) => id))).toEqual(
    Object.values(controls).map((ids) => ids.split(' ')),
  );
  const statuses = new Set(rows.flat().map(({ status }) => status));
  expect([...statuses].sort()).toEqual(['met', 'needs a host', 'not applicable']);
});

test('each file that docs/osps.md names exists, and what is met or needs a host gives its reason', () => {
  for (const { id, status, where } of rows.flat()) {
    const links = [...where.matchAll(/\]\(([^)#]*)/g)].map(([, link = '']) => join(dirname(page), link));
    const paths = [...where.matchAll(/`((?:test|src|docs|scripts)\/[^`]+)`/g)].map(([, path = '']) => path);
    for (const path of [...links, ...paths])
      expect(existsSync(join(root, path)), `${id}: ${path}`).toBe(true);
    if (status === 'met') expect(links, id).not.toEqual([]);
    else expect(where.length, id).toBeGreaterThan(10);
  }
});

const workflows = readdirSync(join(root, '.github/workflows')).filter((name) => /\.ya?ml$/.test(name));

test('every workflow is pinned, has the least permissions and puts no expression into a command', () => {
  expect(workflows.length).toBeGreaterThanOrEqual(4);
  for (const name of workflows) expect(judgeWorkflow(read(`.github/workflows/${name}`)), name).toEqual([]);
});

test('an action has the same version in all workflows, and a write permission its reason or its well-known use', () => {
  const versions = new Map<string, Set<string>>();
  for (const name of workflows) {
    const text = read(`.github/workflows/${name}`);
    for (const [, repository = '', version = ''] of text.matchAll(/uses: ([\w.-]+\/[\w.-]+)\S*(@.+)$/gm))
      versions.set(repository, (versions.get(repository) ?? new Set()).add(version));
    const lines = text.split('\n');
    for (const [index, line] of lines.entries())
      if (/^\s+[\w-]+: write$/.test(line) && !/security-events/.test(line))
        expect(lines[index - 1], `${name}: ${line.trim()}`).toMatch(/^\s+# \S/);
  }
  for (const [action, found] of versions) expect([...found], action).toHaveLength(1);
});

const good = `on: pull_request
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@${'a'.repeat(40)} # v1.2.3
        with: {persist-credentials: false}
      - run: echo "$TITLE"
        env: {TITLE: "\${{ github.event.pull_request.title }}"}
`;

test.each([
  ['nothing', '', '', []],
  ['a missing permission block', 'permissions: {}\n', '', ['permissions of the workflow: "missing"']],
  [
    'all permissions',
    'permissions: {}',
    'permissions: write-all',
    ['permissions of the workflow: "write-all"'],
  ],
  [
    'a tag in place of a hash',
    `${'a'.repeat(40)} # v1.2.3`,
    'v1',
    ['not pinned: - uses: actions/checkout@v1'],
  ],
  ['a hash without its version', ' # v1.2.3', '', [`not pinned: - uses: actions/checkout@${'a'.repeat(40)}`]],
  [
    'an expression in a command',
    '"$TITLE"',
    '$' + '{{ github.head_ref }}',
    ['a: an expression in run: echo $' + '{{ github.head_ref }}'],
  ],
  ['a token that stays', 'persist-credentials: false', 'fetch-depth: 0', ['a: checkout keeps the token']],
  [
    'rights for strangers',
    'on: pull_request',
    'on: [pull_request_target]',
    ['event pull_request_target gives strangers the rights of the repository'],
  ],
  [
    'a secret for strangers',
    'github.event.pull_request.title',
    'secrets.NPM',
    ['secrets in a workflow of pull requests'],
  ],
  [
    'a write permission for strangers',
    '    runs-on',
    '    permissions: {contents: write}\n    runs-on',
    ['a: contents: write for pull requests'],
  ],
  ['no limit of time', '    timeout-minutes: 5\n', '', ['a: no timeout-minutes']],
  ['a machine that changes', 'ubuntu-24.04', 'ubuntu-latest', ['a: runs on a machine that changes']],
  [
    'an image by its tag',
    '    runs-on',
    '    container: debian:12\n    runs-on',
    ['a: not pinned: debian:12'],
  ],
] as const)('the judge of workflows finds %s', (_name, from, to, wanted) => {
  expect(judgeWorkflow(good.replace(from, to))).toEqual(wanted);
});

test('ci.yml runs npm test on each Node that package.json supports first and SUPPORT.md names', () => {
  const ci = load(read('.github/workflows/ci.yml')) as {
    jobs: Record<string, { strategy?: { matrix: { node: string[] } }; steps: { run?: string }[] }>;
  };
  const versions = ci.jobs.test!.strategy!.matrix.node;
  expect(`>=${versions[0]}.0`).toBe(
    (JSON.parse(read('package.json')) as { engines: { node: string } }).engines.node,
  );
  for (const version of versions)
    expect(/tests ([\d., and]+)\./.exec(read('SUPPORT.md'))?.[1]?.split(/, | and /)).toContain(version);
  const runs = Object.values(ci.jobs).flatMap(({ steps }) => steps.map(({ run }) => run));
  expect(runs).toEqual(expect.arrayContaining(['npm ci', 'npm test', 'bash .ci/run']));
});

test('every address in the documents is encrypted, or is of this machine or an example', () => {
  const documents = ['CHANGELOG.md', ...documentPages()];
  const own =
    /^http:\/\/(?:localhost|127\.|\[::1\]|\$|[A-Z<{]|[\w.-]*(?:\.svc|\.internal|\.local|\.example)\b|[\w-]+(?::\d+|\/|$))/;
  for (const document of documents)
    for (const [address] of read(document).matchAll(/\bhttp:\/\/[^\s`)>"']+/g))
      expect(address, document).toMatch(own);
});

test('each package has a licence of the policy, and those that users install have one without copyleft', () => {
  const [, list = ''] = /has one of these: ([\s\S]*?)\. A test/.exec(read('docs/dependencies.md')) ?? [];
  const development = new Set(['MPL-2.0']);
  const allowed = list.split(/,\s+/).map((name) => name.replace(/\s+\(development\s+only\)/, ''));
  const [, reviewed = ''] =
    /allow-licenses: >-\n\s+(.+)/.exec(read('.github/workflows/dependency-review.yml')) ?? [];
  expect(reviewed.split(', ').sort()).toEqual([...allowed].sort());
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { license?: string; dev?: boolean; devOptional?: boolean; integrity?: string }>;
  };
  for (const [path, { license = 'none', dev, devOptional, integrity }] of Object.entries(packages)) {
    if (path === '') continue;
    const choices = license.replace(/[()]/g, '').split(' OR ');
    const usable = allowed.filter((name) => dev || devOptional || !development.has(name));
    expect(
      choices.some((name) => usable.includes(name)),
      `${path}: ${license}`,
    ).toBe(true);
    expect(integrity, path).toMatch(/^sha512-/);
  }
});

test('renovate.json holds back only packages that this project has, at versions that it uses', () => {
  const { packageRules } = JSON.parse(read('renovate.json')) as {
    packageRules: { matchPackageNames?: string[]; allowedVersions?: string }[];
  };
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { version?: string }>;
  };
  const parts = (version: string) => version.split('.').map(Number);
  const held = packageRules.filter(({ allowedVersions }) => allowedVersions !== undefined);
  expect(held.length).toBeGreaterThan(5);
  for (const { matchPackageNames = [], allowedVersions = '' } of held) {
    const version = packages[`node_modules/${matchPackageNames[0]}`]?.version;
    expect(version, matchPackageNames[0]).toBeDefined();
    const [, sign, limit = ''] = /^(<=?)([\d.]+)$/.exec(allowedVersions)!;
    const [actual, most] = [parts(version!), parts(limit)];
    const at = most.findIndex((part, index) => part !== actual[index]);
    expect(at < 0 ? sign === '<=' : actual[at]! < most[at]!, `${matchPackageNames[0]} ${version}`).toBe(true);
  }
});

test('issue templates are forms whose bug report asks for the output of doctor --report', () => {
  const types = new Set(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes']);
  for (const name of ['bug', 'feature', 'documentation']) {
    const form = load(read(`.github/ISSUE_TEMPLATE/${name}.yml`)) as {
      name: string;
      description: string;
      body: { type: string; id?: string; attributes: { label?: string; value?: string } }[];
    };
    expect([form.name, form.description].every((text) => text.length > 2)).toBe(true);
    const ids = form.body.filter(({ type }) => type !== 'markdown').map(({ id }) => id);
    expect(new Set(ids).size, name).toBe(ids.length);
    for (const { type, attributes } of form.body) {
      expect(types).toContain(type);
      expect(attributes.label ?? attributes.value, name).toBeTruthy();
    }
  }
  expect(read('.github/ISSUE_TEMPLATE/bug.yml')).toContain('`npx tekton-bundles doctor --report`');
});

test('the editor, the devcontainer and the formatter agree', () => {
  const { formatter } = JSON.parse(read('biome.json')) as {
    formatter: { indentWidth: number; lineWidth: number };
  };
  const settings = read('.editorconfig');
  expect(settings).toContain(`indent_size = ${formatter.indentWidth}\n`);
  expect(settings).toContain(`max_line_length = ${formatter.lineWidth}\n`);
  const container = JSON.parse(read('.devcontainer/devcontainer.json')) as Record<string, unknown>;
  expect(container.postCreateCommand).toBe('npm ci');
});

interface MatrixJob {
  readonly name?: string;
  readonly strategy?: {
    readonly matrix: Readonly<Record<string, readonly (string | Record<string, string>)[]>>;
  };
}

/** The names that GitHub gives the checks of a job, one for each entry of its matrix. */
function checksOf(id: string, { name = id, strategy }: MatrixJob): readonly string[] {
  const rows = Object.entries(strategy?.matrix ?? {}).flatMap(([key, values]) =>
    values.map((value) => (typeof value === 'string' ? { [key]: value } : value)),
  );
  if (rows.length === 0) return [name];
  return rows.map((row) => name.replace(/\$\{\{ matrix\.(\w+) \}\}/g, (_all, key: string) => row[key]!));
}

test('the ruleset of main requires a review, and every check of a pull request by its name', () => {
  const { rules } = JSON.parse(read('.github/rulesets/main.json')) as {
    rules: { type: string; parameters?: Record<string, unknown> }[];
  };
  const parameters = new Map(rules.map((rule) => [rule.type, rule.parameters]));
  expect([...parameters.keys()]).toEqual(
    expect.arrayContaining(['deletion', 'non_fast_forward', 'code_scanning']),
  );
  expect(parameters.get('pull_request')).toMatchObject({ required_approving_review_count: 1 });
  const checks = workflows.flatMap((name) => {
    const { on, jobs } = load(read(`.github/workflows/${name}`)) as {
      on: object;
      jobs: Record<string, MatrixJob>;
    };
    if (!('pull_request' in on)) return [];
    return Object.entries(jobs).flatMap(([id, job]) => checksOf(id, job));
  });
  const required = parameters.get('required_status_checks')?.required_status_checks as { context: string }[];
  expect(required.map(({ context }) => context).sort()).toEqual(checks.sort());
});
