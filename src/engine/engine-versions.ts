import { BundlesError, isBundlesError } from '../errors.js';
import type { Engine } from './engine.js';

/** Since when each engine has the options that not every version in use has. */
const since: Readonly<Record<string, Readonly<Partial<Record<Engine['name'], string>>>>> = {
  '--ignorefile': { podman: '3.0', buildah: '1.19' },
  '--manifest': { podman: '3.0', buildah: '1.19' },
  '--platform': { podman: '3.4', buildah: '1.23', docker: '23.0' },
  '--secret': { podman: '3.2', buildah: '1.21', docker: '23.0' },
  '--cache-from': { podman: '4.2', buildah: '1.27' },
  '--cache-to': { podman: '4.2', buildah: '1.27', docker: '23.0' },
  '--progress': { docker: '23.0' },
  '--iidfile': { podman: '1.0', buildah: '1.1', docker: '23.0' },
};

/** An error that an engine is too old, with the version that it has and the one that has the option. */
export async function withVersions(
  error: unknown,
  engine: Pick<Engine, 'name' | 'status'>,
): Promise<unknown> {
  if (!isBundlesError(error, 'ENGINE_UNSUPPORTED') || error.details.version !== undefined) return error;
  const version = await engine.status().then(
    (status) => status.version || null,
    () => null,
  );
  const { option } = error.details;
  const wanted = (typeof option === 'string' ? since[option]?.[engine.name] : undefined) ?? null;
  const has = version === null ? engine.name : `${engine.name} ${version}`;
  const needs = wanted === null ? 'a newer version' : `${engine.name} ${wanted} or later`;
  return new BundlesError('ENGINE_UNSUPPORTED', `${error.message} (found ${has}, wanted ${needs})`, {
    hint: `Install ${needs}, or use another engine with --engine`,
    details: { ...error.details, engine: engine.name, version, wanted },
    cause: error.cause,
  });
}
