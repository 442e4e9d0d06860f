import { lstat, rename as renamePath } from 'node:fs/promises';
import { join } from 'node:path';
import { selectBundles } from '../../../ensure/select-bundles.js';
import { BundlesError } from '../../../errors.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import { shorten } from '../../../http/shorten.js';
import { optionOr } from '../../../open/machine.js';
import type { VersionPart } from '../../../project/bump-tag.js';
import { readProjectFrom, readProjectText } from '../../../project/read-project.js';
import type { CommonOptions } from '../../options/common-options.js';
import { createPaint } from '../../output/terminal.js';
import type { Session } from '../../session.js';

export interface BumpOptions extends CommonOptions {
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly rename?: boolean;
}

interface BumpWords {
  readonly name: string;
  readonly part: VersionPart;
  readonly options: BumpOptions;
}

/** Edits the file and prints the tag before and after. */
export async function runBump({ context }: Session, { name, part, options }: BumpWords): Promise<void> {
  const { signal, stdout } = context;
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const text = await readProjectText(file, { signal });
  const project = await readProjectFrom(text, file, {}, { signal });
  const { bumpTag } = await import('../../../project/bump-tag.js');
  for (const bundle of selectBundles(project, [name])) {
    const { tag: from } = bundle.reference;
    const { tag: to, text: next, rename: renamed = null } = bumpTag(text, project, bundle, part);
    if (renamed !== null) await requireRenamable(project, renamed, { name, rename: options.rename ?? false });
    if (!options.dryRun) {
      await applyBump({ directory: project.directory, renamed }, () =>
        next === text ? Promise.resolve() : writeFileAtomic(file, next, { signal }),
      );
    }
    const result = {
      version: 1,
      name,
      file,
      from,
      to,
      renamed,
      written: options.dryRun !== true,
      error: null,
    };
    const paint = createPaint(context, 'stdout', options);
    const shown =
      options.output === 'json'
        ? JSON.stringify(result, null, 2)
        : `${name} ${from} → ${paint('bold', to)}${renamed ? ` (${shorten(renamed.from)} → ${shorten(renamed.to)})` : ''}`;
    stdout.line(shown);
  }
}

interface Renamed {
  readonly from: string;
  readonly to: string;
}

/** Refuses a rename without --rename, or one that would replace or break something. @throws USAGE */
async function requireRenamable(
  { directory }: { readonly directory: string },
  { from, to }: Renamed,
  { name, rename }: { readonly name: string; readonly rename: boolean },
): Promise<void> {
  const refuse = (reason: string, hint: string) => {
    throw new BundlesError('USAGE', `Cannot bump ${JSON.stringify(name)}: ${reason}`, {
      hint,
      details: { from, to },
    });
  };
  if (!rename)
    refuse(
      `its tag comes from its path, ${JSON.stringify(from)}`,
      `With --rename the path becomes ${JSON.stringify(to)}`,
    );
  const there = await lstat(join(directory, to)).catch(() => undefined);
  if (there !== undefined) refuse(`${JSON.stringify(to)} exists already`, 'Remove or rename it first');
  const steps = from.split('/');
  for (const [index] of steps.entries()) {
    const path = steps.slice(0, index + 1).join('/');
    if ((await lstat(join(directory, path))).isSymbolicLink())
      refuse(`${JSON.stringify(path)} is a symbolic link`, 'Rename what it names by hand');
  }
}

/** Renames, then writes the file; a file that cannot be written leaves the path as it was. */
async function applyBump(
  { directory, renamed }: { readonly directory: string; readonly renamed: Renamed | null },
  write: () => Promise<unknown>,
): Promise<void> {
  if (renamed === null) {
    await write();
    return;
  }
  const [from, to] = [join(directory, renamed.from), join(directory, renamed.to)];
  await renamePath(from, to);
  try {
    await write();
  } catch (error) {
    await renamePath(to, from);
    throw error;
  }
}
