import { inspectBundle } from '../../../bundle/inspect-bundle.js';
import { isBundlesError } from '../../../errors.js';
import { formatImageLocation, parseImageLocation } from '../../../oci/image-location.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { listAttached } from '../../../signing/list-attached.js';
import { openSource } from '../../open/open-source.js';
import type { CommonOptions } from '../../options/common-options.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { showInspection } from './show-inspection.js';

export interface InspectOptions extends CommonOptions, NetworkOptions {}

/** Describes the bundle at a location. */
export async function runInspect(
  { context }: Session,
  request: { readonly place: string; readonly options: InspectOptions },
): Promise<void> {
  const { options } = request;
  const place = parseImageLocation(request.place);
  const source = await openSource(context, place, options);
  try {
    const { signal } = context;
    const bundle = await inspectBundle(source.store, source.wanted, { signal });
    const attached = await listAttached(source.store, bundle.digest, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!isBundlesError(error)) throw error;
      if (!options.quiet) context.stderr.line(`warning: cannot list what is attached: ${error.message}`);
      return null;
    });
    const inspection = { ...bundle, attached };
    const reference = formatImageLocation(place);
    const screen = createScreen(context, 'stdout', options);
    if (options.output === 'json') context.stdout.json({ version: 1, reference, ...inspection, error: null });
    else
      context.stdout.lines(
        showInspection(reference, inspection, { screen, verbose: options.verbose === true }),
      );
  } finally {
    await source.close();
  }
}
