import { join } from 'node:path';
import { type ExportFormat, exportImage } from '../../../bundle/export-image.js';
import { type LoadedBundle, loadBundle } from '../../../bundle/load-bundle.js';
import type { CompanySource } from '../../../content/referrers-of.js';
import { referenceName } from '../../../oci/reference.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import type { BundleInputOptions } from '../../open/bundle-input.js';
import { type OpenedInputs, openInputs } from '../../open/load-bundle-inputs.js';
import { type NamedInput, namesOf, readNamedBundles, refuseTwins } from '../../open/named-bundles.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

export interface ExportOptions extends CommonOptions, NetworkOptions, BundleInputOptions {
  readonly format: ExportFormat;
  readonly to: string;
  readonly mediaTypes: 'docker' | 'oci';
  readonly referrers?: boolean;
}

/** Writes each bundle to a separate file or layout, and prints its digest. */
export async function runExport(
  { context }: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: ExportOptions },
): Promise<void> {
  const { clock } = context;
  const { format, mediaTypes, referrers = false } = options;
  const subjects = await readNamedBundles(context, { words, verb: 'export' }, options);
  refuseTwins(subjects.map(namesOf), 'export');
  const inputs = await openInputs(context, subjects, { ...options, fromRegistries: referrers });
  try {
    const found = await Promise.all(subjects.map((subject) => findBundle(inputs, subject, referrers)));
    const results: object[] = [];
    for (const { subject, bundle, attachedFrom } of found) {
      const { name, tag, repository: where } = namesOf(subject);
      const repository = where && referenceName(where);
      const { image } = bundle;
      const path = join(options.to, format === 'layout' ? name : `${name}.tar`);
      const named = { format, path, mediaTypes, tag, repository, attachedFrom };
      const report = await exportImage(image, { ...named, clock, signal: inputs.signal });
      const built = image.manifest.descriptor.digest;
      if (report.digest !== built && !options.quiet) {
        context.stderr.line(
          `warning: ${name}: OCI media types give another digest, ${report.digest} instead of ${built}; nothing that is pinned by the latter finds it`,
        );
      }
      const target = repository === undefined ? null : `${repository}${tag === undefined ? '' : `:${tag}`}`;
      results.push({ name, reference: target, tag: tag ?? null, built, ...report, format, mediaTypes, path });
      if (options.output === 'text') context.stdout.line(`${name} ${report.digest} ${path}`);
    }
    if (options.output === 'json') context.stdout.json({ version: 1, bundles: results, error: null });
  } finally {
    await inputs[Symbol.asyncDispose]();
  }
}

interface FoundBundle {
  readonly subject: NamedInput;
  readonly bundle: LoadedBundle;
  readonly attachedFrom: CompanySource | undefined;
}

/** With referrers, a declared bundle is read where they are: on its registry. */
async function findBundle(
  inputs: OpenedInputs,
  subject: NamedInput,
  referrers: boolean,
): Promise<FoundBundle> {
  if (!referrers) return { subject, bundle: await inputs.load(subject), attachedFrom: undefined };
  const { store, wanted } = await inputs.published(subject);
  return { subject, bundle: await loadBundle(store, wanted, { signal: inputs.signal }), attachedFrom: store };
}
