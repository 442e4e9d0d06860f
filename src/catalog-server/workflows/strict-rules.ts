import { createHash } from 'node:crypto';
import type { WorkflowRegistration } from '../../catalog/data-storage/data-storage-api.js';
import { isBundlesError } from '../../errors.js';
import { parseReference } from '../../oci/reference.js';
import { brokenRules, type RuledParameter } from '../../workflow/parameters/parameter-rules.js';

/** What is wrong by the rules that the service leaves to its clients: the field, and what was found and is wanted. */
export function strictProblems(registration: WorkflowRegistration): Readonly<Record<string, string>> {
  const problems: Record<string, string> = {};
  const add = (field: string, message: string | undefined) => {
    if (message !== undefined) problems[field] ??= message;
  };
  add('content_hash', contentHashProblem(registration));
  for (const name of ['environment', 'component', 'signal_type'] as const) {
    if (registration.labels[name].trim() === '') add(`labels.${name}`, 'is empty');
  }
  add('container_image', imageProblem(registration));
  add('container_digest', digestProblem(registration));
  for (const [field, message] of parameterProblems(registration)) add(field, message);
  return problems;
}

function contentHashProblem({ content, content_hash }: WorkflowRegistration): string | undefined {
  const hash = createHash('sha256').update(content, 'utf8').digest('hex');
  return hash === content_hash
    ? undefined
    : `is not the sha256 of content in lower-case hexadecimal, ${hash}`;
}

function imageProblem({ execution_engine, container_image }: WorkflowRegistration): string | undefined {
  if (container_image === undefined) {
    return execution_engine === 'tekton' ? 'is missing: a bundle pinned by digest is wanted' : undefined;
  }
  try {
    return parseReference(container_image).digest === undefined
      ? 'is not pinned: REPOSITORY:TAG@sha256:DIGEST is wanted'
      : undefined;
  } catch (error) {
    if (!isBundlesError(error)) throw error;
    return 'is not an image reference';
  }
}

function digestProblem({ container_image = '', container_digest }: WorkflowRegistration): string | undefined {
  const pinned = /@(sha256:[0-9a-f]{64})$/.exec(container_image)?.[1];
  if (pinned === undefined) {
    return container_digest === undefined || /^sha256:[0-9a-f]{64}$/.test(container_digest)
      ? undefined
      : 'is not a sha256 digest';
  }
  return container_digest === pinned ? undefined : `is not the digest of container_image, ${pinned}`;
}

const parameterTypes: readonly unknown[] = ['string', 'integer', 'boolean', 'array', 'float'];

function* parameterProblems({
  execution_engine,
  parameters,
}: WorkflowRegistration): Generator<[string, string]> {
  if (parameters === undefined) {
    if (execution_engine === 'tekton')
      yield ['parameters', 'is missing: {schema: {parameters: […]}} is wanted'];
    return;
  }
  const { schema } = parameters as { readonly schema?: { readonly parameters?: unknown } };
  const list = typeof schema === 'object' && schema !== null ? schema.parameters : undefined;
  if (!Array.isArray(list)) {
    yield ['parameters', 'is not {schema: {parameters: […]}}'];
    return;
  }
  const names = new Set<unknown>();
  for (const [index, parameter] of (list as unknown[]).entries()) {
    const at = `parameters.schema.parameters.${index}`;
    if (typeof parameter !== 'object' || parameter === null) {
      yield [at, 'is not an object'];
      continue;
    }
    const { name, type, required, description } = parameter as Record<string, unknown>;
    if (typeof name !== 'string' || name === '') yield [`${at}.name`, 'is not a name'];
    else if (names.has(name)) yield [`${at}.name`, `occurs twice: ${name}`];
    names.add(name);
    if (!parameterTypes.includes(type)) yield [`${at}.type`, `is none of ${parameterTypes.join(', ')}`];
    if (typeof required !== 'boolean') yield [`${at}.required`, 'is neither true nor false'];
    if (typeof description !== 'string' || description === '') yield [`${at}.description`, 'is not text'];
    if (parameterTypes.includes(type)) yield* ruleProblems(parameter as RuledParameter, at);
  }
}

function* ruleProblems(parameter: RuledParameter, at: string): Generator<[string, string]> {
  const { enum: values, pattern } = parameter as Record<string, unknown>;
  const isList = Array.isArray(values) && values.every((value) => typeof value === 'string');
  if (values !== undefined && !isList) yield [`${at}.enum`, 'is not a list of texts'];
  else if (pattern !== undefined && typeof pattern !== 'string') yield [`${at}.pattern`, 'is not text'];
  else {
    // Never a pattern against a value: a hostile one would never end.
    const { pattern: _, ...others } = parameter;
    const { enum: __, default: ___, ...alone } = parameter;
    for (const { field, message } of [...brokenRules(others), ...brokenRules(alone)]) {
      yield [`${at}.${field}`, message];
    }
  }
}
