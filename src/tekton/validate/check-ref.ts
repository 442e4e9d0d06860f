import { type FeatureFlags, isOn, takes } from './feature-flags.js';
import { isQualifiedName } from './names.js';
import { quote, type Report } from './problem.js';
import type { Ref } from './task/read-task.js';

const rule = 'no-invalid-ref';

export interface RefContext {
  readonly flags: FeatureFlags;
  /** Of apiVersion v1beta1. */
  readonly beta: boolean;
}

/** A reference is a name, or a resolver with params. */
export function checkRef(report: Report, ref: Ref, { flags, beta }: RefContext): void {
  if (beta && ref.bundle.text !== '') {
    report(
      'no-removed-field',
      ref.bundle,
      'found bundle, which Tekton has removed, wanted resolver: bundles with params',
    );
  }
  if (ref.resolver.text !== '' || ref.params !== undefined) {
    if (ref.params !== undefined) checkResolverParams(report, ref, flags);
    if (ref.resolver.text !== '') checkResolver(report, ref, flags);
  } else if (ref.name.text === '') {
    report(rule, ref, 'found no name and no resolver, wanted one of them');
  } else if (looksLikeUrl(ref.name.text)) {
    checkConcise(report, ref, flags);
    report(rule, ref, `found the name ${quote(ref.name.text)}, which is a URL, without a resolver`);
  } else if (!isQualifiedName(ref.name.text)) {
    report(
      rule,
      ref.name,
      `found the name ${quote(ref.name.text)}, wanted the name of an object: letters, digits, -, _ and .`,
    );
  }
}

function checkResolverParams(
  report: Report,
  { path, name, resolver, params = [] }: Ref,
  flags: FeatureFlags,
): void {
  if (!takes(flags, 'beta'))
    report('no-disabled-feature', { path }, 'found params of a resolver, which need enable-api-fields beta');
  if (name.text !== '') report(rule, name, 'found both name and params, wanted one of them');
  if (resolver.text === '') report(rule, { path }, 'found params without a resolver, wanted a resolver too');
  const seen = new Set<string>();
  for (const param of params) {
    const folded = param.name.text.toLowerCase();
    if (seen.has(folded))
      report('no-duplicate-param', param.name, `found a value for the param ${quote(param.name.text)} twice`);
    seen.add(folded);
  }
}

function checkResolver(report: Report, { name, resolver, ...ref }: Ref, flags: FeatureFlags): void {
  if (!takes(flags, 'beta'))
    report('no-disabled-feature', resolver, 'found a resolver, which needs enable-api-fields beta');
  if (name.text === '') return;
  if (looksLikeUrl(name.text)) checkConcise(report, { name, resolver, ...ref }, flags);
  else report(rule, name, `found the name ${quote(name.text)} and a resolver, wanted one of them`);
}

function checkConcise(report: Report, { name }: Ref, flags: FeatureFlags): void {
  if (isOn(flags, 'enable-concise-resolver-syntax')) return;
  report(
    'no-disabled-feature',
    name,
    'found a URL as the name, which needs the feature flag enable-concise-resolver-syntax',
  );
}

function looksLikeUrl(name: string): boolean {
  return /[0-9A-Za-z_-]:\//.test(name);
}
