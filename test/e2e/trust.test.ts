import { mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../support/network/certificates.js';
import { startListeningProxy } from '../support/network/listening-proxy.js';
import { credentials, runInProcess, runJson } from '../support/program/run-in-process.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

/** Only inside names may get a token by plain http; the proxy answers for it. */
const catalogUrl = 'http://catalog.internal:8081';
const registry = 'registry.internal:5000';
const repository = `${registry}/acme`;
const login = credentials(registry, 'robot', 'sesame-word');
const token = { DATASTORAGE_TOKEN: 'sesame-token' };
const common = ['--no-push', '--timeout', '5'];

const projectWith = (settings: readonly string[]) =>
  sampleProject({ repository, settings: ['publish: never', ...settings] });

test('a token goes to no catalog that only bundles.yaml names, and the error names the line to add', async () => {
  await using proxy = await startListeningProxy();
  await using project = projectWith([`catalog: ${catalogUrl}`]);
  for (const command of ['ensure', 'check', 'register', 'verify']) {
    const environment = { ...proxy.environment, ...token };
    const { code, stderr, stdout } = await runInProcess([command, '--config', project.config], {
      environment,
    });
    expect([command, code]).toEqual([command, 2]);
    expect(stderr).toContain('error[TRUST_REQUIRED]');
    expect(stderr).toContain(`BUNDLES_CATALOG=${catalogUrl}`);
    expect(stderr + stdout).not.toContain('sesame');
  }
  const file = join(project.directory, 'token');
  writeFileSync(file, 'sesame-token');
  const byFile = await runInProcess(['ensure', '--config', project.config, '--catalog-token-file', file], {
    environment: proxy.environment,
  });
  expect([byFile.code, byFile.stderr]).toEqual([2, expect.stringContaining('error[TRUST_REQUIRED]')]);
  expect(proxy.heard).toEqual([]);
});

test('report and doctor send no token there either', async () => {
  await using proxy = await startListeningProxy();
  await using project = projectWith([`catalog: ${catalogUrl}`]);
  const options = { environment: { ...proxy.environment, ...token } };
  const html = join(project.directory, 'report.html');
  const report = await runInProcess(['report', '--html', html, '--config', project.config], options);
  expect([report.code, report.stderr]).toEqual([2, expect.stringContaining('error[TRUST_REQUIRED]')]);
  await runInProcess(['doctor', '--config', project.config, '--no-engine'], options);
  expect(proxy.heard.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
});

test.each<[string, (url: string) => { words?: readonly string[]; environment?: Record<string, string> }]>([
  ['the environment', (url) => ({ environment: { BUNDLES_CATALOG: url } })],
  ['a flag', (url) => ({ words: ['--catalog', url] })],
])('a token goes to a catalog that %s names', async (_, naming) => {
  await using proxy = await startListeningProxy(() => ({ status: 401 }));
  await using project = projectWith([`catalog: ${catalogUrl}`]);
  const { words = [], environment = {} } = naming(catalogUrl);
  const report = ['report', '--html', join(project.directory, 'report.html'), '--config', project.config];
  await runInProcess([...report, ...words], {
    environment: { ...proxy.environment, ...token, ...environment },
  });
  const asked = proxy.heard.filter(({ line }) => line.includes('catalog.internal'));
  expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer sesame-token']));
});

test('a catalog of another port or scheme than the one that was named gets no token', async () => {
  await using proxy = await startListeningProxy();
  await using project = projectWith([`catalog: ${catalogUrl}`]);
  await using home = tempDir();
  for (const named of ['https://catalog.internal:8081', 'http://catalog.internal:8082']) {
    expect((await runInProcess(['login', '--catalog', named], { home: home.path })).code).toBe(0);
  }
  const { code } = await runInProcess(['ensure', '--config', project.config], {
    environment: { ...proxy.environment, ...token },
    home: home.path,
  });
  expect([code, proxy.heard]).toEqual([2, []]);
});

test('login --catalog on this machine is enough, and logout takes it back', async () => {
  await using proxy = await startListeningProxy(() => ({
    status: 200,
    body: JSON.stringify({ workflows: [], total: 0, limit: 1, offset: 0 }),
  }));
  await using project = projectWith([`catalog: ${catalogUrl}`]);
  await using home = tempDir();
  const options = { home: home.path, environment: proxy.environment };
  const kept = await runInProcess(['login', '--catalog', catalogUrl, '--password-stdin'], {
    ...options,
    input: 'sesame-token\n',
  });
  expect([kept.code, kept.stderr]).toEqual([0, '']);
  expect(proxy.heard.map(({ authorization }) => authorization)).toEqual(['Bearer sesame-token']);
  const file = join(home.path, '.config', 'tekton-bundles', 'catalogs.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    version: 1,
    catalogs: { [catalogUrl]: { token: 'sesame-token' } },
  });
  const html = join(project.directory, 'report.html');
  await runInProcess(['report', '--html', html, '--config', project.config], options);
  const asked = proxy.heard.filter(({ line }) => line.includes('catalog.internal'));
  expect(asked.length).toBeGreaterThan(1);
  expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer sesame-token']));
  const out = await runInProcess(['logout', '--catalog', catalogUrl, '-o', 'json'], options);
  expect(JSON.parse(out.stdout)).toEqual({ version: 1, catalog: catalogUrl, file, error: null });
  const after = await runInProcess(['ensure', '--config', project.config], {
    ...options,
    environment: { ...proxy.environment, ...token },
  });
  expect(after.stderr).toContain('error[TRUST_REQUIRED]');
});

test('a token that the catalog refuses is not kept', async () => {
  await using proxy = await startListeningProxy(() => ({ status: 401 }));
  await using home = tempDir();
  const { code, stderr } = await runInProcess(['login', '--catalog', catalogUrl, '--password-stdin'], {
    home: home.path,
    environment: proxy.environment,
    input: 'sesame-token',
  });
  expect([code, stderr]).toEqual([8, expect.stringContaining('error[CATALOG_REFUSED]')]);
  expect(() => statSync(join(home.path, '.config'))).toThrow();
});

/** Settings of a registry in bundles.yaml that weaken or redirect what is sent to it. */
const weakening = [
  ['plainHttp', '{plainHttp: true}'],
  ['insecureSkipTlsVerify', '{insecureSkipTlsVerify: true}'],
  ['caFile', '{caFile: ca.pem}'],
  ['mirrors', '{mirrors: [mirror.example:5000]}'],
] as const;

test.each(weakening)(
  'with a credential, %s of bundles.yaml is not trusted unless requested',
  async (key, value) => {
    await using proxy = await startListeningProxy();
    await using project = projectWith([`registries: {"${registry}": ${value}}`]);
    project.write('ca.pem', selfSigned().cert);
    const environment = { ...proxy.environment, ...login };
    for (const command of ['ensure', 'check', 'verify']) {
      const { code, stderr, stdout } = await runInProcess([command, '--config', project.config], {
        environment,
      });
      expect([command, code]).toEqual([command, 2]);
      expect(stderr).toContain('error[TRUST_REQUIRED]');
      expect(stderr).toContain(`sets ${key} for that host`);
      expect(stderr).toContain(`--trust-registry ${registry}`);
      expect(stderr + stdout).not.toContain('sesame');
    }
    expect(proxy.heard).toEqual([]);
  },
);

test.each([
  ['--trust-registry', ['--trust-registry', registry], {}],
  ['BUNDLES_TRUST_REGISTRY', [], { BUNDLES_TRUST_REGISTRY: `quay.io, ${registry}` }],
  ['--plain-http', ['--plain-http', registry], {}],
] as const)('%s on this machine allows it', async (_, words, variables) => {
  await using proxy = await startListeningProxy(() => ({ status: 401 }));
  await using project = projectWith([`registries: {"${registry}": {plainHttp: true}}`]);
  const environment = { ...proxy.environment, ...login, ...variables };
  const { stderr } = await runInProcess(['ensure', '--config', project.config, ...common, ...words], {
    environment,
  });
  expect(stderr).not.toContain('TRUST_REQUIRED');
  expect(proxy.heard.length).toBeGreaterThan(0);
});

test.each(weakening)(
  'login --trust-config allows %s as it is, asks again where it changes, and logout takes it back',
  async (key, value) => {
    await using proxy = await startListeningProxy(() => ({ status: 401 }));
    await using project = projectWith([`registries: {"${registry}": ${value}}`]);
    await using home = tempDir();
    const file = join(home.path, '.config', 'tekton-bundles', 'registries.json');
    project.write('ca.pem', selfSigned().cert);
    const options = { home: home.path, environment: { ...proxy.environment, ...login } };
    const ensure = async (settings?: string) => {
      if (settings !== undefined) {
        const text = readFileSync(project.config, 'utf8');
        project.write(
          'bundles.yaml',
          text.replace(/^registries: .*$/m, `registries: {"${registry}": ${settings}}`),
        );
      }
      return runInProcess(['ensure', '--config', project.config, ...common], options);
    };
    const agree = () => runInProcess(['login', registry, '--trust-config', project.config], options);

    expect((await ensure()).stderr).toContain('error[TRUST_REQUIRED]');
    expect(proxy.heard).toEqual([]);
    expect(await agree()).toMatchObject({ code: 0, stderr: '' });
    expect(proxy.heard).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    expect((await ensure()).stderr).not.toContain('TRUST_REQUIRED');
    const before = proxy.heard.length;
    expect(before).toBeGreaterThan(0);

    // Under the same name the file of caFile holds another authority.
    project.write('ca.pem', selfSigned().cert);
    const changed = await ensure(changedFrom(key));
    expect([changed.code, changed.stderr]).toEqual([
      2,
      expect.stringContaining('other settings on this machine'),
    ]);
    expect(proxy.heard.length).toBe(before);

    expect((await agree()).code).toBe(0);
    expect((await ensure()).stderr).not.toContain('TRUST_REQUIRED');
    const after = proxy.heard.length;
    expect(after).toBeGreaterThan(before);
    const out = await runInProcess(['logout', registry, '-o', 'json'], options);
    expect(JSON.parse(out.stdout)).toMatchObject({ registry, trust: file });
    expect((await ensure()).stderr).toContain('error[TRUST_REQUIRED]');
    expect(proxy.heard.length).toBe(after);
  },
);

/** Other settings than those of `weakening`; for caFile the file of the same name changes. */
function changedFrom(key: (typeof weakening)[number][0]): string {
  if (key === 'caFile') return '{caFile: ca.pem}';
  return key === 'mirrors'
    ? '{mirrors: [mirror.example:5000, other.example]}'
    : `{${key}: true, mirrors: [other.example]}`;
}

test('what login trusts for one registry does not apply to another, to another port or to another checkout', async () => {
  await using proxy = await startListeningProxy();
  await using home = tempDir();
  await using project = projectWith([`registries: {"${registry}": {plainHttp: true}}`]);
  const options = { home: home.path, environment: { ...proxy.environment, ...login } };
  for (const other of ['registry.internal', 'registry.internal:5001', 'quay.io']) {
    expect((await runInProcess(['login', other, '--trust-config', project.config], options)).code).toBe(0);
  }
  await using checkout = projectWith([`registries: {"${registry}": {insecureSkipTlsVerify: true}}`]);
  expect((await runInProcess(['login', registry, '--trust-config', checkout.config], options)).code).toBe(0);
  const { code, stderr } = await runInProcess(['ensure', '--config', project.config], options);
  expect([code, stderr]).toEqual([2, expect.stringContaining('error[TRUST_REQUIRED]')]);
  expect(proxy.heard).toEqual([]);
});

test('a file of trusted settings that is damaged is not passed over', async () => {
  await using proxy = await startListeningProxy();
  await using home = tempDir();
  await using project = projectWith([`registries: {"${registry}": {plainHttp: true}}`]);
  const directory = join(home.path, '.config', 'tekton-bundles');
  mkdirSync(directory, { recursive: true });
  const options = { home: home.path, environment: { ...proxy.environment, ...login } };
  for (const text of ['', '[]', `{"registries":{"${registry}":{"settings":[true]}}}`]) {
    writeFileSync(join(directory, 'registries.json'), text);
    const { code, stderr } = await runInProcess(['ensure', '--config', project.config], options);
    expect([text, code, stderr]).toEqual([text, 2, expect.stringContaining('error[CREDENTIALS_INVALID]')]);
  }
  expect(proxy.heard).toEqual([]);
});

test('a credential for a namespace of the registry counts as well', async () => {
  await using proxy = await startListeningProxy();
  await using project = projectWith([`registries: {"${registry}": {plainHttp: true}}`]);
  const environment = { ...proxy.environment, ...credentials(repository, 'robot', 'sesame-word') };
  const { code } = await runInProcess(['ensure', '--config', project.config], { environment });
  expect([code, proxy.heard]).toEqual([2, []]);
});

test('without a credential there is nothing to lose: the settings hold', async () => {
  await using proxy = await startListeningProxy(() => ({
    status: 404,
    body: '{"errors":[{"code":"NAME_UNKNOWN"}]}',
  }));
  await using project = projectWith([`registries: {"${registry}": {plainHttp: true}}`]);
  const { code } = await runJson(['ensure', '--config', project.config], { environment: proxy.environment });
  expect(code).toBe(0);
  expect(proxy.heard.length).toBeGreaterThan(0);
  expect(proxy.heard.every(({ authorization }) => authorization === undefined)).toBe(true);
});

test('settings of bundles.yaml weaken nothing for a catalog that gets a token', async () => {
  await using proxy = await startListeningProxy();
  const settings = [
    'catalog: https://catalog.example',
    'registries: {catalog.example: {insecureSkipTlsVerify: true}}',
  ];
  await using project = projectWith(settings);
  const { code, stderr } = await runInProcess(['ensure', '--config', project.config, ...common], {
    environment: { ...proxy.environment, ...token, BUNDLES_CATALOG: 'https://catalog.example' },
  });
  expect([code, stderr]).toEqual([2, expect.stringContaining('error[TRUST_REQUIRED]')]);
  expect(proxy.heard.filter(({ line }) => line.includes('catalog.example'))).toEqual([]);
});

test('a client certificate is shown to no registry that only bundles.yaml names', async () => {
  await using proxy = await startListeningProxy();
  await using project = projectWith([]);
  const pair = selfSigned();
  project.write('own.pem', pair.cert);
  project.write('own.key', pair.key);
  const certificate = [
    ...['--cert-file', join(project.directory, 'own.pem'), '--key-file', join(project.directory, 'own.key')],
  ];
  const words = ['ensure', '--config', project.config, ...common, ...certificate];
  const refused = await runInProcess(words, { environment: proxy.environment });
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining(`--trust-registry ${registry}`),
  ]);
  expect(proxy.heard).toEqual([]);
  await using home = tempDir();
  await runInProcess(['login', registry, '--trust-config', project.config], { home: home.path });
  for (const { more = [], options = {} } of [
    { more: ['--trust-registry', registry] },
    { more: ['--repository', repository] },
    { options: { home: home.path } },
  ]) {
    const before = proxy.heard.length;
    const { stderr } = await runInProcess([...words, ...more], {
      environment: proxy.environment,
      ...options,
    });
    expect(stderr).not.toContain('TRUST_REQUIRED');
    expect(proxy.heard.length).toBeGreaterThan(before);
  }
});

test('a token never follows a note of a running catalog, and a note of a stranger is not followed at all', async () => {
  const heard: { readonly url: string | undefined; readonly authorization: string | undefined }[] = [];
  const stranger = createServer((request, response) => {
    heard.push({ url: request.url, authorization: request.headers.authorization });
    response.writeHead(200, { 'bundles-serving-proof': '0'.repeat(64) }).end('{"workflows":[],"total":0}');
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void stranger.close());
  await using project = sampleProject({ repository, settings: ['publish: never', 'catalog: embedded'] });
  const notes = join(project.directory, '.bundles', 'catalog', '.serving');
  mkdirSync(notes, { recursive: true });
  const instance = '11111111-1111-4111-8111-111111111111';
  const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  writeFileSync(join(notes, `${instance}.json`), JSON.stringify({ url, instance }));
  await using proxy = await startListeningProxy();
  const { bundle } = await runJson(['ensure', '--config', project.config], {
    environment: { ...proxy.environment, ...token },
  });
  expect(bundle.workflow?.action).toBe('created');
  expect(heard.map(({ authorization }) => authorization)).toEqual(heard.map(() => undefined));
  expect(new Set(heard.map(({ url: path }) => path))).toEqual(new Set(['/health/live']));
});

/** What a program would print of a file that it takes for one of its own. */
const secretTexts = ['sesame-word', 'sesame-word: 1\n', '{"auths": {"sesame-word": {}}}', '- sesame-word\n'];
const ownFiles = [
  'bundles.yaml',
  'bundles.lock',
  '.bundles/state.json',
  'schemas/alpha-workflow-schema.yaml',
  'pipelines/alpha.yaml',
];

test.each(ownFiles)('nothing is shown of a file to which a link in place of %s leads', async (name) => {
  await using proxy = await startListeningProxy();
  await using elsewhere = tempDir();
  const secret = join(elsewhere.path, 'token');
  const codes: Record<string, number[]> = {};
  for (const text of secretTexts) {
    writeFileSync(secret, text);
    await using project = projectWith([]);
    const first = await runInProcess(['ensure', '--config', project.config, '--offline'], {});
    expect([first.code, first.stderr]).toEqual([0, expect.any(String)]);
    const path = join(project.directory, name);
    rmSync(path, { force: true });
    symlinkSync(secret, path);
    for (const command of [
      'ensure',
      'check',
      'verify',
      'lint',
      'schema validate',
      'build',
      'run alpha',
      'bump alpha',
      'list',
    ]) {
      const words = [...command.split(' '), '--config', project.config];
      const ran = await runInProcess(words, { environment: proxy.environment });
      expect([command, ran.stdout + ran.stderr]).toEqual([
        command,
        expect.not.stringContaining('sesame-word'),
      ]);
      codes[command] = [...(codes[command] ?? []), ran.code];
    }
    expect(readFileSync(secret, 'utf8')).toBe(text);
  }
  // Whether or not a command needs the file, none of them crashes.
  expect(Object.values(codes).flat()).not.toContain(1);
  if (name !== '.bundles/state.json') expect(new Set(codes.ensure)).not.toEqual(new Set([0]));
});

test('a link that stays in its directory is read, as a mounted ConfigMap has them', async () => {
  await using project = projectWith([]);
  const versions = join(project.directory, '..data');
  mkdirSync(versions);
  renameSync(project.config, join(versions, 'bundles.yaml'));
  symlinkSync('..data/bundles.yaml', project.config);
  expect((await runInProcess(['ensure', '--config', project.config, '--offline'])).code).toBe(0);
});
