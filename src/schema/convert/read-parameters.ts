import { type ParameterValue, remediationParameterTypes } from '../../workflow/declaration.js';
import type { WorkflowParameter } from '../../workflow/workflow.js';
import { itemsOf, member, textsOf } from '../member.js';

/** The parameters that a document lists, as far as they are any; `dependsOn` is the name of that key. */
export function readParameters(value: unknown, dependsOn: string): WorkflowParameter[] {
  return itemsOf(value).map((item) => {
    const text = (key: string) => textOf(member(item, key));
    const number = (key: 'minimum' | 'maximum') => {
      const found = member(item, key);
      return typeof found === 'number' ? { [key]: found } : {};
    };
    const values = textsOf(member(item, 'enum'));
    const pattern = text('pattern');
    const needs = textsOf(member(item, dependsOn));
    const given = member(item, 'default');
    return {
      name: text('name') ?? '',
      type: remediationParameterTypes.find((type) => type === member(item, 'type')) ?? 'string',
      required: member(item, 'required') === true,
      description: text('description') ?? '',
      ...(given === undefined || given === null ? {} : { default: given as ParameterValue }),
      ...(values?.length ? { enum: values } : {}),
      ...(pattern === undefined ? {} : { pattern }),
      ...number('minimum'),
      ...number('maximum'),
      ...(needs?.length ? { dependsOn: needs } : {}),
    };
  });
}

/** Text, also from a scalar that lacks quotes. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Those that have both a name and an address. */
export function readMaintainers(value: unknown): { name: string; email: string }[] | undefined {
  const found = itemsOf(value).flatMap((item) => {
    const name = textOf(member(item, 'name'));
    const email = textOf(member(item, 'email'));
    return name === undefined || email === undefined ? [] : [{ name, email }];
  });
  return found.length === 0 ? undefined : found;
}
