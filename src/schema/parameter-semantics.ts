import {
  type ParameterType,
  type ParameterValue,
  remediationParameterTypes,
} from '../workflow/declaration.js';
import { dependencyProblems } from '../workflow/dependencies.js';
import { brokenRules, type RuledParameter } from '../workflow/parameters/parameter-rules.js';
import { showText } from '../yaml-file/show-text.js';
import type { YamlPath } from '../yaml-file/yaml-position.js';
import { type DocumentProblem, problemAt } from './document-problem.js';
import { isMapping, itemsOf, member, textsOf } from './member.js';

/** Where the parameters of a document are. */
export interface ParameterList {
  readonly path: YamlPath;
  readonly value: unknown;
  /** `depends_on` or `dependsOn`. */
  readonly dependsOn: string;
}

/** What is wrong with parameters beyond their structure; members of a wrong type are passed over here. */
export function parameterProblems(list: ParameterList): DocumentProblem[] {
  const items = itemsOf(list.value);
  return [
    ...items.flatMap((item, index) => ownProblems(item, [...list.path, index])),
    ...nameProblems(list),
    ...dependencies(list),
  ];
}

function ownProblems(item: unknown, path: YamlPath): DocumentProblem[] {
  const known = remediationParameterTypes.find((type) => type === member(item, 'type'));
  if (!isMapping(item) || known === undefined) return [];
  // The check of the structure already reports duplicate values of an enum.
  const broken = brokenRules(ruled(item, known)).filter(({ rule }) => rule !== 'enum-unique');
  return broken.map(({ rule, field, message }) => problemAt([...path, field], rule, message));
}

/** As far as it is what the rules can look at. */
function ruled(item: Readonly<Record<string, unknown>>, type: ParameterType): RuledParameter {
  const values = textsOf(item.enum);
  const number = (key: string) => (typeof item[key] === 'number' ? { [key]: item[key] } : {});
  return {
    type,
    ...(values === undefined ? {} : { enum: values }),
    ...(typeof item.pattern === 'string' ? { pattern: item.pattern } : {}),
    ...number('minimum'),
    ...number('maximum'),
    ...(Object.hasOwn(item, 'default') ? { default: item.default as ParameterValue } : {}),
  };
}

function nameProblems({ path, value }: ParameterList): DocumentProblem[] {
  const seen = new Set<unknown>();
  return itemsOf(value).flatMap((item, index) => {
    const name = member(item, 'name');
    if (typeof name !== 'string' || name === '') return [];
    const at = [...path, index, 'name'];
    const twice = seen.has(name);
    seen.add(name);
    if (twice) return [problemAt(at, 'parameter-name-unique', `found ${showText(name)} for the second time`)];
    if (name === 'TARGET_RESOURCE') {
      const message = 'found TARGET_RESOURCE, which the controller always sets itself';
      return [
        problemAt(at, 'target-resource-reserved', message, { severity: 'warning', hint: 'Leave it out' }),
      ];
    }
    if (/^[A-Z][A-Z0-9_]*$/.test(name)) return [];
    const message = `found ${showText(name)}, wanted UPPER_SNAKE_CASE, as workflow catalogs have it`;
    return [problemAt(at, 'parameter-upper-snake-case', message, { severity: 'warning' })];
  });
}

function dependencies({ path, value, dependsOn }: ParameterList): DocumentProblem[] {
  const parameters = itemsOf(value).map((item) => {
    const name = member(item, 'name');
    return { name: typeof name === 'string' ? name : '', dependsOn: textsOf(member(item, dependsOn)) ?? [] };
  });
  return dependencyProblems(parameters).map(({ name, rule, message }) => {
    const index = parameters.findIndex((parameter) => parameter.name === name);
    return problemAt([...path, index, dependsOn], rule, message);
  });
}
