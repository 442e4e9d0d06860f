import { realpath } from 'node:fs/promises';
import { arch } from 'node:os';
import { basename, dirname, join, relative, sep } from 'node:path';
import { readBuildContext } from '../engine/context/build-context.js';
import {
  type Base,
  type Containerfile,
  pinBases,
  readContainerfile,
} from '../engine/context/containerfile.js';
import { copyContext } from '../engine/context/copy-context.js';
import { imageKey, keyTag } from '../engine/context/image-key.js';
import type { LocalImage } from '../engine/engine.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { isInside } from '../fs/is-inside.js';
import { readError } from '../fs/machine-error.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { formatReference, parseReference, referenceName } from '../oci/reference.js';
import type { ImageSpec } from '../project/config/parse-images.js';
import { decodeUtf8 } from '../yaml-file/decode-utf8.js';
import type { ImageRun } from './image-run.js';

/** A declared image, and all that decides what is in it. */
export interface PreparedImage {
  readonly spec: ImageSpec;
  readonly key: string;
  /** `repository:key-…`. */
  readonly reference: string;
  readonly keyTag: string;
  /** As declared, where a tag is. */
  readonly tagged: string | undefined;
  /** Absolute. */
  readonly context: string;
  /** With its bases pinned. */
  readonly containerfile: string;
  readonly ignore: string;
  readonly platforms: readonly string[];
  /** The stage to build; undefined: the last. */
  readonly target: string | undefined;
  /** All registries of the build use plain http. */
  readonly plainHttp: boolean;
  /** Bases that are pulled before the build. */
  readonly pulls: readonly { readonly reference: string; readonly plainHttp: boolean }[];
  readonly warnings: readonly string[];
  /** Copies what the build sees of its context, where an engine could not leave out the rest itself. */
  readonly copyTo: ((target: string) => Promise<void>) | undefined;
  /** The key of the present content. */
  keyNow(): Promise<string>;
}

const containerfileLimit = 1024 * 1024;
const usualNames = ['Containerfile', 'Dockerfile'];

/** @throws SOURCE_NOT_FOUND, CONTAINERFILE_INVALID, NOT_READABLE and what the registry of a base throws */
export async function prepareImage(run: ImageRun, spec: ImageSpec): Promise<PreparedImage> {
  const context = await insideProject(run, spec.context);
  const platforms = spec.platforms.length > 0 ? spec.platforms : [`linux/${architecture()}`];
  const { path, text } = await readText(run, spec);
  const file = await readContainerfile(text, { path, args: spec.args, platforms, target: spec.target });
  const digests = new Map<string, Digest>();
  const bases = new Map<string, string>();
  for (const base of file.bases) {
    const found = await resolveBase(run, base);
    bases.set(base.written, found.proof);
    if (found.digest) digests.set(base.written, found.digest);
  }
  const keyOf = (entries: Parameters<typeof imageKey>[0]['entries'], containerfile: string) =>
    imageKey({ containerfile, entries, args: spec.args, platforms, bases, target: file.target });
  const reading = { signal: run.signal, without: await leftOutOf(run, spec, context), containerfile: path };
  const { entries, ignore, isCopied } = await readBuildContext(context, {
    ...reading,
    onRead: (read) => run.onEvent({ type: 'reading', image: spec.name, ...read }),
  });
  const key = keyOf(entries, text);
  const { registry, repository } = spec.reference;
  const tag = keyTag(key);
  return {
    spec,
    key,
    context,
    ignore,
    platforms,
    target: file.target,
    keyTag: tag,
    tagged: spec.reference.tag === undefined ? undefined : formatReference(spec.reference),
    reference: formatReference({ registry, repository, tag }),
    containerfile: pinBases(file, digests),
    ...transportOf(run, spec, file, digests),
    warnings: [
      ...file.downloads.map(
        (url) =>
          `ADD takes ${url.slice(0, 200)} from the network, which is not part of any key; the image is not built again when that content changes`,
      ),
      ...(run.engine.name === 'docker' && (spec.cpus !== undefined || spec.memoryBytes !== undefined)
        ? ['docker limits neither processors nor memory of a build; podman and buildah do']
        : []),
    ],
    copyTo: isCopied ? (target) => copyContext(context, entries, { target, signal: run.signal }) : undefined,
    keyNow: async () =>
      keyOf((await readBuildContext(context, reading)).entries, (await readText(run, spec)).text),
  };
}

/** A build sends the whole directory to an engine, so no link may lead it out of the project. */
async function insideProject({ project }: ImageRun, path: string): Promise<string> {
  const place = join(project.directory, path);
  try {
    const [root, real] = await Promise.all([realpath(project.directory), realpath(place)]);
    if (isInside(root, real)) return real;
  } catch (error) {
    throw readError(error, `build from ${JSON.stringify(place)}`, {
      path: place,
      missing: 'SOURCE_NOT_FOUND',
    });
  }
  throw new BundlesError(
    'NOT_READABLE',
    `Cannot build from ${JSON.stringify(place)}: it is a symbolic link that leads out of the project's directory`,
    {
      hint: `Move what is needed into the directory of ${JSON.stringify(project.file)}`,
      details: { path: place },
    },
  );
}

/** What is not an input of a build: what this run writes, and where podman's client sends a copy of the secrets. */
async function leftOutOf(run: ImageRun, { secrets }: ImageSpec, context: string): Promise<readonly string[]> {
  const copies = secrets.length > 0 ? [context.split(sep).slice(1).join('/')] : [];
  return [...(await ownPathsIn(run, context)), ...copies];
}

/**
 * Where this run writes inside a context, relative to it: logs, state and archives are not input of a build. podman's
 * client sends a Containerfile from elsewhere along, under its whole path, as if it lay in the context.
 */
async function ownPathsIn({ ownPaths, directory }: ImageRun, context: string): Promise<readonly string[]> {
  const inside = [(await realPathToBe(directory)).split(sep).slice(1).join('/')];
  for (const path of ownPaths) {
    const own = await realPathToBe(path);
    const below = relative(context, own);
    if (below !== '' && isInside(context, own)) inside.push(below.split(sep).join('/'));
  }
  return [...new Set(inside)].sort();
}

/** The real path of what may not exist yet. */
async function realPathToBe(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(await realPathToBe(above), basename(path));
  }
}

async function readText(run: ImageRun, spec: ImageSpec): Promise<{ path: string; text: string }> {
  const below = spec.context === '.' ? '' : `${spec.context}/`;
  const names =
    spec.containerfile === undefined ? usualNames.map((name) => below + name) : [spec.containerfile];
  for (const name of names) {
    const path = join(run.project.directory, name);
    try {
      const bytes = await readFileCapped(await insideProject(run, name), {
        limit: containerfileLimit,
        missing: 'SOURCE_NOT_FOUND',
        signal: run.signal,
      });
      return {
        path,
        text: decodeUtf8(bytes, { what: 'Containerfile', file: path, invalid: 'CONTAINERFILE_INVALID' }),
      };
    } catch (error) {
      if (!isBundlesError(error, 'SOURCE_NOT_FOUND')) throw error;
    }
  }
  const wanted = names.map((name) => JSON.stringify(name)).join(' nor ');
  throw new BundlesError(
    'SOURCE_NOT_FOUND',
    `Cannot build the image ${JSON.stringify(spec.name)}: there is ${names.length > 1 ? 'neither' : 'no'} ${wanted}`,
    {
      hint: `Name it with containerfile:, relative to the directory of ${JSON.stringify(run.project.file)}`,
      details: { image: spec.name, paths: names },
    },
  );
}

/**
 * One option of an engine declares for all registries of a build that they do not use TLS. Where only some do, the bases are
 * pulled before it, each in its own way, and the build finds them by their digests.
 */
function transportOf(
  { isPlainHttp }: ImageRun,
  spec: ImageSpec,
  { bases }: Containerfile,
  digests: ReadonlyMap<string, Digest>,
): Pick<PreparedImage, 'plainHttp' | 'pulls'> {
  const pulls = bases.flatMap(({ written, reference }) => {
    const digest = digests.get(written);
    if (digest === undefined) return [];
    return [
      { reference: `${referenceName(reference)}@${digest}`, plainHttp: isPlainHttp(reference.registry) },
    ];
  });
  const caches = [spec.cacheFrom, spec.cacheTo]
    .filter((cache) => cache !== undefined)
    .map((cache) => isPlainHttp(hostOf(cache)));
  const plain = [...pulls.map(({ plainHttp }) => plainHttp), ...caches];
  if (!plain.includes(true)) return { plainHttp: false, pulls: [] };
  if (!plain.includes(false)) return { plainHttp: true, pulls: [] };
  return { plainHttp: caches.length > 0 && !caches.includes(false), pulls };
}

const hostOf = (repository: string) => parseReference(repository).registry;

/** As images name it. */
function architecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };
  return names[arch()] ?? arch();
}

/** A resolved base: a digest, which is the same everywhere, or an id, which is valid only in this engine. */
interface ResolvedBase {
  readonly proof: string;
  readonly digest: Digest | undefined;
}

/**
 * Resolves a base at its registry; offline, or if the registry does not have it, in the engine's store.
 *
 * @throws CONTAINERFILE_INVALID if neither has it; what the registry throws
 */
async function resolveBase(run: ImageRun, { reference, written }: Base): Promise<ResolvedBase> {
  if (reference.digest !== undefined) return pinned(reference.digest);
  const tag = reference.tag ?? 'latest';
  let failure: unknown;
  if (run.registry !== undefined && reference.registry !== 'localhost') {
    try {
      const { digest } = await run.registry.repository(reference).resolve(tag, { signal: run.signal });
      return pinned(digest);
    } catch (error) {
      run.signal.throwIfAborted();
      failure = error;
    }
  }
  const local = await run.engine.inspect(formatReference({ ...reference, tag }));
  if (local === undefined)
    throw isBundlesError(failure) && failure.code !== 'NOT_FOUND' ? failure : nowhere(written);
  const known = digestIn(local, referenceName(reference));
  // A registry that answers "not there" counts more than a digest that it once gave.
  return known && !isBundlesError(failure, 'NOT_FOUND')
    ? pinned(known)
    : { proof: `id:${local.id}`, digest: undefined };
}

function pinned(digest: Digest): ResolvedBase {
  return { proof: digest, digest };
}

/** The digest under which a registry served it. Images built here have a digest too, which no registry has. */
function digestIn({ repositoryDigests, names }: LocalImage, name: string): Digest | undefined {
  if (name.startsWith('localhost/')) return undefined;
  const digests = repositoryDigests
    .filter((text) => text.startsWith(`${name}@`))
    .map((text) => text.slice(name.length + 1))
    .filter(isDigest);
  return names.length > 0 ? digests[0] : undefined;
}

function nowhere(written: string): BundlesError {
  return new BundlesError(
    'CONTAINERFILE_INVALID',
    `Cannot find the base image ${JSON.stringify(written)}: neither its registry nor the container engine has it`,
    { hint: 'Correct the name in FROM, or build or pull it first', details: { base: written } },
  );
}
