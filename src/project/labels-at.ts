import { priorities, riskTolerances, severities, type WorkflowLabels } from '../workflow/declaration.js';
import { nearest } from './nearest.js';
import { mappingAt, type Place, report, requireAt } from './place.js';
import { choiceAt, textAt } from './scalar-at.js';
import { showText } from './show-text.js';

const mandatory = [
  'signal_type',
  'severity',
  'component',
  'environment',
  'priority',
  'risk_tolerance',
] as const;
const known: readonly string[] = [...mandatory, 'business_category'];
const customLimit = 10;
const customKey = /^[A-Za-z0-9._-]{1,63}$/;

/** Keys of an older generation, and what carries their meaning today. */
const formerKeys: Readonly<Record<string, string>> = {
  'kubernaut.ai/signal-type': 'signal_type',
  'kubernaut.ai/severity': 'severity',
  'kubernaut.ai/resource-kind': 'component',
  'kubernaut.ai/category': 'business_category',
};

/** The labels of a workflow; undefined where one is missing or, reported, wrong. */
export function labelsAt(place: Place): WorkflowLabels | undefined {
  if (!requireAt(place, `a mapping with ${mandatory.join(', ')}`)) return undefined;
  const children = mappingAt(place);
  if (children === undefined) return undefined;
  const at = (key: string): Place =>
    children.get(key) ?? { value: undefined, path: [...place.path, key], problems: place.problems };
  const custom = customLabelsAt(children, place);
  for (const key of mandatory) {
    const close = nearest(key, custom.keys());
    requireAt(at(key), wantedOf[key], close && `Is it meant by ${showText(close)}?`);
  }
  const text = (key: string) => textAt(at(key), { wanted: 'text', longest: 100 });
  const signal_type = text('signal_type');
  const severity = choiceAt(at('severity'), severities);
  const component = text('component');
  const environment = text('environment');
  const priority = choiceAt(at('priority'), priorities);
  const risk_tolerance = choiceAt(at('risk_tolerance'), riskTolerances);
  const business_category = text('business_category');
  if (signal_type === undefined || severity === undefined || component === undefined) return undefined;
  if (environment === undefined || priority === undefined || risk_tolerance === undefined) return undefined;
  return {
    ...{ signal_type, severity, component, environment, priority, risk_tolerance },
    ...(business_category === undefined ? {} : { business_category }),
    custom,
  };
}

const wantedOf: Readonly<Record<(typeof mandatory)[number], string>> = {
  signal_type: 'the signal that the workflow answers, e.g. OOMKilled',
  severity: `one of ${severities.join(', ')}`,
  component: 'the kind of object that the workflow treats, e.g. deployment',
  environment: 'an environment, e.g. production, or "*"',
  priority: `one of ${priorities.join(', ')}`,
  risk_tolerance: `one of ${riskTolerances.join(', ')}`,
};

function customLabelsAt(children: ReadonlyMap<string, Place>, place: Place): ReadonlyMap<string, string> {
  const custom = new Map<string, string>();
  for (const [key, child] of children) {
    if (known.includes(key)) continue;
    if (!customKey.test(key)) {
      reportKey(child, key);
      continue;
    }
    const meant = known.find((word) => plain(word) === plain(key));
    if (meant !== undefined) {
      const hint = `Did you mean ${showText(meant)}?`;
      report(child, `found the label ${showText(key)} beside the known ones`, { at: 'key', hint });
    }
    const value = textAt(child, { wanted: 'text of at most 100 characters', longest: 100 });
    if (value !== undefined) custom.set(key, value);
  }
  if (custom.size > customLimit)
    report(place, `found ${custom.size} labels of the project's own, wanted at most ${customLimit}`);
  return custom;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_.]/g, '');
}

function reportKey(child: Place, key: string): void {
  const today = Object.hasOwn(formerKeys, key) ? formerKeys[key] : undefined;
  const former = key.startsWith('kubernaut.ai/');
  const hint =
    today !== undefined ? `Write ${today}` : former ? 'Leave it out: no reader keeps this key' : undefined;
  const wanted = 'wanted letters, digits, ".", "_" and "-", at most 63';
  report(child, `found the label ${showText(key)}, ${wanted}`, { at: 'key', hint });
}
