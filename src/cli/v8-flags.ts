import type { RunContext } from '../open/machine.js';

/**
 * Lets V8 wait before it optimizes a function. A run lives for a second or two: with its usual haste V8 spends a sixth
 * of the run's processor time on code that ends before that pays. What runs long still gets there.
 * The heap grows in smaller steps: a hostile bundle takes a tenth less memory, and a warm run takes no longer.
 */
export function optimizeLater(): void {
  // Only where the flag is known to mean this: V8 prints a complaint about an unknown one.
  if (process.versions.v8.startsWith('11.'))
    setV8Flags('--interrupt-budget=1000000', '--heap-growing-percent=25');
}

/** Sets flags of V8. Its module takes a start some milliseconds, and few commands set any: so it is not imported. */
export function setV8Flags(...flags: readonly string[]): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of flags) setFlagsFromString(flag);
}

/**
 * From Node 22 on, the program's compiled code is kept for its next start. It lies in the user's own directory and not in the
 * system's temporary one: whatever lies there is run. Where nothing can be written, nothing is kept.
 */
export function keepCompiledCode({ home, environment }: Pick<RunContext, 'home' | 'environment'>): void {
  const { XDG_CACHE_HOME: given = '' } = environment;
  const cache = given.startsWith('/') ? given : home && `${home}/.cache`;
  const { enableCompileCache } = process.getBuiltinModule('node:module') as {
    readonly enableCompileCache?: (directory: string) => unknown;
  };
  if (cache) enableCompileCache?.(`${cache}/tekton-bundles/compiled`);
}
