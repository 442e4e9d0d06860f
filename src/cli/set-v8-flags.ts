/** Sets flags of V8. Its module takes a start some milliseconds, and few commands set any: so it is not imported. */
export function setV8Flags(...flags: readonly string[]): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of flags) setFlagsFromString(flag);
}
