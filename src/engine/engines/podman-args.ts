import { argumentWords, secretWords } from '../build-inputs.js';
import type { BuildRequest, Engine, LocalImage } from '../engine.js';
import { listOf, objectOf, textOf } from '../engine-json.js';
import { parseEngineJson } from '../run-engine.js';

/** Runs one command of podman or buildah. */
export type RunArgs = (
  words: readonly string[],
  doing: string,
  more?: { readonly timeoutMs?: number; readonly absent?: (errors: string) => boolean },
) => Promise<string | undefined>;

type Shared = Pick<
  Engine,
  'lists' | 'build' | 'members' | 'removeList' | 'listedDigests' | 'tag' | 'pull' | 'remove'
>;

/** A push, a pull or an archive of gigabytes. */
export const transferMs = 30 * 60_000;
/** A list is stored as its few lines of JSON; whatever is larger is an image. */
const largestList = 256 * 1024;

/** The commands that podman and buildah, which share a store and a builder, have in common. */
export function podmanArgs(run: RunArgs, images: () => Promise<readonly LocalImage[]>): Shared {
  return {
    lists: true,
    build,
    async members(reference) {
      const digests = await memberDigests(run, reference);
      if (digests === undefined) return undefined;
      const all = await images();
      const found = digests.map((digest) => all.find((image) => image.digest === digest));
      const known = found.filter((image) => image !== undefined);
      return { images: known, missing: found.length - known.length };
    },
    async removeList(name) {
      if (await isList(run, name)) await run(['manifest', 'rm', name], `remove the list ${name}`);
    },
    listedDigests: async () => listedDigests(run, await images()),
    async tag(source, reference) {
      await run(['tag', source, reference], `tag ${reference}`);
    },
    async pull(reference, { plainHttp, platform }) {
      const only = platform === undefined ? [] : ['--platform', platform];
      await run(['pull', '--quiet', ...only, ...tls(plainHttp), reference], `pull ${reference}`, {
        timeoutMs: transferMs,
      });
    },
    async remove(nameOrId) {
      await run(['rmi', nameOrId], `remove ${nameOrId}`);
    },
  };
}

/** True if this is the error of either program for an image that does not exist. */
export function isUnknown(errors: string): boolean {
  return /not known|no such image|not found|does not exist/i.test(errors);
}

export function tls(plainHttp: boolean): readonly string[] {
  return plainHttp ? ['--tls-verify=false'] : [];
}

function build(request: BuildRequest): readonly string[] {
  const { platforms, args, labels } = request;
  return [
    'build',
    ...['--file', request.containerfile, '--ignorefile', request.ignoreFile],
    // Older builders take a cached layer of one platform for another's.
    ...(platforms.length > 1
      ? ['--manifest', request.list, '--layers=false']
      : ['--iidfile', request.idFile]),
    ...['--platform', platforms.join(',')],
    ...(request.target === undefined ? [] : ['--target', request.target]),
    ...argumentWords(args),
    ...secretWords(request.secrets),
    ...(request.cacheFrom === undefined ? [] : ['--cache-from', request.cacheFrom]),
    ...(request.cacheTo === undefined ? [] : ['--cache-to', request.cacheTo]),
    ...limitWords(request),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...tls(request.plainHttp),
    ...(request.host === undefined ? [] : ['--add-host', `${request.host}:127.0.0.1`]),
    request.context,
  ];
}

/** A time slice of the kernel's scheduler, in microseconds, and the part of it that a step gets. */
function limitWords({ cpus, memoryBytes }: BuildRequest): readonly string[] {
  const period = 100_000;
  return [
    ...(cpus === undefined
      ? []
      : ['--cpu-period', String(period), '--cpu-quota', String(Math.round(cpus * period))]),
    ...(memoryBytes === undefined ? [] : ['--memory', String(memoryBytes)]),
  ];
}

/** Both answer by their status alone, and complain of an image that is not a list. */
async function isList(run: RunArgs, reference: string): Promise<boolean> {
  const absent = (errors: string) =>
    errors.trim() === '' || /is not a manifest list/.test(errors) || isUnknown(errors);
  return (await run(['manifest', 'exists', reference], `look at ${reference}`, { absent })) !== undefined;
}

async function listedDigests(run: RunArgs, images: readonly LocalImage[]): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (const { names, size } of images) {
    const [name] = names;
    if (name === undefined || size > largestList) continue;
    for (const digest of (await memberDigests(run, name)) ?? []) digests.add(digest);
  }
  return digests;
}

async function memberDigests(run: RunArgs, name: string): Promise<readonly string[] | undefined> {
  if (!(await isList(run, name))) return undefined;
  const list = objectOf(parseEngineJson(await run(['manifest', 'inspect', name], `look at ${name}`)));
  return listOf(list.manifests).map((entry) => textOf(objectOf(entry).digest));
}
