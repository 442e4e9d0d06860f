import { type LoadedBundle, loadBuiltBundle, loadBundle } from '../../bundle/load-bundle.js';
import { openSourceLocation, type SourceLocation } from '../../content/open-location.js';
import type { ImageLocation } from '../../oci/image-location.js';
import type { NetworkOptions } from '../../open/network-options.js';
import { openConnection } from '../../open/open-connection.js';
import type { RegistryClient } from '../../registry/client.js';
import type { RegistryRepository } from '../../registry/repository.js';
import { readPinnedBundles } from '../../release/pinned-bundle.js';
import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';
import type { BundleInput } from './bundle-input.js';
import type { NamedInput } from './named-bundles.js';

export interface LoadedBundleInput {
  readonly subject: BundleInput;
  readonly bundle: LoadedBundle;
}

/** Where bundles are read from; registries are queried over one connection. */
export interface OpenedInputs extends AsyncDisposable {
  readonly signal: AbortSignal;
  load(subject: BundleInput): Promise<LoadedBundle>;
  repository: RegistryClient['repository'];
  source(place: ImageLocation): Promise<SourceLocation<RegistryRepository>>;
  /** Where it is published: of a declared bundle the digest that the lock pins, on its registry. @throws LOCK_STALE */
  published(subject: NamedInput): Promise<SourceLocation<RegistryRepository>>;
}

export interface OpenInputsOptions extends NetworkOptions, Pick<CommonOptions, 'verbose'> {}

/** Opens a connection where a registry is among the places, or the declared bundles are read from their registries. */
export async function openInputs(
  context: Context,
  subjects: readonly BundleInput[],
  { fromRegistries = false, ...options }: OpenInputsOptions & { readonly fromRegistries?: boolean },
): Promise<OpenedInputs> {
  const registries = subjects.flatMap((subject) => {
    if (subject.kind === 'place') {
      return subject.place.kind === 'registry' ? [subject.place.reference.registry] : [];
    }
    return subject.kind === 'declared' && fromRegistries ? [subject.spec.reference.registry] : [];
  });
  const projects = subjects.flatMap((subject) => (subject.kind === 'declared' ? [subject.project] : []));
  const connection =
    registries.length > 0
      ? await openConnection(context, { options, patience: 'full', registries, projects })
      : undefined;
  const signal = connection ? AbortSignal.any([context.signal, connection.signal]) : context.signal;
  const repository: RegistryClient['repository'] = (name, how) => {
    if (!connection) throw new TypeError('A registry needs a connection');
    return connection.registry.repository(name, how);
  };
  const source: OpenedInputs['source'] = (place) => openSourceLocation(place, { repository, signal });
  return {
    signal,
    repository,
    source,
    async published(subject) {
      if (subject.kind === 'place') return source(subject.place);
      const { project, spec } = subject;
      const [pinned] = await readPinnedBundles({ project, specs: [spec] }, { signal });
      if (!pinned) throw new RangeError('one bundle was asked for');
      return { store: repository(spec.reference), wanted: pinned.entry.digest };
    },
    async load(subject) {
      if (subject.kind !== 'place') return loadBuiltBundle(subject.bundle);
      const { store, wanted } = await source(subject.place);
      return loadBundle(store, wanted, { signal });
    },
    [Symbol.asyncDispose]: async () => connection?.close(),
  };
}

/** Reads each subject whole. */
export async function loadBundleInputs(
  context: Context,
  subjects: readonly BundleInput[],
  options: OpenInputsOptions,
): Promise<LoadedBundleInput[]> {
  const inputs = await openInputs(context, subjects, options);
  try {
    return await Promise.all(
      subjects.map(async (subject) => ({ subject, bundle: await inputs.load(subject) })),
    );
  } finally {
    await inputs[Symbol.asyncDispose]();
  }
}
