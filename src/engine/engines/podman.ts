import { hostname, release } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import type { Engine, EngineStatus, LocalImage } from '../engine.js';
import { imageOf, listOf, numberOf, objectOf, textOf, textsOf } from '../engine-json.js';
import { type EngineEnvironment, parseEngineJson, runEngine } from '../run-engine.js';
import { imageLayers, podmanHistory } from './image-layers.js';
import { isUnknown, podmanArgs, type RunArgs, tls, transferMs } from './podman-args.js';

export function createPodman(program: string, environment: EngineEnvironment): Engine {
  const run: RunArgs = (words, doing, more = {}) =>
    runEngine(program, words, { ...environment, doing, ...more });
  const images = async () => {
    const text = await run(['images', '--all', '--format', 'json'], 'list the images of podman');
    return imagesOf(parseEngineJson(text));
  };
  return {
    ...podmanArgs(run, images),
    name: 'podman',
    program,
    images,
    async status() {
      const info = await run(['info', '--format', 'json'], 'read the state of podman', { timeoutMs: 20_000 });
      return statusOf(parseEngineJson(info));
    },
    layers: (all, sized) => imageLayers({ run, history: podmanHistory }, all, sized),
    async removeContainer(id) {
      // What was killed is still mounted.
      await run(['rm', '--force', id], `remove the container ${id}`);
    },
    async inspect(reference) {
      const text = await run(['image', 'inspect', '--format', 'json', reference], `look at ${reference}`, {
        absent: isUnknown,
      });
      return imageOf(listOf(parseEngineJson(text))[0]);
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
    async buildsUnderWay() {
      const text = await run(['ps', '--all', '--external', '--format', 'json'], 'list the builds of podman');
      return listOf(parseEngineJson(text))
        .map(objectOf)
        .filter(({ Names }) => textsOf(Names).some((name) => name.includes('working-container')))
        .map(({ Id, Created }) => ({
          id: textOf(Id),
          created: numberOf(Created) ?? Number.POSITIVE_INFINITY,
        }));
    },
  };
}

/** An image with several names is listed once for each. */
function imagesOf(list: unknown): LocalImage[] {
  const found = new Map<string, LocalImage>();
  for (const image of listOf(list).map(imageOf)) {
    if (image === undefined) continue;
    const names = new Set([...(found.get(image.id)?.names ?? []), ...image.names]);
    found.set(image.id, { ...image, names: [...names] });
  }
  return [...found.values()];
}

/** True where a service is on this machine, and this user may see and end its processes. */
function isHere(host: Readonly<Record<string, unknown>>): boolean {
  const same = textOf(host.hostname) === hostname() && textOf(host.kernel) === release();
  return same && (getuid?.() === 0 || objectOf(host.security).rootless === true);
}

/** Where containers/storage keeps what each container has. */
function containersIn(store: Readonly<Record<string, unknown>>): string | undefined {
  const [root, driver] = [textOf(store.graphRoot), textOf(store.graphDriverName)];
  return root === '' || !/^[a-z0-9]+$/.test(driver) ? undefined : join(root, `${driver}-containers`);
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
    containers: remote && !isHere(host) ? undefined : containersIn(store),
    visible: remote && isHere(host),
  };
}
