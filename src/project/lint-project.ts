import type { Finding } from '../tekton/lint/findings/finding.js';
import { lintBundle } from '../tekton/lint/lint-sources.js';
import type { LintSettings } from './config/parse-lint.js';
import type { BundleSpec, Project } from './project.js';
import { readSourceFiles, type SourceFile } from './sources/source-files.js';

/** What the rules say about the sources of a project. */
export interface ProjectLint {
  /** By bundle, then by file and place; what two bundles share is told once. */
  readonly findings: readonly Finding[];
  /** The sources looked at, each once. */
  readonly files: readonly SourceFile[];
  readonly objects: number;
}

/**
 * Checks the sources of declared bundles, and each bundle as a whole; no network.
 *
 * @throws SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, NOT_READABLE
 */
export async function lintProject(
  project: Pick<Project, 'directory' | 'file'>,
  specs: readonly Pick<BundleSpec, 'name' | 'files'>[],
  { signal, ...settings }: Partial<LintSettings> & { readonly signal?: AbortSignal } = {},
): Promise<ProjectLint> {
  const findings = new Map<string, Finding>();
  const files = new Map<string, SourceFile>();
  let objects = 0;
  for (const spec of specs) {
    const sources = await readSourceFiles(project, spec, { signal });
    for (const source of sources) files.set(source.path, source);
    const linted = lintBundle(sources, settings);
    objects += linted.objects.length;
    for (const finding of linted.findings) findings.set(keyOf(finding), finding);
  }
  return { findings: [...findings.values()], files: [...files.values()], objects };
}

function keyOf({ rule, file, line, column, message }: Finding): string {
  return JSON.stringify([rule, file, line, column, message]);
}
