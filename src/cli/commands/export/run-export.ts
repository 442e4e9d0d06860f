import { join } from 'node:path';
import { type ExportFormat, exportImage } from '../../../bundle/export-image.js';
import { referenceName } from '../../../oci/reference.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import type { BundleInputOptions } from '../../open/bundle-input.js';
import { loadBundleInputs } from '../../open/load-bundle-inputs.js';
import { namesOf, readNamedBundles, refuseTwins } from '../../open/named-bundles.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

export interface ExportOptions extends CommonOptions, NetworkOptions, BundleInputOptions {
  readonly format: ExportFormat;
  readonly to: string;
  readonly mediaTypes: 'docker' | 'oci';
}

/** Writes each bundle into a file or layout of its own, and prints its digest. */
export async function runExport(
  { context }: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: ExportOptions },
): Promise<void> {
  const { clock, signal } = context;
  const { format, mediaTypes } = options;
  const subjects = await readNamedBundles(context, { words, verb: 'export' }, options);
  refuseTwins(subjects.map(namesOf), 'export');
  const results: object[] = [];
  for (const { subject, bundle } of await loadBundleInputs(context, subjects, options)) {
    const { name, tag, repository: where } = namesOf(subject);
    const repository = where && referenceName(where);
    const { image } = bundle;
    const path = join(options.to, format === 'layout' ? name : `${name}.tar`);
    const report = await exportImage(image, { format, path, mediaTypes, clock, signal, tag, repository });
    const built = image.manifest.descriptor.digest;
    if (report.digest !== built && !options.quiet) {
      context.stderr.line(
        `warning: ${name}: OCI media types give another digest, ${report.digest} instead of ${built}; nothing that is pinned by the latter finds it`,
      );
    }
    const said = repository === undefined ? null : `${repository}${tag === undefined ? '' : `:${tag}`}`;
    results.push({ name, reference: said, tag: tag ?? null, built, ...report, format, mediaTypes, path });
    if (options.output === 'text') context.stdout.line(`${name} ${report.digest} ${path}`);
  }
  if (options.output === 'json') {
    context.stdout.json({ version: 1, bundles: results, error: null });
  }
}
