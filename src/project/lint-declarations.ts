import { isDigest } from '../oci/digest.js';
import { type Finding, makeFinding } from '../tekton/lint/findings/finding.js';
import { withSettings } from '../tekton/lint/lint-sources.js';
import type { RuleName } from '../tekton/lint/rules/rules.js';
import { readSuppressions } from '../tekton/lint/suppressions.js';
import { isTime } from '../tekton/objects/go-values.js';
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
 * The findings about the declarations of bundles in bundles.yaml, each with its position. `readText` returns the text of
 * the file and is called only if there is a finding.
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

/** What the readers of bundles that the project names find missing, or cannot use. */
function missingAnnotations(bundle: DeclaredBundle, lint: LintSettings): Wrong[] {
  const wrong = lint.for.flatMap((consumer) =>
    consumer === 'konflux' ? forKonflux(bundle) : forArtifactHub(bundle),
  );
  return wrong.map((one) => ({ rule: 'missing-annotation', spec: bundle.spec, ...one }));
}

type Missing = Pick<Wrong, 'message' | 'hint' | 'key' | 'within'>;

/** Konflux compares the versions of Tasks that a policy trusts by an annotation alone, and finds migrations by two others. */
function forKonflux({ spec, objects }: DeclaredBundle): Missing[] {
  if (!objects.some(({ kind }) => kind === 'Task')) return [];
  const check = checker(spec, 'annotations');
  return [
    ...check(versionKey, {
      isFit: (text) => konfluxVersion.test(text),
      why: 'which Konflux compares with the versions of its rules',
      hint: `Write annotations: {${versionKey}: "1.0.0"}, MAJOR[.MINOR[.PATCH]]`,
    }),
    ...check('dev.konflux-ci.task.has-migration', {
      isFit: (text) => text === 'true' || text === 'false',
      why: 'by which Konflux finds migrations',
      hint: 'Write "true", or leave it out',
      isOptional: true,
    }),
    ...check('dev.konflux-ci.task.previous-migration-bundle', {
      isFit: (text) => text === '' || isDigest(text),
      why: 'by which Konflux finds the migration before this one',
      hint: 'Write the digest of that bundle: sha256: and 64 hexadecimal digits',
      isOptional: true,
    }),
  ];
}

/** Artifact Hub reads the labels of images with a manifest of Docker's, as bundles have; it lists none that lacks one of three. */
function forArtifactHub({ spec }: DeclaredBundle): Missing[] {
  const check = checker(spec, 'labels');
  const isText = (text: string) => text.trim() !== '';
  const required = [
    ['org.opencontainers.image.created', (text: string) => isTime(text), '"2026-01-31T00:00:00Z"'],
    ['org.opencontainers.image.description', isText, 'a sentence'],
    ['io.artifacthub.package.readme-url', (text: string) => /^https?:\/\/\S+$/.test(text), 'an address'],
  ] as const;
  const isBoolean = (text: string) => /^(?:1|0|t|f|true|false)$/i.test(text);
  const optional = [
    [
      'io.artifacthub.package.maintainers',
      isMaintainers,
      '[{"name": "A", "email": "a@example.com"}] in JSON',
    ],
    ...['deprecated', 'prerelease', 'contains-security-updates'].map(
      (name) => [`io.artifacthub.package.${name}`, isBoolean, '"true" or "false"'] as const,
    ),
  ] as const;
  return [
    ...required.flatMap(([key, isFit, wanted]) =>
      check(key, {
        isFit,
        why: 'without which Artifact Hub does not list it',
        hint:
          spec.labels[key] === undefined && spec.annotations[key] !== undefined
            ? `Write it below labels too: Artifact Hub does not read annotations of bundles`
            : `Write labels: {${key}: ${wanted}}`,
      }),
    ),
    ...optional.flatMap(([key, isFit, wanted]) =>
      check(key, { isFit, why: 'which Artifact Hub cannot read', hint: `Write ${wanted}`, isOptional: true }),
    ),
  ];
}

interface Demand {
  isFit(text: string): boolean;
  /** What it is for, behind its name. */
  readonly why: string;
  readonly hint: string;
  readonly isOptional?: boolean;
}

function checker({ name, ...spec }: BundleSpec, within: Missing['within']) {
  const noun = within === 'labels' ? 'label' : 'annotation';
  return (key: string, { isFit, why, hint, isOptional = false }: Demand): Missing[] => {
    const value = spec[within][key];
    if (value === undefined ? isOptional : isFit(value)) return [];
    const found = value === undefined ? `has no ${noun}` : `has ${JSON.stringify(value)} as`;
    return [{ message: `${JSON.stringify(name)} ${found} ${key}, ${why}`, hint, key, within }];
  };
}

function isMaintainers(text: string): boolean {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((one) => typeof one === 'object' && one !== null);
  } catch {
    return false;
  }
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
