import { type Finding, makeFinding } from '../tekton/lint/findings/finding.js';
import { withSettings } from '../tekton/lint/lint-sources.js';
import type { RuleName } from '../tekton/lint/rules/rules.js';
import { readSuppressions } from '../tekton/lint/suppressions.js';
import type { TektonObject } from '../tekton/objects/object.js';
import { createYamlLocator, type YamlPath, type YamlPosition } from '../yaml-file/yaml-position.js';
import type { LintSettings } from './config/parse-lint.js';
import type { BundleSpec, Project } from './project.js';

const versionKey = 'org.opencontainers.image.version';
/** As Konflux compares versions: `MAJOR[.MINOR[.PATCH]]`. */
const konfluxVersion = /^\d+(?:\.\d+(?:\.\d+)?)?(?:[-+].*)?$/;

export interface DeclaredBundle {
  readonly spec: BundleSpec;
  readonly objects: readonly TektonObject[];
}

interface Wrong {
  readonly rule: RuleName;
  readonly spec: BundleSpec;
  readonly message: string;
  readonly hint: string;
  readonly key: string;
  readonly within: 'annotations' | 'labels';
}

/**
 * What the rules say about what bundles.yaml declares of bundles, each at its place there. `readText` gives the text of
 * the file and is asked only where something is wrong.
 */
export async function lintDeclarations(
  { file, lint }: Pick<Project, 'file' | 'lint'>,
  bundles: readonly DeclaredBundle[],
  readText: () => Promise<string>,
): Promise<{ readonly findings: readonly Finding[]; readonly text: string }> {
  const wrong = bundles.flatMap((bundle) => [
    ...versionMismatches(bundle),
    ...missingAnnotations(bundle, lint),
  ]);
  if (wrong.length === 0) return { findings: [], text: '' };
  const text = await readText();
  const locate = createYamlLocator(text);
  const suppressions = readSuppressions(text);
  const findings = wrong.map(({ rule, message, hint, ...place }) => {
    const { line, column, length } = placeOf(locate, place);
    const span = { start: { line, column }, end: { line, column: column + length } };
    return makeFinding(rule, message, { file, span, hint });
  });
  const visible = findings.filter(({ rule, line }) => !suppressions.hides(rule, line));
  return { findings: withSettings(visible, lint), text };
}

/** A version that is declared for people and machines must be the one that the tag names. */
function versionMismatches({ spec }: DeclaredBundle): Wrong[] {
  const { tag } = spec.reference;
  return (['annotations', 'labels'] as const).flatMap((within) => {
    const declared = spec[within][versionKey];
    if (declared === undefined || withoutV(declared) === withoutV(tag)) return [];
    const [name, version] = [JSON.stringify(spec.name), JSON.stringify(declared)];
    const message = `${name} is declared as version ${version}, and its tag is ${JSON.stringify(tag)}`;
    return [
      {
        rule: 'version-mismatch',
        spec,
        message,
        hint: `Write ${JSON.stringify(withoutV(tag))}, or raise the tag`,
        key: versionKey,
        within,
      },
    ];
  });
}

/** Konflux compares the versions of Tasks that a policy trusts by this annotation alone. */
function missingAnnotations({ spec, objects }: DeclaredBundle, lint: LintSettings): Wrong[] {
  if (!lint.for.includes('konflux') || !objects.some(({ kind }) => kind === 'Task')) return [];
  const version = spec.annotations[versionKey];
  if (version !== undefined && konfluxVersion.test(version)) return [];
  const found = version === undefined ? 'has no annotation' : `has ${JSON.stringify(version)} as`;
  const message = `${JSON.stringify(spec.name)} ${found} ${versionKey}, which Konflux compares with the versions of its rules`;
  const hint = `Write annotations: {${versionKey}: "1.0.0"}, MAJOR[.MINOR[.PATCH]]`;
  return [{ rule: 'missing-annotation', spec, message, hint, key: versionKey, within: 'annotations' }];
}

/** The key where it is declared, else the bundle, else the entry of `discover` that finds it. */
function placeOf(
  locate: (path: YamlPath, at: 'key' | 'value') => YamlPosition,
  { spec, key, within }: Pick<Wrong, 'spec' | 'key' | 'within'>,
): YamlPosition {
  const rule = spec.discovered && (['discover', spec.discovered.rule] as const);
  const paths: YamlPath[] = [['bundles', spec.name, within, key]];
  if (rule) paths.push([...rule, within, key]);
  for (const path of paths) {
    const place = locate(path, 'value');
    if (place.isFound) return place;
  }
  const own = locate(['bundles', spec.name], 'key');
  return own.isFound || !rule ? own : locate([...rule, 'files'], 'value');
}

function withoutV(version: string): string {
  return version.replace(/^v(?=\d)/, '');
}
