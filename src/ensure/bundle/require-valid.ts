import { BundlesError } from '../../errors.js';
import type { BundleSpec, Project } from '../../project/project.js';
import { readProjectText } from '../../project/read-project.js';
import type { SourceFile } from '../../project/sources/source-files.js';
import type { Finding } from '../../tekton/lint/findings/finding.js';
import type { TektonObject } from '../../tekton/objects/object.js';
import { validateObject } from '../../tekton/validate/validate-object.js';

/** Errors that a message's details name. */
const mostNamed = 50;

/**
 * Refuses objects that the webhook of the cluster would refuse, unless a comment or the project states otherwise.
 * @throws LINT_FAILED with the first place, and details {bundle, findings}
 */
export async function requireValid(
  objects: readonly TektonObject[],
  {
    files,
    project,
    spec,
  }: {
    readonly files: readonly SourceFile[];
    readonly project: Pick<Project, 'file' | 'lint'>;
    readonly spec: BundleSpec;
  },
): Promise<void> {
  const { lint } = project;
  const isRaised = Object.values(lint.severities).includes('error');
  if (!isRaised && objects.every(({ value }) => validateObject(value, lint).length === 0)) return;
  // Places, comments and settings: only where something is wrong.
  const { lintBundle } = await import('../../tekton/lint/lint-sources.js');
  const { lintDeclarations } = await import('../../project/lint-declarations.js');
  const linted = lintBundle(files, lint);
  const declared = await lintDeclarations(project, [{ spec, objects: linted.objects }], () =>
    readProjectText(project.file),
  );
  const errors = [...linted.findings, ...declared.findings].filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first !== undefined) throw refused(spec.name, first, errors);
}

function refused(name: string, first: Finding, errors: readonly Finding[]): BundlesError {
  const { file, line, column, message, rule } = first;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  return new BundlesError(
    'LINT_FAILED',
    `Cannot bundle ${JSON.stringify(name)}, which a cluster would refuse: ${file}:${line}:${column}: ${message} (${rule})${more}`,
    {
      hint: `npx tekton-bundles lint ${name} shows ${errors.length > 1 ? 'all of them' : 'the place'}`,
      details: { bundle: name, findings: errors.slice(0, mostNamed).map(nameFinding) },
    },
  );
}

function nameFinding({ rule, message, file, line, column, path }: Finding): object {
  return { rule, message, file, line, column, path };
}
