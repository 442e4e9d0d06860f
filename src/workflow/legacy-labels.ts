/** Label keys of an older generation of flat schemas, and what carries their meaning today. */
export const legacyLabels: ReadonlyMap<string, string> = new Map([
  ['kubernaut.ai/signal-type', 'signal_type'],
  ['kubernaut.ai/severity', 'severity'],
  ['kubernaut.ai/resource-kind', 'component'],
  ['kubernaut.ai/category', 'business_category'],
]);
