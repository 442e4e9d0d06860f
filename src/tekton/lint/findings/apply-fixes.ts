import { editReferences } from '../../sources/edit-references.js';
import type { Finding } from './finding.js';

/** A source with its fixes made, and how many there were. */
export interface FixedSource {
  readonly bytes: Uint8Array;
  /** How many fixes were made; what would change anything else is left. */
  readonly applied: number;
}

/**
 * Returns a file with the fixes of its findings applied; every other byte is kept. `applied` counts them.
 *
 * @throws YAML_INVALID
 * @example
 * ```ts
 * import { applyFixes, lintSources } from 'tekton-bundles/lint';
 *
 * const text = 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: build}\nspec: {steps: [{image: alpine:3.20}]}\n---\n---\n';
 * const source = { path: 'task.yaml', bytes: new TextEncoder().encode(text) };
 * const { findings } = lintSources([source]);
 * const { applied, bytes } = applyFixes(source.bytes, findings);
 * console.log(applied, text.length - bytes.length); // 1 4
 * ```
 */
export function applyFixes(bytes: Uint8Array, findings: readonly Finding[]): FixedSource {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const fixes = findings.flatMap(({ fix }) => fix ?? []);
  const edits = fixes.flatMap((fix) => ('edit' in fix ? [fix.edit] : []));
  const edited = editReferences(text, edits);
  // An edit stays on its line, so that the numbers of lines are still those of the findings.
  const removals = fixes.flatMap((fix) => ('lines' in fix ? [fix.lines] : []));
  const lines = edited.text.split(/(?<=\n)/);
  const left = lines.filter(
    (_, index) => !removals.some(({ from, to }) => from <= index + 1 && index + 1 < to),
  );
  return {
    bytes: new TextEncoder().encode(left.join('')),
    applied: edits.length - edited.refused.length + removals.length,
  };
}
