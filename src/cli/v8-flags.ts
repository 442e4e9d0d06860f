/**
 * Lets V8 wait before it optimizes a function. A run lives for a second or two: with its usual haste V8 spends a sixth
 * of the run's processor time on code that ends before that pays. What runs long still gets there.
 */
export function optimizeLater(): void {
  // Only where the flag is known to mean this: V8 complains aloud of one that it does not know.
  if (process.versions.v8.startsWith('11.')) setV8Flags('--interrupt-budget=1000000');
}

/** Sets flags of V8. Its module takes a start some milliseconds, and few commands set any: so it is not imported. */
export function setV8Flags(...flags: readonly string[]): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of flags) setFlagsFromString(flag);
}
