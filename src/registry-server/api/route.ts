/** What a path below `/v2/` asks for. Names are not checked here: a route only states where they are. */
export type Route =
  | { readonly kind: 'version' }
  | { readonly kind: 'manifest'; readonly repository: string; readonly tagOrDigest: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string };

/**
 * Reads a path from its end, because repository names hold slashes and may themselves hold words like `blobs`.
 * Undefined is a path this API does not have.
 */
export function parseRoute(pathname: string): Route | undefined {
  if (pathname === '/v2/' || pathname === '/v2') return { kind: 'version' };
  if (!pathname.startsWith('/v2/')) return undefined;
  const segments = decode(pathname.slice('/v2/'.length))?.split('/');
  if (!segments || segments.length < 3) return undefined;
  const last = segments.at(-1) ?? '';
  const before = segments.at(-2);
  const name = (tail: number) => segments.slice(0, -tail).join('/');
  if (before === 'uploads' && segments.at(-3) === 'blobs' && segments.length > 3) {
    return last === ''
      ? { kind: 'uploads', repository: name(3) }
      : { kind: 'upload', repository: name(3), id: last };
  }
  if (before === 'blobs' && last === 'uploads') return { kind: 'uploads', repository: name(2) };
  if (before === 'manifests') return { kind: 'manifest', repository: name(2), tagOrDigest: last };
  if (before === 'blobs') return { kind: 'blob', repository: name(2), digest: last };
  if (before === 'referrers') return { kind: 'referrers', repository: name(2), digest: last };
  if (before === 'tags' && last === 'list') return { kind: 'tags', repository: name(2) };
  return undefined;
}

/** Some clients write the colon of a digest as %3A. */
function decode(path: string): string | undefined {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
