import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Diagnosis } from '../../src/doctor/diagnose.js';
import { BundlesError } from '../../src/errors.js';
import { startCatalog } from '../../src/testing/start-catalog.js';
import { serveDataStorage } from '../support/catalog/served-data-storage.js';
import { startKubeApiServer } from '../support/cluster/kube-api-server.js';
import { standInPodman } from '../support/engines/stand-in-podman.js';
import { startTlsProxy } from '../support/network/tls-proxy.js';
import { bad, type CommandRun, good } from '../support/program/command-cases.js';
import { credentials, type InProcessOptions, runInProcess } from '../support/program/run-in-process.js';
import { writeProgram } from '../support/program/write-program.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { type SampleProject, samplePipeline, sampleProject } from '../support/samples/sample-project.js';

/** The words that a set-up gives the command, and what is open until it has ended. */
interface SetUp {
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly open?: AsyncDisposable;
}

interface World {
  readonly registry: GuardedRegistry;
  readonly project: SampleProject;
  /** Declares the project again. */
  declare(changes: { readonly repository?: string; readonly settings?: readonly string[] }): void;
}

async function world(): Promise<World & AsyncDisposable> {
  const registry = await startGuardedRegistry({
    anonymous: 'nothing',
    users: { robot: { password: 'sesame', may: 'push' } },
  });
  const project = sampleProject({ repository: `${registry.host}/acme` });
  return {
    registry,
    project,
    declare({ repository = `${registry.host}/acme`, settings = [] }) {
      const bundles = ['bundles:', '  alpha: {files: [pipelines/alpha.yaml]}'];
      const lines = ['version: 1', `repository: ${repository}`, 'tag: v1.0.0', ...settings, ...bundles];
      project.write('bundles.yaml', `${lines.join('\n')}\n`);
    },
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

const login = ({ registry }: World) => credentials(registry.host, 'robot', 'sesame');
const documentOf = ({ stdout }: CommandRun) => JSON.parse(stdout) as Diagnosis;
const linksOf = (run: CommandRun, state: string) =>
  documentOf(run).links.filter((one) => one.state === state);

/** A closed port, which no unprivileged program of this machine can open in the meantime. */
const closedHost = '127.0.0.1:1';

/** An engine that answers nothing, before the PATH. */
function hangingPodman({ project }: World): { readonly PATH: string } {
  const directory = join(project.directory, 'programs');
  writeProgram(directory, 'podman', ['exec sleep 60']);
  return { PATH: `${directory}:${process.env.PATH}` };
}

/** Each breaks one thing; then the link that must be named first, its code, its exit status and words of the remedy. */
const broken: readonly [string, (world: World) => SetUp | Promise<SetUp>, string, string, number, RegExp][] =
  [
    // First, since it takes longest and the others go on beside it.
    [
      'the engine hangs',
      (world) => ({
        words: ['--engine', 'podman', '--timeout', '10'],
        environment: { ...login(world), ...hangingPodman(world) },
      }),
      ...(['engine', 'ENGINE_FAILED', 9, /podman info/] as const),
    ],
    [
      'there is no bundles.yaml',
      ({ project }) => {
        rmSync(project.config);
        return {};
      },
      ...(['configuration', 'CONFIG_NOT_FOUND', 2, /init|--config/] as const),
    ],
    [
      'bundles.yaml is not YAML',
      ({ project }) => {
        project.write('bundles.yaml', 'version: 1\nbundles: [\n');
        return {};
      },
      ...(['configuration', 'CONFIG_INVALID', 2, /./] as const),
    ],
    [
      'bundles.yaml has a member that is none',
      (world) => {
        world.declare({ settings: ['falback: none'] });
        return {};
      },
      ...(['configuration', 'CONFIG_INVALID', 2, /fallback|configuration/] as const),
    ],
    [
      'the lock holds a conflict',
      ({ project }) => {
        project.write('bundles.lock', '<<<<<<< ours\nversion: 1\n=======\nversion: 1\n>>>>>>> theirs\n');
        return {};
      },
      ...(['configuration', 'LOCK_INVALID', 2, /git checkout/] as const),
    ],
    [
      'a declared file is missing',
      ({ project }) => {
        rmSync(join(project.directory, 'pipelines', 'alpha.yaml'));
        return {};
      },
      ...(['sources', 'SOURCE_NOT_FOUND', 7, /./] as const),
    ],
    [
      'a source is not YAML',
      ({ project }) => {
        project.write('pipelines/alpha.yaml', 'kind: [\n');
        return {};
      },
      ...(['sources', 'YAML_INVALID', 7, /Correct|tkn/] as const),
    ],
    [
      'a source holds an object that is none of Tekton',
      ({ project }) => {
        project.write('pipelines/alpha.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
        return {};
      },
      ...(['sources', 'OBJECT_INVALID', 7, /./] as const),
    ],
    [
      'the registry has no address',
      (world) => {
        world.declare({ repository: 'registry.invalid/acme' });
        return {};
      },
      ...(['registry', 'REGISTRY_UNREACHABLE', 6, /host name|resolve/] as const),
    ],
    [
      'nothing listens at the registry',
      async (world) => {
        world.declare({ repository: `${closedHost}/acme` });
        return {};
      },
      ...(['registry', 'REGISTRY_UNREACHABLE', 6, /Nothing listens/] as const),
    ],
    [
      "the registry's certificate is of a private authority",
      async (world) => {
        const open = await startTlsProxy(world.registry.host);
        world.declare({ repository: `${open.host}/acme` });
        return { open };
      },
      ...(['registry', 'REGISTRY_UNREACHABLE', 6, /--ca-file/] as const),
    ],
    [
      'the authority that the project names is not a file',
      (world) => {
        world.declare({ settings: [`registries: {"${world.registry.host}": {caFile: no.pem}}`] });
        return {};
      },
      ...(['registry', 'CONFIG_INVALID', 2, /./] as const),
    ],
    [
      'what answers is not a registry',
      ({ registry }) => {
        registry.intercept = () =>
          new Response('<html>Log in</html>', { headers: { 'content-type': 'text/html' } });
        return {};
      },
      ...(['registry', 'REGISTRY_UNREACHABLE', 6, /not from a registry/] as const),
    ],
    [
      'no login at a private registry',
      () => ({ environment: {} }),
      ...(['registry', 'REGISTRY_DENIED', 5, /bundles login/] as const),
    ],
    [
      'the password is wrong',
      ({ registry }) => ({ environment: credentials(registry.host, 'robot', 'geheim') }),
      ...(['credentials', 'REGISTRY_DENIED', 5, /bundles login .*DOCKER_AUTH_CONFIG/] as const),
    ],
    [
      'the credential helper is missing',
      (world) => {
        const helpers = { credHelpers: { [world.registry.host]: 'nowhere' } };
        world.project.write('docker/config.json', JSON.stringify(helpers));
        return { environment: { DOCKER_CONFIG: join(world.project.directory, 'docker') } };
      },
      ...(['credentials', 'CREDENTIALS_INVALID', 2, /docker-credential-nowhere/] as const),
    ],
    [
      'the file of credentials that is named is missing',
      () => ({ environment: { REGISTRY_AUTH_FILE: '/nonexistent/auth.json' } }),
      ...(['credentials', 'CREDENTIALS_INVALID', 2, /./] as const),
    ],
    [
      'a file is in the place of the state directory',
      (world) => {
        world.project.write('.bundles', 'a file');
        return { environment: login(world) };
      },
      ...(['state', 'NOT_WRITABLE', 9, /Move away/] as const),
    ],
    [
      'the registry of the fallback is down',
      async (world) => {
        world.declare({ settings: [`fallback: ${closedHost}/fallback`] });
        return { environment: login(world) };
      },
      ...(['fallback', 'REGISTRY_UNREACHABLE', 6, /Nothing listens/] as const),
    ],
    [
      'there is no kubeconfig',
      (world) => ({
        words: ['--cluster', 'kind'],
        environment: { ...login(world), KUBECONFIG: '/nonexistent/config' },
      }),
      ...(['cluster', 'CLUSTER_CONFIG_INVALID', 2, /KUBECONFIG/] as const),
    ],
    [
      'the context is misspelt',
      async (world) => {
        const open = await startKubeApiServer();
        const environment = { ...login(world), KUBECONFIG: open.kubeconfig };
        return { words: ['--context', 'kind-tset'], environment, open };
      },
      ...(['cluster', 'CLUSTER_CONFIG_INVALID', 2, /get-contexts/] as const),
    ],
    [
      'the cluster wants another token',
      async (world) => {
        const open = await startKubeApiServer({
          token: 'another',
          intercept: () => ({ status: 401, body: {} }),
        });
        return {
          words: ['--cluster', 'kind'],
          environment: { ...login(world), KUBECONFIG: open.kubeconfig },
          open,
        };
      },
      ...(['cluster', 'CLUSTER_REFUSED', 5, /Log in to the cluster/] as const),
    ],
    [
      'the cluster has no registry',
      async (world) => {
        const open = await startKubeApiServer();
        return {
          words: ['--cluster', 'kind'],
          environment: { ...login(world), KUBECONFIG: open.kubeconfig },
          open,
        };
      },
      ...(['cluster', 'CLUSTER_NO_REGISTRY', 6, /registry deploy/] as const),
    ],
    [
      'the catalog is down',
      async (world) => {
        world.declare({ settings: [`catalog: {dataStorage: "http://${closedHost}"}`] });
        return { environment: login(world) };
      },
      ...(['catalog', 'CATALOG_UNREACHABLE', 8, /./] as const),
    ],
    [
      'the catalog is of a later generation',
      async (world) => {
        const open = await serveDataStorage({
          fault: ({ url }) =>
            url.includes('/workflows')
              ? Response.json({ workflows: [{ workflowId: 'a', workflowName: 'b' }], total: 1 })
              : undefined,
        });
        world.declare({ settings: [`catalog: {dataStorage: "${open.url}"}`] });
        return { environment: login(world), open };
      },
      ...(['catalog', 'CATALOG_REFUSED', 8, /camelCase.*January 2026/] as const),
    ],
    [
      'the catalog wants a token',
      async (world) => {
        const open = await serveDataStorage({ fault: () => new Response('', { status: 401 }) });
        world.declare({ settings: [`catalog: {dataStorage: "${open.url}"}`] });
        return { environment: login(world), open };
      },
      ...(['catalog', 'CATALOG_REFUSED', 8, /DATASTORAGE_TOKEN/] as const),
    ],
    [
      'the engine that is named is missing',
      (world) => ({ words: ['--engine', 'podman'], environment: { ...login(world), PATH: '/nonexistent' } }),
      ...(['engine', 'ENGINE_NOT_FOUND', 9, /Install podman/] as const),
    ],
    [
      'images are declared and there is no engine',
      (world) => {
        world.project.write('service/Containerfile', 'FROM scratch\n');
        world.declare({
          settings: ['images: {service: {reference: "quay.io/acme/service:v1", context: service}}'],
        });
        return { environment: { ...login(world), PATH: '/nonexistent' } };
      },
      ...(['engine', 'ENGINE_NOT_FOUND', 9, /Install podman/] as const),
    ],
    [
      'there is too little disk',
      (world) => ({ words: ['--min-disk', '1000000GiB'], environment: login(world) }),
      ...(['disk', 'RESOURCES_LOW', 9, /Free some space/] as const),
    ],
    [
      'there is too little memory',
      (world) => ({ words: ['--min-memory', '1000000GiB'], environment: login(world) }),
      ...(['memory', 'RESOURCES_LOW', 9, /Stop what uses it/] as const),
    ],
  ];

test.concurrent.each(broken)(
  'doctor names the broken link first, and its remedy: %s',
  async (_, setUp, link, code, status, remedy) => {
    await using here = await world();
    const { words = [], environment = {}, open } = await setUp(here);
    await using _open = open ?? { [Symbol.asyncDispose]: async () => undefined };
    const options: InProcessOptions = { environment };
    // What answers has a minute, since other set-ups keep this process busy; what does not has it in its words.
    const command = ['doctor', '--config', here.project.config, '--timeout', '60', ...words];
    const [ran, told] = await Promise.all([
      runInProcess([...command, '--output', 'json'], options),
      runInProcess(command, options),
    ]);
    const [first] = linksOf(ran, 'broken');
    expect([first?.link, first?.code, ran.code], ran.stdout + ran.stderr).toEqual([link, code, status]);
    expect(`${first?.remedy} ${first?.message}`).toMatch(remedy);
    expect(first?.remedy).toBeTruthy();
    expect(told.code).toBe(status);
    expect(told.stdout.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^broken: ${link}\\b`));
    expect(told.stdout).toContain(`error[${code}]: `);
    expect(ran.stdout + told.stdout + told.stderr).not.toMatch(/sesame|geheim|UNEXPECTED/);
  },
  120_000,
);

good('doctor', 'everything is fine: every link is named, nothing is changed or pushed', async (runner) => {
  await using here = await world();
  const { path } = standInPodman(here.project.directory, ['eof']);
  await using catalog = await startCatalog();
  here.declare({ settings: [`catalog: {dataStorage: "${catalog.url}"}`] });
  const before = readdirSync(here.project.directory);
  const environment = { ...login(here), PATH: `${path}:${process.env.PATH}` };
  const words = ['--config', here.project.config, '--all'];
  const ran = await runner.inProcess([...words, '-o', 'json'], { environment });
  const { links, ...rest } = documentOf(ran);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(rest).toEqual({ version: 1, error: null });
  expect(links.map(({ link, state }) => `${link}: ${state}`)).toEqual([
    ...['configuration: ok', 'sources: ok', 'credentials: ok', 'registry: ok', 'clock: ok', 'state: ok'],
    ...['fallback: ok', 'catalog: ok', 'engine: ok', 'disk: ok', 'memory: ok'],
  ]);
  for (const link of links)
    expect(Object.keys(link).sort()).toEqual(['code', 'details', 'link', 'message', 'remedy', 'state']);
  expect(links[2]?.details).toMatchObject({ host: here.registry.host, kind: 'basic' });
  expect(links[3]?.details).toMatchObject({ host: here.registry.host, verdict: 'absent' });
  expect(readdirSync(here.project.directory)).toEqual(before);
  expect(here.registry.seen.filter(({ query }) => query.includes('push'))).toEqual([]);
  expect(here.registry.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  const text = await runner.spawned(words, { env: environment });
  expect(text.stdout).toMatch(/^✓ configuration {2}.*declares 1 bundle, its lock pins 0 of them$/m);
  expect(text.stdout.trimEnd().split('\n').at(-1)).toBe('11 of 11 links ok');
  expect(links[7]?.details).toMatchObject({ healthy: true, workflows: 0 });
});

good('doctor', 'the verdict of a bundle that is published, of one whose source changed', async (runner) => {
  await using here = await world();
  const environment = login(here);
  const words = ['--config', here.project.config, '-o', 'json'];
  expect((await runInProcess(['ensure', ...words], { environment })).code).toBe(0);
  const same = await runner.inProcess(words, { environment });
  expect(documentOf(same).links.find(({ link }) => link === 'registry')?.details.verdict).toBe('present');
  here.project.write('pipelines/alpha.yaml', samplePipeline('other'));
  const [changed] = linksOf(await runner.inProcess(words, { environment }), 'warning');
  expect([changed?.link, changed?.details.verdict]).toEqual(['registry', 'different']);
  expect(changed?.remedy).toContain('bundles check');
});

good('doctor', 'a repository that only a push would make, and a store that does not work', async (runner) => {
  const robot = { password: 'sesame', may: 'push' } as const;
  await using registry = await startGuardedRegistry({
    anonymous: 'pull',
    users: { robot },
    hideMissing: true,
  });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const words = ['--config', project.config, '--timeout', '8', '-o', 'json'];
  const known = await runner.inProcess(words, { environment: credentials(registry.host, 'robot', 'sesame') });
  const [hidden] = linksOf(known, 'warning');
  expect([known.code, hidden?.link, hidden?.details.verdict], known.stdout).toEqual([
    0,
    'registry',
    'denied',
  ]);
  expect(registry.seen.filter(({ query }) => query.includes('push'))).toEqual([]);
  project.write('docker/config.json', JSON.stringify({ credsStore: 'nowhere' }));
  const environment = { DOCKER_CONFIG: join(project.directory, 'docker') };
  const stranger = await runner.inProcess(words, { environment });
  const [store] = linksOf(stranger, 'warning');
  expect([stranger.code, store?.link], stranger.stdout).toEqual([5, 'credentials']);
  expect(store?.message).toContain('docker-credential-nowhere');
  expect(store?.remedy).toContain('bundles login');
});

good('doctor', "a server whose clock is not this machine's is a warning", async (runner) => {
  await using here = await world();
  here.registry.intercept = (request) => {
    if (new URL(request.url).pathname === '/token') return undefined;
    const date = new Date(Date.now() - 20 * 60_000).toUTCString();
    const unknown = { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'unknown' }] };
    const headers = { date, 'docker-distribution-api-version': 'registry/2.0' };
    return Response.json(unknown, { status: 404, headers });
  };
  const words = ['--config', here.project.config, '-o', 'json'];
  const ran = await runner.inProcess(words, { environment: login(here) });
  const clock = linksOf(ran, 'warning').find(({ link }) => link === 'clock');
  expect([ran.code, clock?.link], ran.stdout).toEqual([0, 'clock']);
  expect(clock?.message).toContain('20 min ahead of');
  expect(clock?.remedy).toContain('timedatectl');
});

good(
  'doctor',
  'the resolver of a cluster is distinguished from this machine, host by host',
  async (runner) => {
    await using here = await world();
    await using server = await startKubeApiServer();
    server.objects.put('/api/v1/namespaces/bundles-registry/services/bundles-registry', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'bundles-registry',
        namespace: 'bundles-registry',
        labels: {
          'app.kubernetes.io/managed-by': 'tekton-bundles',
          'app.kubernetes.io/component': 'registry',
        },
      },
      spec: { clusterIP: '10.96.7.8', ports: [{ port: 5000 }] },
    });
    const environment = { ...login(here), KUBECONFIG: server.kubeconfig };
    const ran = await runner.inProcess(
      ['--config', here.project.config, '--context', 'kind-test', '-o', 'json'],
      {
        environment,
      },
    );
    const { links } = documentOf(ran);
    const cluster = links.find(({ link }) => link === 'cluster');
    expect([ran.code, cluster?.state, cluster?.details.registry], ran.stdout).toEqual([
      0,
      'ok',
      '10.96.7.8:5000',
    ]);
    const resolver = links.find(({ link }) => link === 'resolver');
    expect(resolver?.details).toEqual({
      host: here.registry.host,
      scheme: expect.any(String),
      reason: 'loopback',
    });
    expect([resolver?.state, resolver?.remedy]).toEqual(['warning', expect.stringContaining('ClusterIP')]);
  },
);

test('an interrupted examination ends at once, whatever hangs', async () => {
  await using here = await world();
  here.registry.intercept = () => new Promise(() => undefined);
  const environment = { ...login(here), ...hangingPodman(here) };
  const controller = new AbortController();
  const words = ['doctor', '--config', here.project.config, '--timeout', '30'];
  const running = runInProcess(words, { environment, signal: controller.signal });
  while (here.registry.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort(new BundlesError('INTERRUPTED', 'Interrupted by SIGINT'));
  const ran = await running;
  expect([ran.code, ran.stdout]).toEqual([130, '']);
});

test('--report is a page of Markdown with every link and without any secret', async () => {
  await using here = await world();
  const environment = {
    ...credentials(here.registry.host, 'robot', 's3cret-word'),
    BUNDLES_CATALOG_TOKEN: 'an0ther-secret',
    HTTPS_PROXY: 'http://user:pr0xy-secret@127.0.0.1:1',
    UNRELATED: 'x',
  };
  const words = ['--config', here.project.config];
  const { stdout } = await runInProcess(['doctor', ...words, '--report'], { environment });
  expect(stdout).toMatch(/^### Report of tekton-bundles\n/);
  expect(stdout).toContain('BUNDLES_CATALOG_TOKEN, DOCKER_AUTH_CONFIG, HTTPS_PROXY');
  expect(stdout).not.toMatch(/s3cret|an0ther|pr0xy-secret|UNRELATED/);
  const { links } = JSON.parse(
    (await runInProcess(['doctor', ...words, '-o', 'json'], { environment })).stdout,
  ) as Diagnosis;
  for (const { link, state } of links) expect(stdout).toContain(`| ${link} | ${state} | `);
  // One line for each: neither what was found nor the width of a terminal breaks the table.
  const narrow = await runInProcess(['doctor', ...words, '--report'], { environment, columns: 60 });
  for (const page of [stdout, narrow.stdout]) {
    const table = page.slice(page.indexOf('| link'), page.indexOf('\n\nWhat I did')).split('\n');
    expect(table.length).toBe(links.length + 2);
    for (const line of table) expect(line).toMatch(/^\|.*\|$/);
  }
});

bad('doctor', 'options that are none, a file of a token that is missing', async ({ spawned }) => {
  await using here = await world();
  const words = ['--config', here.project.config];
  const typo = await spawned([...words, '--contxt', 'kind']);
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  const token = await spawned([...words, '--catalog-token-file', '/nonexistent/token', '-o', 'json']);
  expect([token.code, token.stdout]).toEqual([2, expect.stringContaining('"code": "USAGE"')]);
});
