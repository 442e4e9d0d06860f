import { selectBundles } from '../../../ensure/select-bundles.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import { optionOr } from '../../../open/machine.js';
import type { VersionPart } from '../../../project/bump-tag.js';
import { readProjectFrom, readProjectText } from '../../../project/read-project.js';
import type { CommonOptions } from '../../options/common-options.js';
import { createPaint } from '../../output/terminal.js';
import type { Session } from '../../session.js';

export interface BumpOptions extends CommonOptions {
  readonly config?: string;
  readonly dryRun?: boolean;
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
    const { tag: to, text: next } = bumpTag(text, project, bundle, part);
    if (!options.dryRun) await writeFileAtomic(file, next, { signal });
    const result = { version: 1, name, file, from, to, written: options.dryRun !== true };
    const paint = createPaint(context, 'stdout', options);
    const shown =
      options.output === 'json' ? JSON.stringify(result, null, 2) : `${name} ${from} → ${paint('bold', to)}`;
    stdout.write(`${shown}\n`);
  }
}
