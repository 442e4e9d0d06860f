import { legacyLabels } from '../../workflow/legacy-labels.js';
import { type ConfigNode, report } from '../../yaml-file/config-node.js';
import { showText } from '../../yaml-file/show-text.js';
import { parseText } from './parse-scalar.js';

const limit = 10;
const keyRule = /^[A-Za-z0-9._-]{1,63}$/;

/** The labels of a project's own: what stands beside the known ones. */
export function parseCustomLabels(
  place: ConfigNode,
  {
    children,
    known,
  }: { readonly children: ReadonlyMap<string, ConfigNode>; readonly known: readonly string[] },
): ReadonlyMap<string, string> {
  const custom = new Map<string, string>();
  for (const [key, child] of children) {
    if (known.includes(key)) continue;
    if (!keyRule.test(key)) {
      reportKey(child, key);
      continue;
    }
    const meant = known.find((word) => plain(word) === plain(key));
    if (meant !== undefined) {
      const hint = `Did you mean ${showText(meant)}?`;
      report(child, `found the label ${showText(key)} beside the known ones`, { at: 'key', hint });
    }
    const value = parseText(child, { wanted: 'text of at most 100 characters', longest: 100 });
    if (value !== undefined) custom.set(key, value);
  }
  if (custom.size > limit)
    report(place, `found ${custom.size} labels of the project's own, wanted at most ${limit}`);
  return custom;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_.]/g, '');
}

function reportKey(child: ConfigNode, key: string): void {
  const today = legacyLabels.get(key);
  const former = key.startsWith('kubernaut.ai/');
  const hint =
    today !== undefined ? `Write ${today}` : former ? 'Leave it out: no reader keeps this key' : undefined;
  const wanted = 'wanted letters, digits, ".", "_" and "-", at most 63';
  report(child, `found the label ${showText(key)}, ${wanted}`, { at: 'key', hint });
}
