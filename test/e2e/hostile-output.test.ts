import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { parseYaml } from '../../src/tekton/yaml/parse-yaml.js';
import { cliPath } from '../support/program/run-cli.js';
import { credentials, type InProcessRun, runInProcess } from '../support/program/run-in-process.js';
import {
  expectClean,
  type HostileRegistry,
  hostileTexts,
  startHostileRegistry,
} from '../support/samples/hostile-output.js';
import { type SampleProject, samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const password = 'pa55-w0rd/of+the run';
const secrets = [
  password,
  encodeURIComponent(password),
  Buffer.from(password).toString('base64').slice(0, 20),
  Buffer.from(`robot:${password}`).toString('base64').slice(0, 24),
];
/** `.ci/run` tries fifty. */
const texts = hostileTexts(process.env.PROPERTY_RUNS === undefined ? 4 : 50);

let registry: HostileRegistry;
let directory: TempDir;
beforeAll(async () => {
  registry = await startHostileRegistry();
  directory = tempDir();
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
  for (const project of projectsMade) await project[Symbol.asyncDispose]();
});

interface Place {
  readonly text: string;
  readonly host: string;
  readonly directory: string;
  /** Projects: whose registry is hostile, in several ways, and that is hostile itself. */
  readonly held: string;
  readonly denied: string;
  readonly hostile: string;
  /** Tekton sources of the text, and a document that is none. */
  readonly source: string;
  readonly schema: string;
}

type Lines = (place: Place) => readonly (readonly string[])[];

const references = ({ host }: Place) =>
  ['held/a', 'page/a', 'type/a', 'denied/a', 'none/a'].map((name) => `${host}/${name}:v1.0.0`);
const everyReference =
  (words: readonly string[], ...rest: readonly string[]): Lines =>
  (place) =>
    references(place).map((reference) => [...words, reference, ...rest]);
const projects =
  (...words: readonly string[]): Lines =>
  ({ held, denied, hostile }) =>
    [held, denied, hostile].map((file) => [...words, '--config', file]);
const both =
  (...all: readonly Lines[]): Lines =>
  (place) =>
    all.flatMap((lines) => lines(place));

/** Command lines by which a text gets where a command prints; what is left out gets the text as a word and an option. */
const lines: Readonly<Record<string, Lines>> = {
  ensure: both(
    projects('ensure', '--no-push', '--on-different', 'fallback'),
    projects('ensure', '--verbose', '--push'),
    (place) => [['ensure', '--config', place.held, '--offline', '--dotenv', join(place.directory, 'dotenv')]],
  ),
  check: both(
    projects('check', '--verbose'),
    projects('check', '-o', 'junit'),
    projects('check', '-o', 'codequality'),
  ),
  verify: both(projects('verify'), projects('verify', '-o', 'junit')),
  lint: (place) => [
    ['lint', place.source],
    ['lint', place.source, '-o', 'sarif'],
    ['lint', place.source, '-o', 'junit'],
    ['lint', place.source, '-o', 'codequality'],
    ['lint', '--config', place.hostile],
  ],
  pin: projects('pin', '--dry-run'),
  bump: projects('bump', 'alpha', '--dry-run'),
  'update-refs': projects('update-refs'),
  list: both(
    everyReference(['list']),
    everyReference(['list'], '-o', 'yaml'),
    everyReference(['list'], '--debug', '--verbose'),
    projects('list'),
  ),
  digest: both(everyReference(['digest']), everyReference(['digest'], '--full-ref')),
  tags: (place) => references(place).map((reference) => ['tags', reference.replace(/:v1\.0\.0$/, '')]),
  tag: everyReference(['tag'], 'v2'),
  graph: both(everyReference(['graph']), (place) => [
    ['graph', place.source],
    ['graph', place.source, '-o', 'mermaid'],
    ['graph', place.source, '-o', 'svg'],
  ]),
  sbom: both(everyReference(['sbom']), projects('sbom', 'alpha')),
  inspect: everyReference(['inspect']),
  diff: both(everyReference(['diff', 'oci:nowhere']), (place) => [
    ['diff', references(place)[0] ?? '', place.source],
  ]),
  explain: both(everyReference(['explain']), projects('explain', 'alpha')),
  build: (place) => [['build', 'alpha', '--config', place.hostile]],
  push: (place) =>
    references(place)
      .slice(1)
      .map((reference) => ['push', reference, '-f', place.source]),
  copy: (place) =>
    references(place).map((reference) => ['copy', reference, `oci:${join(place.directory, 'copy')}:v1`]),
  promote: (place) => [['promote', 'alpha', '--config', place.held, '--to', `${place.host}/denied`]],
  release: projects('release', 'v1'),
  export: (place) =>
    references(place).map((reference) => ['export', reference, '--to', join(place.directory, 'out')]),
  run: projects('run', 'alpha'),
  register: projects('register', '--catalog', 'http://127.0.0.1:1'),
  login: (place) => [
    ['login', place.host, '-u', 'robot', '--password-stdin'],
    ['login', place.text],
  ],
  doctor: projects('doctor'),
  'schema validate': (place) => [['schema', 'validate', place.schema]],
  'schema convert': (place) => [['schema', 'convert', place.schema, '--to', 'workflow-schema']],
  'schema generate': projects('schema', 'generate', '--print'),
};

test.each(commands.map(({ name }) => name))(
  '%s prints nothing that does harm, on any stream or file',
  async (name) => {
    const all: InProcessRun[] = [];
    for (const text of texts) {
      const place = await prepare(text);
      const words = name.split(' ');
      const given = [
        ...(lines[name]?.(place) ?? []),
        // What is behind `with` is run.
        ...(name === 'with' ? [] : [[...words, text]]),
        [...words, `--${text}`],
        [...words, '--config', place.hostile, '--state-dir', join(place.directory, 'other')],
      ];
      for (const line of given)
        for (const more of line.includes('-o') ? [[]] : [[], ['-o', 'json']])
          all.push(await run([...line, ...more], place));
    }
    expect(all.some(({ stdout, stderr }) => stdout + stderr !== '')).toBe(true);
  },
  300_000,
);

test('list and verify name an object by its text, without what a terminal or a runner obeys', async () => {
  const place = await prepare('x\u001b[31m\n::error::pwned');
  const listed = await run(['list', `${place.host}/held/alpha:v1.0.0`], place);
  expect(listed.stdout).toBe('pipeline.tekton.dev/x\ufffd[31m ::error::pwned\n');
  await run(['ensure', '--config', place.held, '--offline'], place);
  const verified = await run(['verify', '--config', place.held], place);
  expect([verified.code, verified.stdout.includes('x\ufffd[31m ::error::pwned')]).toEqual([4, true]);
});

test('ensure and its step summary break a command of a runner by a blank', async () => {
  const place = await prepare('##[set-output name=a]b');
  const ran = await run(['ensure', '--config', place.held, '--push', '--verbose'], place);
  const summary = readFileSync(join(place.directory, 'summary'), 'utf8');
  expect([ran.code, ran.stdout.includes('# #[set-output name=a]b')]).toEqual([4, true]);
  expect(summary).toContain('##\\[set-output name=a\\]b');
});

test('JSON escapes what YAML escapes too, and both keep the value', async () => {
  const name = 'a\u009b2Jb\u202ec##[x]\n::y';
  const place = await prepare(name);
  const reference = `${place.host}/held/alpha:v1.0.0`;
  const inspected = await run(['inspect', reference, '-o', 'json'], place);
  expect(inspected.stdout).toContain('a\\u009b2Jb\\u202ec\\u0023#[x]\\n::y');
  expect(JSON.parse(inspected.stdout).annotations[name]).toBe(name);
  const listed = await run(['list', reference, '-o', 'yaml'], place);
  const [, document = ''] = listed.stdout.split('---\n');
  const { value } = parseYaml(document, { file: 'list', document: 1, line: 1 });
  const metadata = value instanceof Map ? value.get('metadata') : undefined;
  expect(metadata instanceof Map ? metadata.get('name') : undefined).toBe(name);
});

test('a registry that repeats a password in a media type does not get it printed, and digests stay', async () => {
  const place = await prepare('x');
  const typed = await run(['inspect', `${place.host}/type/a:v1.0.0`], place);
  expect([typed.code === 0, typed.stderr.includes('***')]).toEqual([false, true]);
  const { directory } = place;
  const { digest } = JSON.parse(
    (await run(['inspect', `${place.host}/held/a:v1.0.0`, '-o', 'json'], place)).stdout,
  );
  for (const secret of [digest.slice(7, 11), digest.slice(20, 30), 'held/a:v1']) {
    const environment = credentials(place.host, 'robot', secret);
    const words = ['inspect', `${place.host}/held/a:v1.0.0`, '-o', 'json'];
    const ran = await runInProcess(words, { environment, home: directory });
    expect(JSON.parse(ran.stdout)).toMatchObject({ digest, reference: `${place.host}/held/a:v1.0.0` });
  }
});

test('secrets of the environment are not printed, and short ones change no word', async () => {
  const environment = {
    DEPLOY_TOKEN: 'token-of-a-job',
    HTTPS_PROXY: 'http://user:pa%24%24word@proxy.example:3128',
    PASSWORD: 'list',
  };
  for (const word of ['token-of-a-job', 'pa%24%24word', 'pa$$word']) {
    const { stderr } = await runInProcess(['explain', `${word} x`], { environment });
    expect([stderr.includes('***'), stderr.includes(word)]).toEqual([true, false]);
  }
  expect((await runInProcess(['list', '--help'], { environment })).stdout).toContain('list');
});

/** Needs a device that takes nothing. */
test.runIf(existsSync('/dev/full'))(
  'output that cannot be written is a failure of every command',
  async () => {
    const place = await prepare('x');
    const { config } = sampleProject({ repository: 'registry.invalid/acme' });
    const all = [
      ['ensure', '--offline', '--config', config, '-o', 'json'],
      ['ensure', '--offline', '--config', config],
      ['--help'],
      ['list', '--help'],
      ['--version'],
      ['lint', place.source],
      ['lint', place.source, '-o', 'sarif'],
      ['lint', place.source, '-o', 'junit'],
      ['lint', place.source, '-o', 'codequality'],
      ['schema', 'generate', '--print', '--config', config],
      // No one learns where these listen.
      ['registry', 'serve', '--port', '0', '--root', join(place.directory, 'served')],
      ['catalog', 'serve', '--port', '0', '--state-dir', join(place.directory, 'state')],
      ['up', '--no-catalog', '--config', config],
      ['up', '--no-catalog', '--watch', '-o', 'json', '--config', config],
    ];
    const ends = await Promise.all(all.map(async (words) => [words.join(' '), await fill(words)]));
    expect(ends).toEqual(all.map((words) => [words.join(' '), { code: 9, errors: ['DISK_FULL'] }]));
    // An error that cannot be reported is a failure as well.
    expect((await fill(['lint', join(place.directory, 'missing/')], 'stderr')).code).toBe(7);
  },
);

test('a reader that goes away is not a failure', async () => {
  const child = spawn(process.execPath, [cliPath, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const errors = text(child.stderr);
  const [code] = await once(child, 'close');
  expect([code, await errors]).toEqual([0, '']);
});

/** Runs it with a stream on a full disk. */
async function fill(words: readonly string[], full: 'stdout' | 'stderr' = 'stdout') {
  const device = openSync('/dev/full', 'w');
  const stdio =
    full === 'stdout' ? (['ignore', device, 'pipe'] as const) : (['ignore', 'pipe', device] as const);
  const child = spawn(process.execPath, [cliPath, ...words], { stdio: [...stdio] });
  closeSync(device);
  const errors = child.stderr ? text(child.stderr) : '';
  const [code] = await once(child, 'close');
  return { code, errors: [...(await errors).matchAll(/^error\[(\w+)\]/gm)].map(([, found]) => found) };
}

/** Runs it as a step of GitHub Actions, and looks at all that came out. */
async function run(words: readonly string[], place: Place): Promise<InProcessRun> {
  const [output, summary] = [join(place.directory, 'output'), join(place.directory, 'summary')];
  for (const file of [output, summary]) writeFileSync(file, '');
  const ran = await runInProcess(words, {
    environment: {
      ...credentials(place.host, 'robot', password),
      GITHUB_ACTIONS: 'true',
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
    },
    home: place.directory,
    input: password,
    signal: AbortSignal.timeout(20_000),
  });
  const reports = [place.held, place.denied].flatMap((config) =>
    ['ensure', 'check'].map((mode) => join(dirname(config), '.bundles', `${mode}.json`)),
  );
  const files = [output, summary, join(place.directory, 'dotenv'), ...reports];
  for (const file of files)
    if (existsSync(file)) expectClean(readFileSync(file, 'utf8'), { where: `${file} of ${words}`, secrets });
  expectClean(ran.stdout, { where: `stdout of ${JSON.stringify(words)}`, secrets });
  expectClean(ran.stderr, { where: `stderr of ${JSON.stringify(words)}`, secrets });
  if (words.at(-1) === 'json' && ran.stdout !== '') expect(JSON.parse(ran.stdout)).toHaveProperty('error');
  return ran;
}

let prepared = 0;
const projectsMade: SampleProject[] = [];

/** Projects and files that hold the text, and the registry filled with it. */
async function prepare(text: string): Promise<Place> {
  const { host } = registry;
  registry.text = text;
  for (const repository of ['held/a', 'held/alpha']) await registry.place(repository);
  const at = join(directory.path, String(prepared++));
  mkdirSync(at);
  const quoted = JSON.stringify(text);
  const source = join(at, `${text.replace(/[/\0]/g, '').slice(0, 60)}.yaml`);
  writeFileSync(
    source,
    samplePipeline('x').replace('name: workflow', `name: ${quoted}\n  ${quoted}: ${quoted}`),
  );
  const schema = join(at, 'schema.yaml');
  writeFileSync(
    schema,
    `kind: WorkflowSchema\n${quoted}: ${quoted}\nmetadata: {name: ${quoted}, ${quoted}: 1}\nlabels: {severity: ${quoted}}\n`,
  );
  const projectAt = (name: string) => {
    const project = sampleProject({ repository: `${host}/${name}`, settings: ['publish: auto'] });
    projectsMade.push(project);
    return project;
  };
  const hostile = projectAt('hostile');
  const bundles = `bundles:\n  alpha: {files: [${quoted}], ${quoted}: 1, annotations: {${quoted}: ${quoted}}}\n  ${quoted}: {files: []}\n`;
  hostile.write(
    'bundles.yaml',
    `version: 1\nrepository: ${quoted}\ntag: v1\n${quoted}: ${quoted}\n${bundles}`,
  );
  const [held, denied] = [projectAt('held'), projectAt('denied')];
  held.write('pipelines/alpha.yaml', samplePipeline('x').replace('description: x', `description: ${quoted}`));
  return {
    text,
    host,
    directory: at,
    held: held.config,
    denied: denied.config,
    hostile: hostile.config,
    source,
    schema,
  };
}
