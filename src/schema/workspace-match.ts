import { showText } from '../yaml-file/show-text.js';
import { type DocumentProblem, problemAt } from './document-problem.js';
import { itemsOf, member } from './member.js';

/**
 * A controller gives a run one workspace for each dependency, `secret-NAME` or `configmap-NAME`, and no other. Each of
 * them must be declared by the Pipeline, and what the Pipeline declares beside them must be optional.
 */
export function workspaceProblems(document: unknown, pipeline: Uint8Array): DocumentProblem[] {
  const spec = member(JSON.parse(new TextDecoder().decode(pipeline)), 'spec');
  const declared = itemsOf(member(spec, 'workspaces'));
  const names = declared.map((workspace) => member(workspace, 'name'));
  const given = dependencyWorkspaces(document);
  const undeclared = given.filter(({ workspace }) => !names.includes(workspace));
  const waiting = declared.filter((one) => {
    const name = member(one, 'name');
    return member(one, 'optional') !== true && !given.some(({ workspace }) => workspace === name);
  });
  return [
    ...undeclared.map(({ workspace, path }) =>
      problemAt(
        path,
        'dependency-workspace',
        `the Pipeline declares no workspace ${showText(workspace)} for it`,
      ),
    ),
    ...waiting.map((one) => {
      const message = `the Pipeline needs the workspace ${showText(String(member(one, 'name')))}, which the controller does not give`;
      const hint = 'Make it optional, or name it after a dependency: secret-NAME or configmap-NAME';
      return problemAt([], 'workspace-given', message, { severity: 'warning', hint });
    }),
  ];
}

function dependencyWorkspaces(document: unknown) {
  const dependencies = member(member(document, 'spec'), 'dependencies');
  const prefixes = { secrets: 'secret', configMaps: 'configmap' } as const;
  return (['secrets', 'configMaps'] as const).flatMap((kind) =>
    itemsOf(member(dependencies, kind)).map((item, index) => ({
      workspace: `${prefixes[kind]}-${String(member(item, 'name'))}`,
      path: ['spec', 'dependencies', kind, index, 'name'],
    })),
  );
}
