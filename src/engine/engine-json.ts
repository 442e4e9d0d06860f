import type { LocalImage } from './engine.js';

/** What engines print is read key by key: each has its own spellings, and none is bound to keep them. */
export type Json = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

export function textsOf(value: unknown): string[] {
  return listOf(value).filter((item): item is string => typeof item === 'string');
}

/** One image in the output of `podman image inspect`, `podman images` or `docker image inspect`. */
export function imageOf(value: unknown): LocalImage | undefined {
  const image = objectOf(value);
  const id = textOf(image.Id).replace(/^sha256:/, '');
  if (!/^[a-f0-9]{64}$/.test(id)) return undefined;
  const names = [...textsOf(image.RepoTags), ...textsOf(image.Names)];
  return {
    id,
    digest: textOf(image.Digest),
    names: [...new Set(names)].filter((name) => !name.includes('<none>')),
    repositoryDigests: textsOf(image.RepoDigests),
    labels: labelsOf(image.Labels ?? objectOf(image.Config).Labels),
    created: numberOf(image.Created) ?? seconds(textOf(image.Created)),
    size: numberOf(image.Size) ?? 0,
    dangling: image.Dangling === true,
  };
}

export function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const pairs = Object.entries(objectOf(value)).filter((pair): pair is [string, string] => {
    return typeof pair[1] === 'string';
  });
  return Object.fromEntries(pairs);
}

function seconds(time: string): number {
  const milliseconds = Date.parse(time);
  return Number.isFinite(milliseconds) ? Math.floor(milliseconds / 1000) : 0;
}
