import type { Finding } from '../tekton/lint/findings/finding.js';
import type { LintOptions } from '../tekton/lint/lint-sources.js';
import { lintBundle } from '../tekton/lint/lint-sources.js';
import type { Source } from '../tekton/objects/object.js';
import { type DeclaredBundle, lintDeclarations } from './lint-declarations.js';
import type { BundleSpec, Project } from './project.js';
import { readProjectText } from './read-project.js';
import { readSourceFiles, type SourceFile } from './sources/source-files.js';

/** The findings about the sources of a project. */
export interface ProjectLint {
  /** By bundle, then by file and place; what two bundles share is reported once. */
  readonly findings: readonly Finding[];
  /** The sources looked at, each once. */
  readonly files: readonly SourceFile[];
  /** The text of bundles.yaml, where findings are about it. */
  readonly declarations: Source | undefined;
  readonly objects: number;
}

/**
 * Checks the sources of declared bundles, each bundle as a whole, and what bundles.yaml states of it; no network. Settings
 * win over those of the project.
 *
 * @throws SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, NOT_READABLE
 */
export async function lintProject(
  project: Pick<Project, 'directory' | 'file' | 'lint'>,
  specs: readonly BundleSpec[],
  { signal, ...given }: LintOptions & { readonly signal?: AbortSignal } = {},
): Promise<ProjectLint> {
  const chosen = Object.entries(given).filter(([, value]) => value !== undefined);
  const settings = { ...project.lint, ...Object.fromEntries(chosen) };
  const declared: DeclaredBundle[] = [];
  const findings = new Map<string, Finding>();
  const files = new Map<string, SourceFile>();
  let objects = 0;
  for (const spec of specs) {
    const sources = await readSourceFiles(project, spec, { signal });
    for (const source of sources) files.set(source.path, source);
    const linted = lintBundle(sources, settings);
    objects += linted.objects.length;
    declared.push({ spec, objects: linted.objects });
    for (const finding of linted.findings) findings.set(keyOf(finding), finding);
  }
  const { file } = project;
  const about = await lintDeclarations({ file, lint: settings }, declared, () =>
    readProjectText(file, { signal }),
  );
  for (const finding of about.findings) findings.set(keyOf(finding), finding);
  return {
    findings: [...findings.values()],
    files: [...files.values()],
    declarations: about.findings.length > 0 ? { path: file, bytes: Buffer.from(about.text) } : undefined,
    objects,
  };
}

function keyOf({ rule, file, line, column, message }: Finding): string {
  return JSON.stringify([rule, file, line, column, message]);
}
