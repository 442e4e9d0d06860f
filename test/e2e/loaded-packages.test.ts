import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { startRegistry } from '../../src/testing/start-registry.js';
import { startLoopbackGitHub } from '../support/github/loopback-github.js';
import { cliPath, run, runCli } from '../support/run-cli.js';
import { type SampleProject, sampleProject } from '../support/sample-project.js';

const dist = join(import.meta.dirname, '..', '..', 'dist');

/** Packages that a file imports before it does anything: in one file with lazy parts, theirs would be among them. */
function loadedAtOnce(file: string): string[] {
  const text = readFileSync(join(dist, file), 'utf8');
  const imports = [
    ...(file.endsWith('.cjs') ? text.matchAll(/\brequire\(["']([^"'./][^"']*)["']\)/g) : []),
    ...text.matchAll(/(?:^|[;}])\s*(?:import|export)\s*(?:[^'";()]*?\bfrom\s*)?["']([^"'./][^"']*)["']/gm),
  ];
  return [...new Set(imports.map((match) => match[1]!))].filter((name) => !name.startsWith('node:')).sort();
}

test.each([
  'cli.cjs',
  'program.js',
  'main-job.js',
  'sign-bundle.js',
  'encrypted-key.js',
  'octokit.js',
  'sigstore-verifier.js',
])('%s imports no package before it is needed', (file) => {
  expect(loadedAtOnce(file)).toEqual([]);
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
    /(?:^|[;}])\s*(?:import|export)\s*(?:[^'";()]*?\bfrom\s*)?["']([^"'./][^"']*)["']|\bimport\(["']([^"'./][^"']*)["']\)/gm,
  );
  const names = [...found]
    .map((match) => (match[1] ?? match[2])!)
    .filter((name) => !name.startsWith('node:'));
  return names.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)![0]);
}

test('what is no dependency of the installed program is imported by no file of it', () => {
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

test('Octokit is in a file of its own, which no other file loads before a command wants it', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.c?js$/.test(file),
  );
  const holding = files.filter((file) => readFileSync(join(dist, file), 'utf8').includes('secondary-limit'));
  expect(holding).toEqual(['octokit.js']);
  for (const file of files) {
    const text = readFileSync(join(dist, file), 'utf8');
    expect(text, file).not.toMatch(/\bfrom\s*["']\.\/octokit\.js["']/);
  }
});

test('what verifies certificates is in a file of its own, which no other file loads before it is needed', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  const holding = files.filter((file) =>
    readFileSync(join(dist, file), 'utf8').includes('TLOG_INCLUSION_PROOF_ERROR'),
  );
  // Once for the commands, once for the library.
  const [chunk, ...others] = holding.sort();
  expect([chunk, others]).toEqual([
    expect.stringMatching(/^chunks.sigstore-verifier-\w+\.js$/),
    ['sigstore-verifier.js'],
  ]);
  for (const file of files) {
    const text = readFileSync(join(dist, file), 'utf8');
    expect(text, file).not.toMatch(/\b(?:from|import)\s*["'][^"']*sigstore-verifier[^"']*["']/);
  }
});

test('the part that serves a catalog loads its packages itself, and what looks for them finds them', () => {
  expect(loadedAtOnce('catalog-server.js')).toEqual(expect.arrayContaining(['hono']));
});

test('a run in which nothing changed does not load what reads sources', async () => {
  await using registry = await startRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const [cold, warm] = [await filesOf(project, 'cold'), await filesOf(project, 'warm')];
  expect(cold).toEqual(expect.arrayContaining(['main-job.js', 'from-sources.js']));
  expect(warm).toContain('main-job.js');
  expect(warm).not.toContain('from-sources.js');
  expect(cold).not.toContain('sign-bundle.js');
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
  expect([ensured, looked, proposed].map((files) => files.includes('octokit.js'))).toEqual([
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
