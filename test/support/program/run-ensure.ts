import type { BundleResult, EnsureResult } from '../../../src/ensure/result.js';
import { type Ran, type RunOptions, runCli } from './run-cli.js';

export interface RanEnsure extends Ran {
  readonly result: EnsureResult;
  /** Fails the test where there is no such bundle. */
  bundle(name: string): BundleResult;
}

/** Runs `ensure --output json` of the built command line in a project's directory and reads its document. */
export async function runEnsure(
  directory: string,
  words: readonly string[] = [],
  options: RunOptions = {},
): Promise<RanEnsure> {
  const ran = await runCli(['ensure', '--output', 'json', ...words], { cwd: directory, ...options });
  const result = parse(ran);
  return {
    ...ran,
    result,
    bundle(name) {
      const found = result.bundles.find((bundle) => bundle.name === name);
      if (found === undefined) throw new Error(`no bundle ${name} in ${ran.stdout}${ran.stderr}`);
      return found;
    },
  };
}

function parse({ stdout, stderr, code, signal }: Ran): EnsureResult {
  try {
    return JSON.parse(stdout) as EnsureResult;
  } catch (cause) {
    throw new Error(`no document, exit ${code ?? signal}: ${stdout}${stderr}`, { cause });
  }
}
