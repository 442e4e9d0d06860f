import type { BuildRequest, Engine, LocalImage } from './engine.js';
import { listOf, objectOf, textOf } from './engine-json.js';
import { parseEngineJson } from './run-engine.js';

/** Runs one command of podman or buildah. */
export type RunArgs = (
  words: readonly string[],
  doing: string,
  more?: { readonly timeoutMs?: number; readonly absent?: (errors: string) => boolean },
) => Promise<string | undefined>;

type Shared = Pick<Engine, 'lists' | 'build' | 'isList' | 'listedDigests' | 'tag' | 'pull' | 'remove'>;

/** A push, a pull or an archive of gigabytes. */
export const transferMs = 30 * 60_000;
/** A list is stored as its few lines of JSON; whatever is larger is an image. */
const largestList = 256 * 1024;

/** What podman and buildah, which share a store and a builder, say with the same words. */
export function podmanArgs(run: RunArgs, images: () => Promise<readonly LocalImage[]>): Shared {
  return {
    lists: true,
    build,
    isList: (reference) => isList(run, reference),
    listedDigests: async () => listedDigests(run, await images()),
    async tag(source, reference) {
      await run(['tag', source, reference], `tag ${reference}`);
    },
    async pull(reference, { plainHttp }) {
      await run(['pull', '--quiet', ...tls(plainHttp), reference], `pull ${reference}`, {
        timeoutMs: transferMs,
      });
    },
    async remove(nameOrId) {
      await run(['rmi', nameOrId], `remove ${nameOrId}`);
    },
  };
}

/** True for what the two say of an image that is not there. */
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
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...tls(request.plainHttp),
    request.context,
  ];
}

/** Both answer by their status alone. */
async function isList(run: RunArgs, reference: string): Promise<boolean> {
  const absent = (errors: string) => errors.trim() === '';
  return (await run(['manifest', 'exists', reference], `look at ${reference}`, { absent })) !== undefined;
}

async function listedDigests(run: RunArgs, images: readonly LocalImage[]): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (const { names, size } of images) {
    const [name] = names;
    if (name === undefined || size > largestList || !(await isList(run, name))) continue;
    const list = objectOf(parseEngineJson(await run(['manifest', 'inspect', name], `look at ${name}`)));
    for (const entry of listOf(list.manifests)) digests.add(textOf(objectOf(entry).digest));
  }
  return digests;
}
