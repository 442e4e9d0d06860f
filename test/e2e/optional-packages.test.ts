import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toBundlesError } from '../../src/errors.js';
import { programForEverybody } from '../support/program/other-user.js';
import { run } from '../support/program/run-cli.js';
import { sampleProject } from '../support/samples/sample-project.js';

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as Manifest;

const kubeconfig = `apiVersion: v1
kind: Config
current-context: test
clusters: [{name: test, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: test, user: {}}]
contexts: [{name: test, context: {cluster: test, user: test}}]
`;

test.each([
  ['@kubernetes/client-node', 'registry deploy', ['registry', 'deploy']],
  ['@kubernetes/client-node', 'with a kind cluster', ['with', '--cluster', 'kind', '--', 'true']],
  ['@electric-sql/pglite', 'catalog serve', ['catalog', 'serve', '--port', '0']],
  ['@electric-sql/pglite', 'up', ['up']],
  [
    'pg',
    'catalog serve --database',
    ['catalog', 'serve', '--port', '0', '--database', 'postgres://127.0.0.1:9/x'],
  ],
])('without %s, %s names the line that installs it', async (name, _, words) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  project.write('kubeconfig', kubeconfig);
  const { node, cli } = programForEverybody();
  const ran = await run(node, [cli, ...words], {
    cwd: project.directory,
    env: { KUBECONFIG: join(project.directory, 'kubeconfig') },
  });
  expect([ran.code, ran.stderr]).toEqual([9, expect.stringContaining('error[PACKAGE_MISSING]')]);
  expect(ran.stderr).toContain(`npm install ${name}@`);
  expect(ran.stderr.includes('--no-catalog')).toBe(words[0] === 'up');
});

test('a program without the optional packages does everything else', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const { node, cli } = programForEverybody();
  for (const words of [
    ['ensure', '--offline'],
    ['lint'],
    ['export', 'alpha', '--format', 'oci-archive', '--to', '.'],
  ]) {
    const ran = await run(node, [cli, ...words], { cwd: project.directory });
    expect([words[0], ran.code, ran.stderr.includes('PACKAGE_MISSING')]).toEqual([words[0], 0, false]);
  }
});

test('each optional peer has a line to type whose version package.json accepts', () => {
  const names = Object.keys(manifest.peerDependencies);
  expect(Object.keys(manifest.peerDependenciesMeta).sort()).toEqual([...names].sort());
  for (const name of names) {
    expect(manifest.peerDependenciesMeta[name], name).toEqual({ optional: true });
    const error = toBundlesError(new Error(`Cannot find package '${name}' imported from /x/y.js`));
    const { install, neededBy } = error.details as { install: string; neededBy: string };
    const [wanted = ''] = /[\d.]+$/.exec(install) ?? [];
    expect([error.code, install, neededBy.length > 5], name).toEqual([
      'PACKAGE_MISSING',
      `npm install ${name}@${wanted}`,
      true,
    ]);
    expect(error.hint).toContain(install);
    // The version is the beginning of the caret range, cut where the range ends.
    const [major, minor] = manifest.peerDependencies[name]!.replace('^', '').split('.');
    expect(wanted, name).toBe(major === '0' ? `0.${minor}` : major);
  }
  // Anything else that is missing means a broken installation.
  const [broken = ''] = Object.keys(manifest.dependencies);
  const error = toBundlesError(new Error(`Cannot find package '${broken}' imported from /x/y.js`));
  expect(error.details).toMatchObject({
    package: broken,
    neededBy: null,
    install: 'npm install tekton-bundles',
  });
});
