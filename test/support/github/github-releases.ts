import { createHash } from 'node:crypto';
import { type Answer, list, notFound, type Route, unprocessable } from './github-routes.js';

export interface FakeAsset {
  readonly id: number;
  name: string;
  label: string | null;
  /** A broken upload leaves a `starter`. */
  state: 'uploaded' | 'starter';
  content_type: string;
  bytes: Buffer;
}

export interface FakeRelease {
  readonly id: number;
  tag_name: string;
  target_commitish: string;
  name: string | null;
  body: string | null;
  draft: boolean;
  prerelease: boolean;
  immutable: boolean;
  readonly assets: FakeAsset[];
}

export interface ReleaseState {
  readonly releases: FakeRelease[];
  /** Whether releases are immutable once they are published. */
  immutableReleases: boolean;
  /** Whether assets come with a digest: GitHub Enterprise Server has none before 3.18. */
  assetDigests: boolean;
}

export function createReleaseState(): ReleaseState {
  return { releases: [], immutableReleases: false, assetDigests: true };
}

/** Draft, upload, publish, as GitHub does it: drafts have no tag to be found by, and names of assets are unique. */
export function releaseRoutes(state: ReleaseState, urls: { readonly api: () => string }): readonly Route[] {
  let lastId = 1000;
  const { releases } = state;
  const byId = (id: string | undefined) => releases.find((release) => release.id === Number(id));
  const assetById = (id: string | undefined) =>
    releases
      .flatMap((release) => release.assets.map((asset) => ({ release, asset })))
      .find(({ asset }) => asset.id === Number(id));
  const showAsset = ({ bytes, ...asset }: FakeAsset) => ({
    ...asset,
    url: `${urls.api()}/releases/assets/${asset.id}`,
    size: bytes.length,
    digest:
      state.assetDigests && asset.state === 'uploaded'
        ? `sha256:${createHash('sha256').update(bytes).digest('hex')}`
        : null,
  });
  const show = (release: FakeRelease) => ({
    ...release,
    url: `${urls.api()}/releases/${release.id}`,
    html_url: `https://github.test/releases/${release.draft ? 'untagged' : release.tag_name}`,
    upload_url: `${urls.api()}/releases/${release.id}/assets{?name,label}`,
    assets: release.assets.map(showAsset),
  });
  const isTaken = (tag: unknown, own?: FakeRelease) =>
    releases.some((other) => other !== own && !other.draft && other.tag_name === tag);
  const taken = () =>
    unprocessable('Validation Failed', { resource: 'Release', code: 'already_exists', field: 'tag_name' });
  const publish = (release: FakeRelease) => {
    if (!release.draft && state.immutableReleases) release.immutable = true;
  };
  return [
    ['GET', /^\/releases$/, ({ request }) => list(releases.map(show).reverse(), request)],
    [
      'GET',
      /^\/releases\/tags\/(.+)$/,
      ({ parts: [tag] }) => {
        const found = releases.find((release) => !release.draft && release.tag_name === tag);
        return found ? { status: 200, data: show(found) } : notFound();
      },
    ],
    [
      'POST',
      /^\/releases$/,
      ({ json }) => {
        const draft = json.draft === true;
        if (typeof json.tag_name !== 'string') return unprocessable('Invalid request');
        if (!draft && isTaken(json.tag_name)) return taken();
        const release: FakeRelease = {
          id: ++lastId,
          tag_name: json.tag_name,
          target_commitish: String(json.target_commitish ?? 'main'),
          name: (json.name as string) ?? null,
          body: (json.body as string) ?? null,
          draft,
          prerelease: json.prerelease === true,
          immutable: false,
          assets: [],
        };
        releases.push(release);
        publish(release);
        return { status: 201, data: show(release) };
      },
    ],
    [
      'GET',
      /^\/releases\/(\d+)$/,
      ({ parts: [id] }) => {
        const found = byId(id);
        return found ? { status: 200, data: show(found) } : notFound();
      },
    ],
    [
      'PATCH',
      /^\/releases\/(\d+)$/,
      ({ parts: [id], json }) => {
        const release = byId(id);
        if (!release) return notFound();
        if (json.draft === false && release.draft && isTaken(json.tag_name ?? release.tag_name, release))
          return taken();
        if (release.immutable && json.tag_name !== undefined && json.tag_name !== release.tag_name)
          return unprocessable('Cannot change the tag of an immutable release');
        const { name, body, draft, prerelease, tag_name: tag, target_commitish: target } = json;
        if (name !== undefined) release.name = name as string;
        if (body !== undefined) release.body = body as string;
        if (draft !== undefined) release.draft = draft === true;
        if (prerelease !== undefined) release.prerelease = prerelease === true;
        if (typeof tag === 'string') release.tag_name = tag;
        if (typeof target === 'string') release.target_commitish = target;
        publish(release);
        return { status: 200, data: show(release) };
      },
    ],
    [
      'DELETE',
      /^\/releases\/(\d+)$/,
      ({ parts: [id] }) => {
        const release = byId(id);
        if (!release) return notFound();
        releases.splice(releases.indexOf(release), 1);
        return { status: 204 };
      },
    ],
    [
      'GET',
      /^\/releases\/(\d+)\/assets$/,
      ({ parts: [id], request }) => {
        const release = byId(id);
        return release ? list(release.assets.map(showAsset), request) : notFound();
      },
    ],
    [
      'POST',
      /^\/releases\/(\d+)\/assets$/,
      ({ parts: [id], request, body, fault }) => {
        const release = byId(id);
        if (!release) return notFound();
        if (release.immutable) return unprocessable('Cannot upload assets to an immutable release.');
        const name = request.query.get('name') ?? '';
        if (release.assets.some((asset) => asset.name === name)) {
          return unprocessable('Validation Failed', {
            resource: 'ReleaseAsset',
            code: 'already_exists',
            field: 'name',
          });
        }
        const asset: FakeAsset = {
          id: ++lastId,
          name,
          label: request.query.get('label'),
          // An upload that broke off half-way.
          state: fault === 'bad-gateway-after' || fault === 'reset-after' ? 'starter' : 'uploaded',
          content_type: String(request.headers['content-type'] ?? ''),
          bytes: body,
        };
        release.assets.push(asset);
        return { status: 201, data: showAsset(asset) };
      },
    ],
    [
      'GET',
      /^\/releases\/assets\/(\d+)$/,
      ({ parts: [id], request }): Answer => {
        const found = assetById(id);
        if (!found) return notFound();
        const isDownload = String(request.headers.accept).includes('octet-stream');
        return isDownload
          ? { status: 200, bytes: found.asset.bytes }
          : { status: 200, data: showAsset(found.asset) };
      },
    ],
    [
      'DELETE',
      /^\/releases\/assets\/(\d+)$/,
      ({ parts: [id] }) => {
        const found = assetById(id);
        if (!found) return notFound();
        if (found.release.immutable) return unprocessable('Cannot delete asset from an immutable release.');
        found.release.assets.splice(found.release.assets.indexOf(found.asset), 1);
        return { status: 204 };
      },
    ],
  ];
}
