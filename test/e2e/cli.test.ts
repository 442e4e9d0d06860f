import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { version } from '../../src/version.js';
import { cliPath, run, runCli } from '../support/program/run-cli.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

test('--version prints the version alone', async () => {
  for (const flag of ['--version', '-V']) {
    const ran = await runCli([flag]);
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([0, `${version}\n`, '']);
  }
});

test('--help, -h and help list the commands on standard output', async () => {
  for (const words of [
    ['--help'],
    ['-h'],
    ['help'],
    ['help', 'ensure'],
    ['ensure', '--help'],
    ['registry', '-h'],
  ]) {
    const ran = await runInProcess(words);
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(/^Usage: npx tekton-bundles /);
  }
});

test.each([
  [[], 'Cannot run: no command is given', 'bundles --help'],
  [['registry'], 'Cannot run registry: it needs a command', 'bundles registry --help'],
  [['--config', 'x.yaml', 'check'], "option '--config' precedes the command", 'bundles check --config'],
  [['ensrue'], "unknown command 'ensrue'", 'Did you mean ensure?'],
  [['registry', 'sevre'], "unknown command 'sevre'", 'Did you mean registry serve?'],
  [['bundle', 'list'], "unknown command 'bundle'", 'Did you mean list?'],
  [['validate'], "unknown command 'validate'", 'Did you mean lint?'],
  [['check', '--on-different', 'faill'], 'fail, fallback, reuse, overwrite', 'Did you mean fail?'],
  [['ensure', '--dryrun'], "unknown option '--dryrun'", 'Did you mean --dry-run?'],
  [['-C'], 'argument missing', 'bundles -C DIRECTORY'],
  [
    ['help', 'nope'],
    "unknown command or subject 'nope'",
    'bundles --help lists the commands and the subjects of help',
  ],
  [['ensure', '--no-psuh'], "unknown option '--no-psuh'", 'Did you mean --no-push?'],
  [['ensure', '--config'], 'argument missing', 'bundles ensure --help'],
  [['copy'], "missing required argument 'source'", 'bundles copy --help'],
  [['init', 'a', 'b'], 'too many arguments', 'bundles init --help'],
  [['check', '-o', 'xml'], 'Allowed choices are text, json', 'text, json'],
])('a command line that cannot be read: %j', async (words, message, hint) => {
  const ran = await runInProcess(words);
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(/^error\[USAGE\]: [^\n]*[^.\n]\nhint: [^\n]+\n$/);
  expect(ran.stderr).toContain(message);
  expect(ran.stderr).toContain(hint);
});

test('-C works in another directory, in front of the command and behind it, one seen from the other', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const { directory } = project;
  for (const words of [
    ['-C', directory, 'check', '--offline'],
    ['check', '--offline', '-C', directory],
    ['-C', directory, '-C', 'pipelines', 'check', '--offline', '-C..'],
  ]) {
    const ran = await runCli(words);
    expect([ran.code, ran.stderr.includes('error')], ran.stderr).toEqual([0, false]);
  }
  const file = join(directory, 'bundles.yaml');
  for (const place of [join(directory, 'nowhere'), file]) {
    const ran = await runCli(['-C', place, 'check']);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain('error[USAGE]: Cannot enter the directory');
  }
});

test.each([
  [['ensrue', '--output', 'json'], 'USAGE'],
  [['ensure', '--frozn', '-o', 'json'], 'USAGE'],
  [['digest', '--output=json'], 'USAGE'],
  [['ensure', '-ojson', '--config', '/nowhere/bundles.yaml'], 'CONFIG_NOT_FOUND'],
  [['-o', 'json'], 'USAGE'],
])('an error in JSON form for %j', async (words, code) => {
  const ran = await runInProcess(words);
  expect(ran.code).toBe(2);
  const document = JSON.parse(ran.stdout) as { error: object };
  const keys =
    words[0] === 'digest' ? { name: null, digest: null, reference: null } : { bundles: [], summary: null };
  expect(document).toMatchObject({ version: 1, ...keys, error: { code } });
  expect(Object.keys(document.error)).toEqual(['code', 'message', 'hint', 'details']);
  expect(ran.stderr).toContain(`error[${code}]`);
});

test('--quiet leaves the result and the errors', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const environment = { CI: 'true' };
  const loud = await runInProcess(['ensure', '--config', project.config], { environment });
  expect(loud.stderr).toContain('publishing');
  project.write(
    'pipelines/alpha.yaml',
    `${readFileSync(join(project.directory, 'pipelines/alpha.yaml'), 'utf8')}\n---\n`,
  );
  const quiet = await runInProcess(['ensure', '--config', project.config, '--quiet', '--tag', 'v2.0.0'], {
    environment,
  });
  expect([quiet.code, quiet.stderr]).toEqual([0, '']);
  expect(quiet.stdout).toContain('published');
  expect((await runInProcess(['ensure', 'nope', '--config', project.config, '-q'])).stderr).toContain(
    'error[USAGE]',
  );
});

const colour = '\u001b[';

test('colours are for terminals, FORCE_COLOR asks for them, NO_COLOR and --no-color forbid them', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const words = ['ensure', '--offline', '--config', project.config];
  const shown = async (more: readonly string[], environment: Record<string, string>) =>
    (await runInProcess([...words, ...more], { environment })).stdout.includes(colour);
  expect(await shown([], {})).toBe(false);
  expect(await shown([], { FORCE_COLOR: '1' })).toBe(true);
  expect(await shown([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  expect(await shown(['--no-color'], { FORCE_COLOR: '1' })).toBe(false);
  expect(await shown(['--output', 'json'], { FORCE_COLOR: '1' })).toBe(false);
});

test('a reader that goes away early is not a failure', async () => {
  await using project = sampleProject({
    repository: 'registry.invalid/acme',
    bundles: Array.from({ length: 60 }, (_, index) => `bundle-${index}`),
  });
  const program = `"${process.execPath}" "${cliPath}"`;
  for (const command of ['--help', `check --offline --output json --config "${project.config}"`]) {
    const reader = `"${process.execPath}" -e "process.stdin.once('data', () => process.exit())"`;
    const script = `{ { ${program} ${command}; echo "exit $?" >&3; } | ${reader}; } 3>&1`;
    const ran = await run('sh', ['-c', script]);
    expect([ran.stdout, ran.stderr]).toEqual(['exit 0\n', '']);
  }
});

test('a reader of progress that goes away does not end the work', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha', 'beta'] });
  const ensure = `"${process.execPath}" "${cliPath}" ensure --verbose --config "${project.config}"`;
  const { stdout } = await run('sh', ['-c', `{ { ${ensure} 2>&1 >&3; echo "exit $?" >&3; } | :; } 3>&1`]);
  expect(stdout).toMatch(/2 published.*\nexit 0\n$/s);
});

test('a machine without HOME and without a known user', async () => {
  await using directory = tempDir();
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const ran = await runCli(['ensure', '--offline', '--config', project.config], {
    cwd: directory.path,
    env: { HOME: undefined },
  });
  expect(ran.code).toBe(0);
});
