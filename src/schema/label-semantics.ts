import { detectedFlags } from '../workflow/declaration.js';
import { legacyLabels } from '../workflow/legacy-labels.js';
import { showText } from '../yaml-file/show-text.js';
import type { YamlPath } from '../yaml-file/yaml-position.js';
import { type DocumentProblem, problemAt } from './document-problem.js';
import { isMapping, itemsOf, member } from './member.js';

const customLimit = 10;
const flatLabels = [
  ...[
    'signal_type',
    'severity',
    'component',
    'environment',
    'priority',
    'risk_tolerance',
    'business_category',
  ],
];

/** What is wrong with the labels of a flat schema beyond their structure. */
export function flatLabelProblems(labels: unknown): DocumentProblem[] {
  if (!isMapping(labels)) return [];
  const custom = Object.keys(labels).filter((key) => !flatLabels.includes(key));
  const former = custom.filter((key) => key.startsWith('kubernaut.ai/'));
  const own = custom.filter((key) => !former.includes(key));
  return [...former.map((key) => formerLabel(key)), ...customProblems(own, ['labels'])];
}

/** What is wrong with the labels of a RemediationWorkflow beyond their structure. */
export function remediationLabelProblems(spec: unknown): DocumentProblem[] {
  const custom = member(spec, 'customLabels');
  return [
    ...['severity', 'environment', 'component', 'cluster'].flatMap((key) => wildcard(spec, key)),
    ...(isMapping(custom) ? customProblems(Object.keys(custom), ['spec', 'customLabels']) : []),
    ...detectedFlags.flatMap((key) => detectedText(spec, key)),
  ];
}

function formerLabel(key: string): DocumentProblem {
  const today = legacyLabels.get(key);
  const hint = today
    ? `Write ${today}, or run: npx tekton-bundles schema convert`
    : 'Leave it out, or name it without the prefix';
  const message = `found ${showText(key)}, a key of an older generation, which readers drop`;
  return problemAt(['labels', key], 'former-label', message, { severity: 'warning', at: 'key', hint });
}

function customProblems(keys: readonly string[], path: YamlPath): DocumentProblem[] {
  const odd = keys.filter((key) => !/^[A-Za-z0-9._-]{1,63}$/.test(key));
  const wanted = 'wanted letters, digits, ".", "_" and "-", at most 63';
  const problems = odd.map((key) =>
    problemAt([...path, key], 'custom-label-key', `found the label ${showText(key)}, ${wanted}`, {
      at: 'key',
    }),
  );
  if (keys.length <= customLimit) return problems;
  const message = `found ${keys.length} labels of your own, wanted at most ${customLimit}`;
  return [...problems, problemAt(path, 'custom-label-count', message, { at: 'key' })];
}

function wildcard(spec: unknown, key: string): DocumentProblem[] {
  const values = itemsOf(member(member(spec, 'labels'), key));
  if (!values.includes('*') || values.length === 1) return [];
  const message = 'found "*" with other values, which it includes';
  const path = ['spec', 'labels', key, values.indexOf('*')];
  return [problemAt(path, 'wildcard-alone', message, { severity: 'warning' })];
}

function detectedText(spec: unknown, key: string): DocumentProblem[] {
  if (member(member(spec, 'detectedLabels'), key) !== 'true') return [];
  const message = 'found the text "true", wanted true: some readers refuse the whole list over text here';
  const path = ['spec', 'detectedLabels', key];
  return [
    problemAt(path, 'detected-label-text', message, { severity: 'warning', hint: 'Leave the quotes out' }),
  ];
}
