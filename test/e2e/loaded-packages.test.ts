import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { startRegistry } from '../../src/testing/start-registry.js';
import { startLoopbackGitHub } from '../support/github/loopback-github.js';
import { cliPath, run, runCli } from '../support/program/run-cli.js';
import { type SampleProject, sampleProject } from '../support/samples/sample-project.js';

const dist = join(import.meta.dirname, '..', '..', 'dist');

const command = join(dist, 'command');

/** Files of the command line that a file of it loads before it does anything, and the packages that these load. */
function loadedAtOnce(file: string): { readonly files: string[]; readonly packages: string[] } {
  const files = new Set([file]);
  const packages = new Set<string>();
  for (const name of files) {
    for (const [, wanted = ''] of readFileSync(join(command, name), 'utf8').matchAll(
      /(?<!=>)\brequire\(["'`]([^"'`]+)["'`]\)/g,
    )) {
      if (wanted.startsWith('.')) files.add(basename(wanted));
      else if (!isBuiltin(wanted)) packages.add(wanted);
    }
  }
  return { files: [...files], packages: [...packages].sort() };
}

test.each([
  'cli.cjs',
  'program.cjs',
  'main-job.cjs',
  'sign-bundle.cjs',
  'encrypted-key.cjs',
  'octokit.cjs',
  'sigstore-verifier.cjs',
])('%s imports no package before it is needed', (file) => {
  expect(loadedAtOnce(file).packages).toEqual([]);
});

test('what only prints is one file, and the main job three', () => {
  expect(loadedAtOnce('cli.cjs').files).toEqual(['cli.cjs']);
  expect(loadedAtOnce('main-job.cjs').files.sort()).toEqual([
    'cli.cjs',
    'main-job.cjs',
    'rolldown-runtime.cjs',
  ]);
});

test('ensure starts without the parts of Node that few runs need', async () => {
  const tell = "process.once('exit', () => console.error(process.moduleLoadList.join('\\n')));";
  const first = ['--import', `data:text/javascript,${encodeURIComponent(tell)}`];
  const { code, stderr } = await run(process.execPath, [...first, cliPath, 'ensure', '--help']);
  const loaded = stderr.split('\n').map((line) => line.replace(/^NativeModule /, ''));
  expect([code, loaded.includes('fs')]).toEqual([0, true]);
  const rare = [
    'child_process',
    'http2',
    'https',
    'tls',
    'internal/crypto/webcrypto',
    'internal/deps/undici/undici',
  ];
  expect(loaded.filter((name) => rare.includes(name))).toEqual([]);
});

/** Packages that a file imports at any time, as far as an import is one of code and not of a comment. */
function packagesIn(text: string): string[] {
  const found = text.matchAll(
    /(?:^|[;}])\s*(?:import|export)\s*(?:[^'";()]*?\bfrom\s*)?["']([^"'./][^"']*)["']|\b(?:import|require)\(["'`]([^"'`./][^"'`]*)["'`]\)/gm,
  );
  const names = [...found].map((match) => (match[1] ?? match[2])!).filter((name) => !isBuiltin(name));
  return names.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)![0]);
}

test('what is not a dependency of the installed program is imported by no file of it', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.c?js$/.test(file),
  );
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(dist, '..', 'package.json'), 'utf8'),
  ) as Record<string, Record<string, string>>;
  const installed = new Set(Object.keys({ ...dependencies, ...peerDependencies, 'tekton-bundles': '' }));
  const importing = files.flatMap((file) =>
    packagesIn(readFileSync(join(dist, file), 'utf8'))
      .filter((name) => !installed.has(name))
      .map((name) => `${file} imports ${name}`),
  );
  expect([files.length > 10, importing]).toEqual([true, []]);
});

test.each([
  ['Octokit', 'secondary-limit', 'octokit.cjs'],
  ['what verifies certificates', 'TLOG_INCLUSION_PROOF_ERROR', 'sigstore-verifier.cjs'],
])('%s is in a file of its own, which no other file loads before a command wants it', (_what, mark, own) => {
  const files = readdirSync(command);
  expect(files.filter((file) => readFileSync(join(command, file), 'utf8').includes(mark))).toEqual([own]);
  const early = files.filter(
    (file) => file !== own && readFileSync(join(command, file), 'utf8').includes(`=require("./${own}")`),
  );
  expect(early).toEqual([]);
});

test('the part that serves a catalog loads its packages itself, and what looks for them finds them', () => {
  expect(loadedAtOnce('start-serving.cjs').packages).toEqual(expect.arrayContaining(['hono']));
});

test('a run in which nothing changed does not load what reads sources', async () => {
  await using registry = await startRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const [cold, warm] = [await filesOf(project, 'cold'), await filesOf(project, 'warm')];
  expect(cold).toEqual(expect.arrayContaining(['main-job.cjs', 'from-sources.cjs']));
  expect(warm).toContain('main-job.cjs');
  expect(warm).not.toContain('from-sources.cjs');
  expect(cold).not.toContain('sign-bundle.cjs');
});

test('a run in which nothing changed calls for no module of Node that only other runs need', async () => {
  await using registry = await startRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const hook = join(project.directory, 'hook.cjs');
  writeFileSync(
    hook,
    `const { getBuiltinModule } = process;
    process.getBuiltinModule = (id) => {
      process.stderr.write('asked for ' + id + '\\n');
      return getBuiltinModule(id);
    };`,
  );
  const asked = async () => {
    const words = ['--require', hook, cliPath, 'ensure', '--push', '--config', project.config];
    const { code, stderr } = await run(process.execPath, words);
    expect([code, stderr.includes('asked for node:fs\n')], stderr).toEqual([0, true]);
    return ['node:fs/promises', 'node:zlib'].filter((id) => stderr.includes(`asked for ${id}\n`));
  };
  expect(await asked()).toContain('node:zlib');
  expect(await asked()).toEqual([]);
});

test('Octokit is loaded for a pull request, and not by what only looks at files', async () => {
  await using github = await startLoopbackGitHub();
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const ensured = await filesOf(project, 'ensure', { words: ['ensure', '--offline'] });
  const env = {
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: github.repository,
    GITHUB_TOKEN: github.token,
  };
  const looked = await filesOf(project, 'look', { words: ['update-refs', '--check'], env });
  const proposed = await filesOf(project, 'propose', { words: ['update-refs', '--pull-request'], env });
  expect([ensured, looked, proposed].map((files) => files.includes('octokit.cjs'))).toEqual([
    false,
    false,
    true,
  ]);
});

/** The files of ours that a command, `ensure` for example, loads, as Node's coverage lists them. */
async function filesOf(
  { directory, config }: SampleProject,
  name: string,
  { words = ['ensure', '--push'], env = {} }: { words?: string[]; env?: Record<string, string> } = {},
): Promise<string[]> {
  const coverage = join(directory, name);
  const { code } = await runCli([...words, '--config', config], {
    env: { ...env, NODE_V8_COVERAGE: coverage },
  });
  expect(code).toBe(0);
  const reports = readdirSync(coverage).map((file) => readFileSync(join(coverage, file), 'utf8'));
  const urls = reports.flatMap((report) => JSON.parse(report).result.map(({ url }: { url: string }) => url));
  return urls.filter((url) => url.includes('/dist/')).map((url) => basename(url));
}
