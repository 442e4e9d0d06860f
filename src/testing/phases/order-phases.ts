import { BundlesError } from '../../errors.js';
import type { Phase } from './phase.js';

/**
 * All phases of a run, also those that are only named in an `after`, each behind those it needs.
 * @throws USAGE for two phases of one name and for a circle
 */
export function orderPhases(given: readonly Phase[]): Phase[] {
  const ordered: Phase[] = [];
  const under = new Set<Phase>();
  const add = (phase: Phase): void => {
    if (ordered.includes(phase)) return;
    if (under.has(phase)) throw misuse(`the phase ${JSON.stringify(phase.name)} comes after itself`);
    under.add(phase);
    for (const before of Object.values(phase.after)) add(before);
    under.delete(phase);
    ordered.push(phase);
  };
  for (const phase of given) add(phase);
  const names = ordered.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw misuse(`two phases are named ${JSON.stringify(twice)}`);
  return ordered;
}

function misuse(problem: string): BundlesError {
  return new BundlesError('USAGE', `Cannot run the phases: ${problem}`, {
    hint: 'Give each phase a name of its own, and let it come after earlier ones only',
  });
}
