import { BundlesError } from '../../errors.js';
import { shorten } from '../../http/shorten.js';
import { ProgramError, runProgram } from '../../process/run-program.js';

export interface HelperCall {
  /** The part of the program's name behind `docker-credential-`. */
  readonly helper: string;
  readonly action: 'get' | 'store' | 'erase';
  /** Written to its standard input, never on its command line. */
  readonly input: string;
  /** Where the helper is named, for messages. */
  readonly source: string;
}

export interface HelperOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Gets what the helper states on stderr. */
  readonly log?: ((line: string) => void) | undefined;
}

export interface HelperAnswer {
  readonly status: number | string;
  readonly output: string;
}

/**
 * Runs a docker credential helper, without a shell and within its time and size.
 *
 * @throws CREDENTIALS_INVALID; `details.missing` is set if the program does not exist
 */
export async function runHelper(call: HelperCall, options: HelperOptions): Promise<HelperAnswer> {
  const { environment, timeoutMs = 30_000, signal, log } = options;
  const program = `docker-credential-${call.helper}`;
  if (!/^[A-Za-z0-9_.-]+$/.test(call.helper)) {
    throw helperError(call, 'its name holds other characters than A-Z a-z 0-9 _ . -');
  }
  try {
    return await runProgram(program, [call.action], {
      environment,
      timeoutMs,
      signal,
      input: call.input,
      onError: (chunk) => log?.(`${program}: ${shorten(chunk)}`),
    });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw helperError(call, error.message, { missing: error.why === 'missing' });
  }
}

const doings = {
  get: 'No credential from',
  store: 'Cannot store a credential with',
  erase: 'Cannot remove a credential by',
};

export function helperError(
  { helper, action, source }: Pick<HelperCall, 'helper' | 'action' | 'source'>,
  why: string,
  { missing = false }: { readonly missing?: boolean } = {},
): BundlesError {
  const name = JSON.stringify(`docker-credential-${shorten(helper, { max: 60 })}`);
  return new BundlesError('CREDENTIALS_INVALID', `${doings[action]} helper ${name} of ${source}: ${why}`, {
    hint: missing
      ? 'Install the helper, or take it out of the file'
      : 'Run the helper by hand to see what it needs',
    details: { source, missing },
  });
}
