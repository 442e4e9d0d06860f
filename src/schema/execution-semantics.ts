import { isBundlesError } from '../errors.js';
import { isDigest } from '../oci/digest.js';
import { parseReference, type Reference } from '../oci/reference.js';
import { showText } from '../yaml-file/show-text.js';
import type { YamlPath } from '../yaml-file/yaml-position.js';
import { type DocumentProblem, problemAt } from './document-problem.js';
import { isMapping, itemsOf, member } from './member.js';

/** What is wrong with the bundle of a flat schema beyond its structure. */
export function flatExecutionProblems(document: unknown): DocumentProblem[] {
  const path = ['execution', 'bundle'];
  const bundle = member(member(document, 'execution'), 'bundle');
  if (bundle === undefined) {
    const message = 'missing, wanted the reference of the bundle, pinned by digest';
    return [problemAt(path, 'bundle-named', message, { severity: 'warning', at: 'absent' })];
  }
  return bundleProblems(bundle, { path, severity: 'warning' });
}

/** What is wrong with how a RemediationWorkflow is run, beyond its structure. */
export function remediationExecutionProblems(spec: unknown): DocumentProblem[] {
  const execution = member(spec, 'execution');
  if (!isMapping(execution)) return [];
  const path = ['spec', 'execution'];
  const { engine = 'tekton', bundle, engineConfig } = execution;
  if (engine === 'ansible') return ansibleProblems(engineConfig, path);
  const ignored =
    engineConfig === undefined
      ? []
      : [
          problemAt(
            [...path, 'engineConfig'],
            'engine-config-ignored',
            `found one for the engine ${showText(String(engine))}, which ignores it`,
            {
              severity: 'warning',
              at: 'key',
            },
          ),
        ];
  return [
    ...bundleProblems(bundle, { path: [...path, 'bundle'], severity: 'error' }),
    ...digestProblems(execution, path),
    ...ignored,
  ];
}

/** Two dependencies of one name. */
export function dependencyNameProblems(spec: unknown): DocumentProblem[] {
  return ['secrets', 'configMaps'].flatMap((kind) => {
    const seen = new Set<unknown>();
    return itemsOf(member(member(spec, 'dependencies'), kind)).flatMap((item, index) => {
      const name = member(item, 'name');
      const twice = typeof name === 'string' && seen.has(name);
      seen.add(name);
      const path = ['spec', 'dependencies', kind, index, 'name'];
      return twice
        ? [problemAt(path, 'dependency-unique', `found ${showText(name)} for the second time`)]
        : [];
    });
  });
}

function ansibleProblems(engineConfig: unknown, path: YamlPath): DocumentProblem[] {
  const wanted = 'wanted a mapping with playbookPath, which the engine ansible needs';
  if (engineConfig === undefined) {
    return [
      problemAt([...path, 'engineConfig'], 'ansible-engine-config', `missing, ${wanted}`, { at: 'absent' }),
    ];
  }
  const playbook = member(engineConfig, 'playbookPath');
  if (!isMapping(engineConfig) || (typeof playbook === 'string' && playbook !== '')) return [];
  const at = playbook === undefined ? 'absent' : 'value';
  const message = `${at === 'absent' ? 'missing' : 'found no text'}, wanted the path of a playbook`;
  return [problemAt([...path, 'engineConfig', 'playbookPath'], 'ansible-playbook-path', message, { at })];
}

function bundleProblems(
  bundle: unknown,
  { path, severity }: { readonly path: YamlPath; readonly severity: DocumentProblem['severity'] },
): DocumentProblem[] {
  if (typeof bundle !== 'string' || bundle === '') return [];
  const reference = referenceOf(bundle);
  if (typeof reference === 'string') return [problemAt(path, 'bundle-reference', reference)];
  if (reference.digest !== undefined) return [];
  const message = `found ${showText(bundle)}, wanted it pinned by digest: what a tag holds can change`;
  const hint = 'Append @sha256: and the digest, which bundles ensure pins';
  return [problemAt(path, 'bundle-pinned', message, { severity, hint })];
}

function digestProblems(execution: Readonly<Record<string, unknown>>, path: YamlPath): DocumentProblem[] {
  const { bundle, bundleDigest } = execution;
  if (typeof bundle !== 'string' || typeof bundleDigest !== 'string' || !isDigest(bundleDigest)) return [];
  const reference = referenceOf(bundle);
  if (typeof reference === 'string' || reference.digest === undefined) return [];
  if (reference.digest === bundleDigest) return [];
  const message = `found ${showText(bundleDigest)}, wanted the digest that bundle names, ${reference.digest}`;
  return [problemAt([...path, 'bundleDigest'], 'bundle-digest-agrees', message)];
}

/** The reference, or what is wrong with it. */
function referenceOf(text: string): Reference | string {
  try {
    return parseReference(text);
  } catch (error) {
    if (isBundlesError(error)) return error.message;
    throw error;
  }
}
