import { isBundlesError } from '../errors.js';
import { isDigest } from '../oci/digest.js';
import { parseReference, type Reference } from '../oci/reference.js';
import { isQuantity } from '../tekton/objects/go-values.js';
import { showText, showValue } from '../yaml-file/show-text.js';
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
  return bundleProblems(bundle, path);
}

/** What is wrong with how a RemediationWorkflow is run, beyond its structure. */
export function remediationExecutionProblems(spec: unknown): DocumentProblem[] {
  const execution = member(spec, 'execution');
  if (!isMapping(execution)) return [];
  const path = ['spec', 'execution'];
  const { engine = 'tekton', bundle, engineConfig } = execution;
  if (engine === 'ansible') {
    return [
      ...ansibleProblems(engineConfig, path),
      ...commitProblems(execution, path),
      ...resourceProblems(execution, path),
    ];
  }
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
    ...pinProblems(bundle, [...path, 'bundle']),
    ...digestProblems(execution, path),
    ...resourceProblems(execution, path),
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
  if (!isMapping(engineConfig)) {
    const message = `found ${showValue(engineConfig)}, ${wanted}`;
    return [problemAt([...path, 'engineConfig'], 'ansible-engine-config', message)];
  }
  if (typeof playbook === 'string' && playbook !== '') return [];
  const at = playbook === undefined ? 'absent' : 'value';
  const message = `${at === 'absent' ? 'missing' : 'found no text'}, wanted the path of a playbook`;
  return [problemAt([...path, 'engineConfig', 'playbookPath'], 'ansible-playbook-path', message, { at })];
}

/** Of a playbook, the digest is the commit of its repository. */
function commitProblems(
  { bundleDigest }: Readonly<Record<string, unknown>>,
  path: YamlPath,
): DocumentProblem[] {
  if (typeof bundleDigest !== 'string' || /^[0-9a-f]{40}$/.test(bundleDigest)) return [];
  const message = `found ${showText(bundleDigest)}, wanted the git commit of the playbook, 40 hexadecimal digits`;
  return [problemAt([...path, 'bundleDigest'], 'ansible-commit', message)];
}

/** As the parser has it: whatever is before the digest. A reference that no registry could have is reported as advice. */
function pinProblems(bundle: unknown, path: YamlPath): DocumentProblem[] {
  if (typeof bundle !== 'string' || bundle === '') return [];
  if (!/^.+@sha256:[0-9a-fA-F]{64}$/s.test(bundle)) {
    const message = `found ${showText(bundle)}, wanted it pinned by digest: what a tag holds can change`;
    const hint = 'Append @sha256: and the digest, which npx tekton-bundles ensure pins';
    return [problemAt(path, 'bundle-pinned', message, { hint })];
  }
  const reference = referenceOf(bundle);
  return typeof reference === 'string' ? [problemAt(path, 'bundle-reference', reference)] : [];
}

/** Requests and limits of a job: its parser reads them, and the schema of the cluster has no place for them. */
function resourceProblems(
  { engine = 'tekton', resources }: Readonly<Record<string, unknown>>,
  path: YamlPath,
): DocumentProblem[] {
  if (!isMapping(resources)) return [];
  const at = [...path, 'resources'];
  if (engine !== 'job') {
    const message = `found resources for the engine ${showText(String(engine))}, wanted them only for job`;
    return [problemAt(at, 'resources-engine', message, { at: 'key' })];
  }
  const dropped =
    'the API server drops resources, so that they take effect only where the document itself is read';
  return [
    problemAt(at, 'resources-dropped', dropped, { severity: 'warning', at: 'key' }),
    ...['requests', 'limits'].flatMap((list) => quantityProblems(resources[list], [...at, list])),
    ...excessProblems(resources, at),
  ];
}

function quantityProblems(list: unknown, path: YamlPath): DocumentProblem[] {
  if (!isMapping(list)) return [];
  return Object.entries(list).flatMap(([name, value]) => {
    const odd = typeof value === 'string' ? !isQuantity(value) : typeof value !== 'number';
    if (!odd) return [];
    const message = `found ${showValue(value)}, wanted a quantity of Kubernetes, e.g. 500m or 128Mi`;
    return [problemAt([...path, name], 'resources-quantity', message)];
  });
}

function excessProblems(resources: Readonly<Record<string, unknown>>, path: YamlPath): DocumentProblem[] {
  const { requests, limits } = resources;
  if (!isMapping(requests) || !isMapping(limits)) return [];
  return Object.keys(requests).flatMap((name) => {
    const [least, most] = [amountOf(requests[name]), amountOf(member(limits, name))];
    if (least === undefined || most === undefined || least <= most * (1 + 1e-12)) return [];
    const message = `found ${showValue(requests[name])}, wanted at most the limit, ${showValue(limits[name])}`;
    return [problemAt([...path, 'requests', name], 'resources-within-limits', message)];
  });
}

const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

/** A quantity as a number; undefined for what is none. */
function amountOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !isQuantity(value)) return undefined;
  const [, digits = '', suffix = ''] = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/.exec(value) ?? [];
  const power = binary.indexOf(suffix);
  if (power >= 0) return Number(digits) * 1024 ** (power + 1);
  return Number(digits) * 1000 ** (decimal.indexOf(suffix) - 3);
}

function bundleProblems(bundle: unknown, path: YamlPath): DocumentProblem[] {
  if (typeof bundle !== 'string' || bundle === '') return [];
  const reference = referenceOf(bundle);
  if (typeof reference === 'string') return [problemAt(path, 'bundle-reference', reference)];
  if (reference.digest !== undefined) return [];
  const message = `found ${showText(bundle)}, wanted it pinned by digest: what a tag holds can change`;
  const hint = 'Append @sha256: and the digest, which npx tekton-bundles ensure pins';
  return [problemAt(path, 'bundle-pinned', message, { severity: 'warning', hint })];
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
