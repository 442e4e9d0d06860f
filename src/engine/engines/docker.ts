import { argumentWords, secretWords } from '../build-inputs.js';
import type { BuildRequest, Engine, EngineStatus } from '../engine.js';
import { imageOf, listOf, numberOf, objectOf, textOf } from '../engine-json.js';
import { type EngineEnvironment, parseEngineJson, runEngine } from '../run-engine.js';
import { dockerHistory, imageLayers } from './image-layers.js';

const transferMs = 30 * 60_000;
const unknown = (errors: string) => /no such image|not found/i.test(errors);

/** docker with BuildKit. It builds several platforms only with drivers that not everybody has: one at a time here. */
export function createDocker(program: string, { environment, signal }: EngineEnvironment): Engine {
  const run = (words: readonly string[], doing: string, more = {}) =>
    runEngine(program, words, { environment, signal, doing, ...more });
  return {
    name: 'docker',
    program,
    lists: false,
    build: dockerBuild,
    async status() {
      // The client exits with 0 even if the daemon does not respond.
      const words = ['version', '--format', '{{.Server.Version}}'];
      await run(words, 'read the state of docker', { timeoutMs: 20_000 });
      const info = await run(['info', '--format', '{{json .}}'], 'read the state of docker', {
        timeoutMs: 20_000,
      });
      return statusOf(parseEngineJson(info));
    },
    async inspect(reference) {
      const text = await run(['image', 'inspect', reference], `look at ${reference}`, { absent: unknown });
      return imageOf(listOf(parseEngineJson(text))[0]);
    },
    async tag(source, reference) {
      await run(['tag', source, reference], `tag ${reference}`);
    },
    async pull(reference) {
      await run(['pull', '--quiet', reference], `pull ${reference}`, { timeoutMs: transferMs });
    },
    async push(reference) {
      await run(['push', '--quiet', reference], `push ${reference}`, { timeoutMs: transferMs });
    },
    async save(reference, file) {
      await run(['save', '--output', file, reference], `export ${reference}`, { timeoutMs: transferMs });
    },
    async images() {
      const ids = await run(['images', '--all', '--quiet', '--no-trunc'], 'list the images of docker');
      const words = [...new Set((ids ?? '').split('\n').filter((id) => id !== ''))];
      if (words.length === 0) return [];
      const text = await run(['image', 'inspect', ...words], 'list the images of docker');
      const list = ['images', '--filter', 'dangling=true', '--quiet', '--no-trunc'];
      const free = (await run(list, 'list the images of docker')) ?? '';
      return listOf(parseEngineJson(text))
        .map(imageOf)
        .filter((image) => image !== undefined)
        .map((image) => ({ ...image, dangling: free.includes(image.id) }));
    },
    layers: (all, sized) => imageLayers({ run, history: dockerHistory }, all, sized),
    removeContainer: () => Promise.resolve(),
    // docker keeps together what belongs to a list.
    members: () => Promise.resolve(undefined),
    removeList: () => Promise.resolve(),
    listedDigests: () => Promise.resolve(new Set<string>()),
    // BuildKit keeps what builds need elsewhere.
    buildsUnderWay: () => Promise.resolve([]),
    async remove(nameOrId) {
      await run(['rmi', nameOrId], `remove ${nameOrId}`);
    },
  };
}

/** The ignore file lies beside the Containerfile under the name that BuildKit looks for. */
function dockerBuild(request: BuildRequest): readonly string[] {
  return [
    'build',
    ...['--file', request.containerfile, '--iidfile', request.idFile, '--progress', 'plain'],
    ...['--platform', request.platforms.join(',')],
    ...(request.target === undefined ? [] : ['--target', request.target]),
    ...argumentWords(request.args),
    ...secretWords(request.secrets),
    ...(request.cacheFrom === undefined
      ? []
      : ['--cache-from', `type=registry,ref=${request.cacheFrom}:cache`]),
    ...(request.cacheTo === undefined
      ? []
      : ['--cache-to', `type=registry,ref=${request.cacheTo}:cache,mode=max`]),
    ...Object.entries(request.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    request.context,
  ];
}

function statusOf(value: unknown): EngineStatus {
  const info = objectOf(value);
  const directory = textOf(info.DockerRootDir);
  // A virtual machine, as on a Mac.
  const remote = /desktop|linuxkit|colima|orbstack/i.test(
    `${textOf(info.OperatingSystem)} ${textOf(info.Name)}`,
  );
  return {
    version: textOf(info.ServerVersion),
    remote,
    visible: false,
    containers: undefined,
    cpus: remote ? numberOf(info.NCPU) : undefined,
    memoryBytes: remote ? numberOf(info.MemTotal) : undefined,
    freeDiskBytes: undefined,
    directories: remote || directory === '' ? [] : [directory],
  };
}
