import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import { digestOf } from '../oci/digest.js';
import type { GitHub } from './github/github.js';
import type { ReleaseFile } from './release-files.js';

export interface GitHubReleaseRequest {
  /** An existing tag of the repository. */
  readonly tag: string;
  /** Of a release that does not exist yet, as the next two. */
  readonly title: string;
  readonly notes: string;
  readonly prerelease: boolean;
  /** Leave the release a draft. */
  readonly draft: boolean;
  /** Replace files of a published release that have other content. */
  readonly replace: boolean;
  /** Look, and change nothing. */
  readonly dryRun: boolean;
  readonly files: readonly ReleaseFile[];
}

export interface GitHubReleaseResult {
  readonly tag: string;
  readonly action: 'created' | 'updated' | 'unchanged' | 'planned';
  readonly draft: boolean;
  readonly immutable: boolean;
  /** Null where a dry run found none. */
  readonly url: string | null;
  readonly assets: readonly ReleasedAsset[];
}

export interface ReleasedAsset {
  readonly name: string;
  readonly size: number;
  readonly digest: string;
  /** `planned-…`: in a dry run. */
  readonly action: 'uploaded' | 'replaced' | 'unchanged' | 'planned';
}

interface Release {
  readonly id: number;
  readonly tag_name: string;
  readonly draft: boolean;
  readonly immutable?: boolean;
  readonly html_url: string;
  readonly upload_url: string;
}

interface Asset {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly state: string;
  readonly digest?: string | null;
}

/** One run over the files of a release and what GitHub is asked with. */
interface Work {
  readonly github: GitHub;
  readonly request: GitHubReleaseRequest;
  readonly options: CallOptions;
  /** Digests of assets that GitHub states none of, by their ids. */
  readonly known: Map<number, string>;
}

const mostRounds = 3;

/**
 * Makes sure that the release of a tag has the files, each whole: as a draft first, published when all are there, since a
 * published release may be immutable. Again it changes nothing; what a broken run left behind is completed.
 *
 * @throws NOT_FOUND for a tag that does not exist, RELEASE_IMMUTABLE, RELEASE_DIFFERS, and what GitHub's calls throw
 */
export async function ensureGitHubRelease(
  github: GitHub,
  request: GitHubReleaseRequest,
  options: CallOptions = {},
): Promise<GitHubReleaseResult> {
  const work: Work = { github, request, options, known: new Map() };
  const found = await findRelease(work);
  if (!found) await requireTag(work);
  if (request.dryRun) return planned(work, found);
  const release = found ?? (await createDraft(work));
  const before = await filesToSend(work, await assetsOf(work, release));
  if (!release.draft && before.length > 0) refuseChange(work, release, before);
  if (before.length > 0) await sendFiles(work, release);
  const published = release.draft && !request.draft ? await publish(work, release) : release;
  const sent = new Map(
    before.map(({ file, there }) => [file.name, there ? 'replaced' : 'uploaded'] as const),
  );
  const changed = sent.size > 0 || published !== release;
  return {
    ...resultOf(request, published),
    action: found === undefined ? 'created' : changed ? 'updated' : 'unchanged',
    assets: request.files.map((file) => assetResult(file, sent.get(file.name) ?? 'unchanged')),
  };
}

function resultOf({ tag }: GitHubReleaseRequest, release: Release) {
  const { draft, immutable = false, html_url: url } = release;
  return { tag, draft, immutable, url };
}

function assetResult({ name, bytes, digest }: ReleaseFile, action: ReleasedAsset['action']): ReleasedAsset {
  return { name, size: bytes.byteLength, digest, action };
}

async function planned(work: Work, found: Release | undefined): Promise<GitHubReleaseResult> {
  const { request } = work;
  const open = await filesToSend(work, found ? await assetsOf(work, found) : []);
  if (found && !found.draft && open.length > 0) refuseChange(work, found, open);
  const names = new Set(open.map(({ file }) => file.name));
  const done = found !== undefined && open.length === 0 && (!found.draft || request.draft);
  return {
    ...(found ? resultOf(request, found) : { tag: request.tag, draft: false, immutable: false, url: null }),
    action: done ? 'unchanged' : 'planned',
    assets: request.files.map((file) => assetResult(file, names.has(file.name) ? 'planned' : 'unchanged')),
  };
}

/** The published release of the tag, else its first draft: drafts are found in the list alone. */
async function findRelease({ github, request: { tag }, options }: Work): Promise<Release | undefined> {
  const published = await github.find<Release>(
    `read the release ${tag}`,
    (rest, where) => rest.repos.getReleaseByTag({ ...where, tag }),
    options,
  );
  if (published) return published;
  const all = await github.list<Release>(
    'list the releases',
    (rest, where) => rest.repos.listReleases(where),
    options,
  );
  const own = all.filter(({ tag_name: name }) => name === tag);
  return own.find(({ draft }) => !draft) ?? own.sort((left, right) => left.id - right.id)[0];
}

/** GitHub would make a tag that is missing, on the newest commit of the default branch. */
async function requireTag({ github, request: { tag }, options }: Work): Promise<void> {
  const found = await github.find(
    `read the tag ${tag}`,
    (rest, where) => rest.git.getRef({ ...where, ref: `tags/${tag}` }),
    options,
  );
  if (found !== undefined) return;
  throw new BundlesError(
    'NOT_FOUND',
    `Cannot release ${JSON.stringify(tag)}: ${github.owner}/${github.repo} has no such tag`,
    { hint: `Push the tag first: git push origin ${tag}`, details: { tag } },
  );
}

async function createDraft(work: Work): Promise<Release> {
  const { github, request, options } = work;
  const { tag, title, notes, prerelease } = request;
  const { action, value } = await github.ensure<Release>(
    {
      doing: `create the draft of the release ${tag}`,
      look: () => findRelease(work),
      create: (rest, where) =>
        rest.repos.createRelease({
          ...where,
          ...{ tag_name: tag, name: title, body: notes, prerelease, draft: true },
        }),
    },
    options,
  );
  // Another job may have made one at the same time: all go on with the first one.
  const first = (await findRelease(work)) ?? value;
  if (action === 'created' && first.id !== value.id) {
    await github.find(
      'remove the second draft',
      (rest, where) => rest.repos.deleteRelease({ ...where, release_id: value.id }),
      options,
    );
  }
  return first;
}

function assetsOf({ github, options }: Work, { id }: Release): Promise<Asset[]> {
  return github.list<Asset>(
    'list the files of the release',
    (rest, where) => rest.repos.listReleaseAssets({ ...where, release_id: id }),
    options,
  );
}

interface FileToSend {
  readonly file: ReleaseFile;
  /** What has its name, and is broken or other content. */
  readonly there: Asset | undefined;
}

async function filesToSend(work: Work, assets: readonly Asset[]): Promise<FileToSend[]> {
  const open: FileToSend[] = [];
  for (const file of work.request.files) {
    const there = assets.find(({ name }) => name === file.name);
    if (!there || !(await holds(work, there, file))) open.push({ file, there });
  }
  return open;
}

/** Whether an asset is the whole file; what GitHub states no digest of is fetched, once. */
async function holds(work: Work, asset: Asset, file: ReleaseFile): Promise<boolean> {
  if (asset.state !== 'uploaded' || asset.size !== file.bytes.byteLength) return false;
  if (asset.digest) return asset.digest === file.digest;
  const { github, known, options } = work;
  const digest = known.get(asset.id) ?? (await digestOfAsset(github, asset, options));
  if (digest !== undefined) known.set(asset.id, digest);
  return digest === file.digest;
}

/** Undefined for one that is gone meanwhile. */
async function digestOfAsset(
  github: GitHub,
  { id, name }: Asset,
  options: CallOptions,
): Promise<string | undefined> {
  const bytes = await github.find<unknown>(
    `read the file ${name} of the release`,
    (rest, where) =>
      rest.repos.getReleaseAsset({
        ...where,
        ...{ asset_id: id, headers: { accept: 'application/octet-stream' } },
      }),
    options,
  );
  if (bytes === undefined) return undefined;
  const isWhole = bytes instanceof ArrayBuffer;
  return digestOf(isWhole ? new Uint8Array(bytes) : new TextEncoder().encode(JSON.stringify(bytes)));
}

/** Until the list shows every file whole: an upload that broke off may have left something in its place. */
async function sendFiles(work: Work, release: Release): Promise<void> {
  for (let round = 1; ; round++) {
    const assets = await assetsOf(work, release);
    const open = await filesToSend(work, assets);
    if (open.length === 0) return;
    if (round > mostRounds) throw notWhole(work, open);
    for (const one of open) await sendFile(work, release, one);
  }
}

async function sendFile(work: Work, release: Release, { file, there }: FileToSend): Promise<void> {
  const { github, options } = work;
  let seen: readonly Asset[] | undefined = there ? [there] : [];
  await github.ensure<Asset>(
    {
      doing: `upload ${file.name}`,
      look: async () => {
        const assets = seen ?? (await assetsOf(work, release));
        seen = undefined;
        const own = assets.find(({ name }) => name === file.name);
        if (!own || (await holds(work, own, file))) return own;
        await github.find(
          `remove the broken file ${file.name}`,
          (rest, where) => rest.repos.deleteReleaseAsset({ ...where, asset_id: own.id }),
          options,
        );
        return undefined;
      },
      create: (rest, where) =>
        rest.repos.uploadReleaseAsset({
          ...where,
          ...{ url: release.upload_url, release_id: release.id, name: file.name },
          ...{
            data: file.bytes as unknown as string,
            headers: { 'content-type': 'application/octet-stream' },
          },
        }),
    },
    options,
  );
}

async function publish({ github, request: { tag }, options }: Work, { id }: Release): Promise<Release> {
  const { value } = await github.ensure<Release>(
    {
      doing: `publish the release ${tag}`,
      look: async () => {
        const now = await github.ask<Release>(
          `read the release ${tag}`,
          (rest, where) => rest.repos.getRelease({ ...where, release_id: id }),
          options,
        );
        return now.draft ? undefined : now;
      },
      create: (rest, where) => rest.repos.updateRelease({ ...where, release_id: id, draft: false }),
    },
    options,
  );
  return value;
}

/** A published release is what people have already. */
function refuseChange({ request }: Work, release: Release, open: readonly FileToSend[]): void {
  const { tag, replace } = request;
  const names = open.map(({ file }) => file.name);
  const details = { tag, files: names, url: release.html_url };
  const shown = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
  if (release.immutable) {
    throw new BundlesError(
      'RELEASE_IMMUTABLE',
      `Cannot change the release ${JSON.stringify(tag)}: it is immutable, and its files differ from those of this commit: ${shown}`,
      { hint: 'Release the change under a new tag', details },
    );
  }
  const differing = open.filter(({ there }) => there?.state === 'uploaded').map(({ file }) => file.name);
  if (replace || differing.length === 0) return;
  throw new BundlesError(
    'RELEASE_DIFFERS',
    `Cannot change the release ${JSON.stringify(tag)}: it is published, and has files of other content: ${differing.slice(0, 3).join(', ')}`,
    { hint: 'Release the change under a new tag, or replace the files with --replace', details },
  );
}

function notWhole({ request: { tag } }: Work, open: readonly FileToSend[]): BundlesError {
  const names = open.map(({ file }) => file.name);
  return new BundlesError(
    'GITHUB_REFUSED',
    `Cannot complete the release ${JSON.stringify(tag)}: after ${mostRounds} uploads GitHub does not have ${names[0]} completely`,
    {
      hint: 'Run the command again; the release is still a draft or unchanged',
      details: { tag, files: names },
    },
  );
}
