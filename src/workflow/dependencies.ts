import type { WorkflowParameter } from './workflow.js';

/** What is wrong with the `dependsOn` of one parameter. */
export interface DependencyProblem {
  readonly name: string;
  readonly rule: 'depends-on-resolves' | 'depends-on-acyclic';
  readonly message: string;
}

/** Checks that every `dependsOn` names a parameter of the list and that none leads back to itself. */
export function dependencyProblems(
  parameters: readonly Pick<WorkflowParameter, 'name' | 'dependsOn'>[],
): readonly DependencyProblem[] {
  const targets = new Map(parameters.map(({ name, dependsOn = [] }) => [name, dependsOn]));
  const problems: DependencyProblem[] = [];
  for (const [name, dependencies] of targets) {
    for (const target of dependencies) {
      if (targets.has(target)) continue;
      const message = `depends on ${JSON.stringify(target.slice(0, 100))}, which is not a parameter`;
      problems.push({ name, rule: 'depends-on-resolves', message });
    }
    if (reaches(name, targets))
      problems.push({
        name,
        rule: 'depends-on-acyclic',
        message: 'depends on itself, directly or through others',
      });
  }
  return problems;
}

function reaches(name: string, targets: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const waiting = [...(targets.get(name) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === name) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(targets.get(next) ?? []));
  }
  return false;
}
