import { type LoadedBundle, loadBuiltBundle, loadBundle } from '../../bundle/load-bundle.js';
import { openSourceLocation } from '../../content/open-location.js';
import type { NetworkOptions } from '../../open/network-options.js';
import { openConnection } from '../../open/open-connection.js';
import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';
import type { BundleInput } from './bundle-input.js';

export interface LoadedBundleInput {
  readonly subject: BundleInput;
  readonly bundle: LoadedBundle;
}

/** Reads each subject whole; registries are asked over one connection, which ends here. */
export async function loadBundleInputs(
  context: Context,
  subjects: readonly BundleInput[],
  options: NetworkOptions & Pick<CommonOptions, 'verbose'>,
): Promise<LoadedBundleInput[]> {
  const { signal } = context;
  const registries = subjects.flatMap((subject) =>
    subject.kind === 'place' && subject.place.kind === 'registry' ? [subject.place.reference.registry] : [],
  );
  const projects = subjects.flatMap((subject) => (subject.kind === 'declared' ? [subject.project] : []));
  const connection =
    registries.length > 0
      ? await openConnection(context, { options, patience: 'full', registries, projects })
      : undefined;
  try {
    const load = async (subject: BundleInput): Promise<LoadedBundle> => {
      if (subject.kind !== 'place') return loadBuiltBundle(subject.bundle);
      const { store, wanted } = await openSourceLocation(subject.place, {
        repository: (reference) => {
          if (!connection) throw new TypeError('A registry needs a connection');
          return connection.registry.repository(reference);
        },
        signal,
      });
      return loadBundle(store, wanted, { signal });
    };
    return await Promise.all(subjects.map(async (subject) => ({ subject, bundle: await load(subject) })));
  } finally {
    await connection?.close();
  }
}
