import { join } from 'node:path';
import type { Bundle } from '../../../bundle/build-bundle.js';
import { openLayoutStore } from '../../../content/layout/layout-store.js';
import { writeImage } from '../../../content/write-image.js';
import { buildLocalBundle } from '../../../ensure/bundle/local-bundle.js';
import { selectBundles } from '../../../ensure/select-bundles.js';
import { BundlesError } from '../../../errors.js';
import { optionOr } from '../../../open/machine.js';
import { keepProject } from '../../../open/own-values.js';
import { readLock } from '../../../project/lock/lock-file.js';
import { readProject } from '../../../project/read-project.js';
import type { Context } from '../../context.js';
import { buildFromFiles } from '../../open/build-from-files.js';
import type { CommonOptions } from '../../options/common-options.js';
import { createdOption } from '../../options/option-values.js';
import type { Session } from '../../session.js';

export interface BuildOptions extends CommonOptions {
  readonly config?: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly ctime?: string;
  readonly tknCompat?: boolean;
  readonly file?: readonly string[];
  readonly annotate?: readonly string[];
  readonly label?: readonly string[];
  readonly to: string;
}

interface BuildRecord {
  readonly name: string;
  /** Undefined for files without --tag: the layout then holds the image alone. */
  readonly tag: string | undefined;
  readonly bundle: Bundle;
  readonly warnings: readonly string[];
}

interface BuildRequest {
  readonly names: readonly string[];
  readonly options: BuildOptions;
}

/** Builds bundles into layout directories, DIRECTORY/NAME each, and prints their digests. No network. */
export async function runBuild({ context }: Session, request: BuildRequest): Promise<void> {
  const { options } = request;
  if (!options.file) refuseFileOptions(options);
  const all = options.file ? [await fromFiles(context, request)] : await fromProject(context, request);
  const results: object[] = [];
  for (const { name, tag, bundle, warnings } of all) {
    const layout = join(options.to, name);
    await writeLayout(context, { layout, tag, bundle });
    if (!options.quiet) for (const warning of warnings) context.stderr.line(`warning: ${warning}`);
    const { digest, configDigest, created, objects } = bundle;
    results.push({ name, tag: tag ?? null, digest, configDigest, created, layout, objects, warnings });
    if (options.output === 'text') context.stdout.line(`${name} ${digest} ${layout}`);
  }
  if (options.output === 'json') {
    context.stdout.json({ version: 1, bundles: results, error: null });
  }
}

function refuseFileOptions({ annotate, label, tknCompat }: BuildOptions): void {
  const given = annotate ? '--annotate' : label ? '--label' : tknCompat ? '--tkn-compat' : undefined;
  if (given === undefined) return;
  throw new BundlesError('USAGE', `Cannot build declared bundles with ${given}: it belongs to -f`, {
    hint: 'Declare annotations and labels in bundles.yaml, or name files with -f',
  });
}

async function fromFiles(context: Context, { names, options }: BuildRequest): Promise<BuildRecord> {
  const [name = 'bundle', ...more] = names;
  if (more.length > 0 || !/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(name)) {
    throw new BundlesError(
      'USAGE',
      `Cannot build ${JSON.stringify(names.join(' '))} from -f: wanted one bundle name`,
      {
        hint: 'A name is lower-case letters and digits, joined by . _ or -',
      },
    );
  }
  return {
    name,
    tag: optionOr(options.tag, context, 'BUNDLES_TAG'),
    ...(await buildFromFiles(context, options)),
  };
}

async function fromProject(context: Context, { names, options }: BuildRequest): Promise<BuildRecord[]> {
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const overrides = {
    repository: optionOr(options.repository, context, 'BUNDLES_REPOSITORY'),
    tag: optionOr(options.tag, context, 'BUNDLES_TAG'),
  };
  const project = keepProject(context, await readProject(file, overrides, { signal: context.signal }));
  const specs = selectBundles(project, names);
  const lock = await readLock(join(project.directory, 'bundles.lock'), { signal: context.signal });
  const created = createdOption(context, options.ctime);
  const built: BuildRecord[] = [];
  for (const spec of specs) {
    const entry = lock.entries.get(spec.name);
    const candidate = await buildLocalBundle({ project, spec, entry, created }, { signal: context.signal });
    const { warnings } = candidate;
    built.push({ name: spec.name, tag: spec.reference.tag, bundle: await candidate.bundle(), warnings });
  }
  return built;
}

async function writeLayout(
  { clock, signal }: Context,
  {
    layout,
    tag,
    bundle: { image },
  }: { readonly layout: string; readonly tag: string | undefined; readonly bundle: Bundle },
): Promise<void> {
  await writeImage(openLayoutStore(layout, { clock }), image, { tag, signal });
}
