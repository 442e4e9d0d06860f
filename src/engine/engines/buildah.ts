import { join } from 'node:path';
import { createLimiter } from '../../async/limiter.js';
import type { Engine, LocalImage } from '../engine.js';
import { imageOf, labelsOf, listOf, numberOf, objectOf, textOf, textsOf } from '../engine-json.js';
import { type EngineEnvironment, parseEngineJson, runEngine } from '../run-engine.js';
import { isUnknown, podmanArgs, type RunArgs, tls, transferMs } from './podman-args.js';

/** Images looked at beside each other: each is a process. */
const atOnce = 4;

/** buildah shares podman's store and builder; its other commands differ. */
export function createBuildah(program: string, environment: EngineEnvironment): Engine {
  const run: RunArgs = (words, doing, more = {}) =>
    runEngine(program, words, { ...environment, doing, ...more });
  const labels = async (id: string) => {
    const text = await run(['inspect', '--type', 'image', id], `look at ${id}`, { absent: isUnknown });
    const image = objectOf(parseEngineJson(text));
    return { known: text !== undefined, id: textOf(image.FromImageID), labels: configLabels(image) };
  };
  const images = async (): Promise<readonly LocalImage[]> => {
    const text = await run(['images', '--all', '--json'], 'list the images of buildah');
    const free = await run(
      ['images', '--filter', 'dangling=true', '--quiet', '--no-trunc'],
      'list the images of buildah',
    );
    const limiter = createLimiter(atOnce);
    const listed = listOf(parseEngineJson(text)).map(objectOf);
    return Promise.all(
      listed.map(async (image) => ({
        id: textOf(image.id).replace(/^sha256:/, ''),
        names: textsOf(image.names),
        digest: textOf(image.digest),
        repositoryDigests: [],
        labels: (await limiter.run(() => labels(textOf(image.id)))).labels,
        created: numberOf(image.created) ?? 0,
        size: 0,
        dangling: (free ?? '').includes(textOf(image.id)),
      })),
    );
  };
  return {
    ...podmanArgs(run, images),
    name: 'buildah',
    program,
    images,
    async status() {
      const text = await run(['info'], 'read the state of buildah', { timeoutMs: 20_000 });
      const store = objectOf(objectOf(parseEngineJson(text)).store);
      const directory = textOf(store.GraphRoot);
      const driver = textOf(store.GraphDriverName);
      return {
        version: versionOf(
          await run(['version', '--json'], 'read the version of buildah', { timeoutMs: 20_000 }),
        ),
        remote: false,
        visible: false,
        cpus: undefined,
        memoryBytes: undefined,
        freeDiskBytes: undefined,
        directories: directory === '' ? [] : [directory],
        containers: directory === '' || driver === '' ? undefined : join(directory, `${driver}-containers`),
      };
    },
    // buildah does not report the sizes of layers.
    layers: () => Promise.resolve(new Map()),
    async removeContainer(id) {
      await run(['rm', id], `remove the container ${id}`);
    },
    async inspect(reference) {
      const found = await labels(reference);
      return found.known ? imageOf({ Id: found.id, RepoTags: [reference], Labels: found.labels }) : undefined;
    },
    async push(reference, { plainHttp, list }) {
      const words = list ? ['manifest', 'push', '--all'] : ['push'];
      await run(
        [...words, '--quiet', ...tls(plainHttp), reference, `docker://${reference}`],
        `push ${reference}`,
        {
          timeoutMs: transferMs,
        },
      );
    },
    async save(reference, file) {
      await run(
        ['push', '--quiet', reference, `docker-archive:${file}:${reference}`],
        `export ${reference}`,
        {
          timeoutMs: transferMs,
        },
      );
    },
    // buildah does not report when builds began.
    async buildsUnderWay() {
      const text = await run(['containers', '--json'], 'list the builds of buildah');
      return listOf(parseEngineJson(text))
        .map(objectOf)
        .map(({ id }) => ({ id: textOf(id), created: Number.POSITIVE_INFINITY }));
    },
  };
}

function configLabels(image: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return labelsOf(objectOf(objectOf(image.OCIv1).config).Labels);
}

function versionOf(text: string | undefined): string {
  return textOf(objectOf(parseEngineJson(text)).version);
}
