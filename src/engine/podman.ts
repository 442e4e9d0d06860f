import type { BuildRequest, Engine, EngineStatus, LocalImage } from './engine.js';
import { imageOf, listOf, numberOf, objectOf, textOf, textsOf } from './engine-json.js';
import { isList, listedDigests } from './manifest-list.js';
import { type EngineEnvironment, parseEngineJson, runEngine } from './run-engine.js';

/** A push, a pull or an archive of gigabytes. */
const transferMs = 30 * 60_000;
const unknown = (errors: string) => /not known|no such image|not found|does not exist/i.test(errors);

export function createPodman(program: string, environment: EngineEnvironment): Engine {
  const run = (words: readonly string[], doing: string, more = {}) =>
    runEngine(program, words, { ...environment, doing, ...more });
  return {
    name: 'podman',
    program,
    lists: true,
    build: podmanBuild,
    async status() {
      const info = await run(['info', '--format', 'json'], 'ask podman how it is', { timeoutMs: 20_000 });
      return statusOf(parseEngineJson(info));
    },
    async inspect(reference) {
      const text = await run(['image', 'inspect', '--format', 'json', reference], `look at ${reference}`, {
        absent: unknown,
      });
      return imageOf(listOf(parseEngineJson(text))[0]);
    },
    isList: (reference) => isList(run, reference),
    async listedDigests() {
      return listedDigests(run, await this.images());
    },
    async tag(source, reference) {
      await run(['tag', source, reference], `tag ${reference}`);
    },
    async pull(reference, { plainHttp }) {
      await run(['pull', '--quiet', ...tls(plainHttp), reference], `pull ${reference}`, {
        timeoutMs: transferMs,
      });
    },
    async push(reference, { plainHttp, list }) {
      const words = list ? ['manifest', 'push', '--all'] : ['push'];
      const target = list ? [reference, `docker://${reference}`] : [reference];
      await run([...words, '--quiet', ...tls(plainHttp), ...target], `push ${reference}`, {
        timeoutMs: transferMs,
      });
    },
    async save(reference, file) {
      await run(['save', '--format', 'docker-archive', '--output', file, reference], `export ${reference}`, {
        timeoutMs: transferMs,
      });
    },
    async images() {
      const text = await run(['images', '--all', '--format', 'json'], 'list the images of podman');
      return imagesOf(parseEngineJson(text));
    },
    async buildsUnderWay() {
      const text = await run(['ps', '--all', '--external', '--format', 'json'], 'list the builds of podman');
      return listOf(parseEngineJson(text))
        .map(objectOf)
        .filter(({ Names }) => textsOf(Names).some((name) => name.includes('working-container')))
        .map(({ Created }) => numberOf(Created) ?? Number.POSITIVE_INFINITY);
    },
    async remove(nameOrId) {
      await run(['rmi', nameOrId], `remove ${nameOrId}`);
    },
  };
}

/** The words that podman and buildah share. */
export function podmanBuild(request: BuildRequest): readonly string[] {
  const { platforms, args, labels } = request;
  return [
    'build',
    ...['--file', request.containerfile, '--ignorefile', request.ignoreFile],
    // Older builders take a cached layer of one platform for another's.
    ...(platforms.length > 1
      ? ['--manifest', request.list, '--layers=false']
      : ['--iidfile', request.idFile]),
    ...['--platform', platforms.join(',')],
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...tls(request.plainHttp),
    request.context,
  ];
}

export function tls(plainHttp: boolean): readonly string[] {
  return plainHttp ? ['--tls-verify=false'] : [];
}

function imagesOf(list: unknown): LocalImage[] {
  return listOf(list)
    .map(imageOf)
    .filter((image) => image !== undefined);
}

function statusOf(value: unknown): EngineStatus {
  const info = objectOf(value);
  const host = objectOf(info.host);
  const store = objectOf(info.store);
  const remote = host.serviceIsRemote === true;
  const allocated = numberOf(store.graphRootAllocated);
  const used = numberOf(store.graphRootUsed);
  const free = allocated === undefined || used === undefined ? undefined : Math.max(0, allocated - used);
  const directories = [textOf(store.graphRoot), textOf(store.imageCopyTmpDir)].filter((path) => path !== '');
  return {
    version: textOf(objectOf(info.version).Version),
    remote,
    cpus: remote ? numberOf(host.cpus) : undefined,
    memoryBytes: remote ? numberOf(host.memTotal) : undefined,
    freeDiskBytes: remote ? free : undefined,
    directories: remote ? [] : directories,
  };
}
