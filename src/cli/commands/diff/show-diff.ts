import type { BundleDiff } from '../../../bundle/diff-bundles.js';
import type { JsonPatchOperation } from '../../../bundle/json-patch.js';
import { safeLine, safeText } from '../../../http/safe-text.js';
import { count } from '../../output/progress.js';
import type { Paint } from '../../output/terminal.js';

/** A diff for people: unified YAML for each object that differs, then what differs and changes nothing. */
export function showDiff(
  diff: BundleDiff,
  names: { readonly left: string; readonly right: string },
  paint: Paint,
): string {
  const { objects, annotations, labels, notes } = diff;
  const changed = objects.filter(({ change }) => change !== 'same');
  const lines: string[] = [];
  for (const { change, kind, name, unified } of changed) {
    lines.push(paint('bold', safeText(`${change} ${kind} ${name}`)));
    lines.push(
      ...unified
        .split('\n')
        .slice(0, -1)
        .map((line) => paintLine(line, paint)),
      '',
    );
  }
  lines.push(...maps('annotation', annotations, paint), ...maps('label', labels, paint));
  lines.push(...notes.map((note) => paint('dim', `note: ${safeText(note)}`)));
  lines.push(summary(diff, names));
  return `${lines.join('\n')}\n`;
}

function summary(
  { same, identical, objects }: BundleDiff,
  { left, right }: { left: string; right: string },
): string {
  const differing = objects.filter(({ change }) => change !== 'same').length;
  const sides = `${safeText(left)} and ${safeText(right)}`;
  if (identical) return `identical: ${sides} have one digest`;
  if (same) return `same: ${sides} mean the same, ${count(objects.length, 'object')}`;
  return `different: ${sides}, in ${differing} of ${count(objects.length, 'object')}`;
}

function paintLine(line: string, paint: Paint): string {
  const safe = safeLine(line);
  if (/^(?:---|\+\+\+) /.test(line)) return paint('bold', safe);
  if (line.startsWith('@@')) return paint('cyan', safe);
  if (line.startsWith('+')) return paint('green', safe);
  return line.startsWith('-') ? paint('red', safe) : safe;
}

/** Maps of texts have flat patches. */
function maps(what: string, operations: readonly JsonPatchOperation[], paint: Paint): string[] {
  return operations.map((operation) => {
    const key = operation.path.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
    const value = operation.op === 'remove' ? '' : `=${String(operation.value)}`;
    const signs = { add: '+', remove: '-', replace: '~' } as const;
    const style = operation.op === 'add' ? 'green' : operation.op === 'remove' ? 'red' : 'yellow';
    return paint(style, `${signs[operation.op]} ${what} ${safeText(key + value)}`);
  });
}
