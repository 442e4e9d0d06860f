import type { DocumentKind } from './document-kind.js';
import type { DocumentProblem } from './document-problem.js';
import {
  dependencyNameProblems,
  flatExecutionProblems,
  remediationExecutionProblems,
} from './execution-semantics.js';
import { flatLabelProblems, remediationLabelProblems } from './label-semantics.js';
import { member } from './member.js';
import { parameterProblems } from './parameter-semantics.js';

/** What is wrong with a document beyond its structure, whatever that may be. */
export function semanticProblems(document: unknown, kind: DocumentKind): DocumentProblem[] {
  if (kind === 'workflow-schema') return flatProblems(document);
  return kind === 'remediation-workflow' ? remediationProblems(member(document, 'spec')) : [];
}

function flatProblems(document: unknown): DocumentProblem[] {
  return [
    ...flatLabelProblems(member(document, 'labels')),
    ...flatExecutionProblems(document),
    ...['parameters', 'rollback_parameters'].flatMap((key) =>
      parameterProblems({ path: [key], value: member(document, key), dependsOn: 'depends_on' }),
    ),
  ];
}

function remediationProblems(spec: unknown): DocumentProblem[] {
  return [
    ...remediationLabelProblems(spec),
    ...remediationExecutionProblems(spec),
    ...dependencyNameProblems(spec),
    ...['parameters', 'rollbackParameters'].flatMap((key) =>
      parameterProblems({ path: ['spec', key], value: member(spec, key), dependsOn: 'dependsOn' }),
    ),
  ];
}
