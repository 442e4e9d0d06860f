import { homedir } from 'node:os';
import process from 'node:process';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import type { Send } from '../http/message.js';

/** The machine and the user that a run works for. */
export interface Machine {
  /** Variables: credentials, proxies, and what represents options. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Undefined for a user without a home directory. */
  readonly home: string | undefined;
  readonly uid: number | undefined;
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
}

/** A machine on which connections are opened for as long as one run takes. */
export interface RunContext extends Machine {
  /** Ends all that is opened. */
  readonly signal: AbortSignal;
  /** Gets warnings and, under --verbose, what was sent. */
  readonly stderr: { line(text: string): void };
  /** Put around everything that is sent, for anyone who shows what is waited for. */
  readonly watch?: ((send: Send) => Send) | undefined;
  /** Gets what gives the secrets of the run, so that they are hidden wherever a server repeats them. */
  readonly hide?: ((secrets: () => Iterable<string>) => void) | undefined;
  /** Gets names and references of the run's own, which no secret changes. */
  readonly keep?: ((values: Iterable<string>) => void) | undefined;
}

/** What a function of the library takes of its surroundings. */
export interface ContextOptions extends Partial<Pick<RunContext, 'watch' | 'hide' | 'keep'>> {
  readonly machine?: Machine | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log?: ((text: string) => void) | undefined;
}

/** What a run gets from its caller and from the machine. */
export function contextOf(options: ContextOptions): RunContext {
  const { machine = thisMachine(), signal, log, watch, hide, keep } = options;
  const { environment, home, uid, platform, clock } = machine;
  const stderr = { line: (text: string) => log?.(`${text}\n`) };
  const given = signal ?? new AbortController().signal;
  return { environment, home, uid, platform, clock, signal: given, stderr, watch, hide, keep };
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    environment: process.env,
    home: homeDirectory(),
    uid: process.getuid?.(),
    platform: process.platform,
    clock: systemClock,
  };
}

/** An option's value, else the environment variable that represents it; an empty variable counts as not set. */
export function optionOr(
  value: string | undefined,
  { environment }: Pick<Machine, 'environment'>,
  variable: string,
): string | undefined {
  if (value !== undefined) return value;
  const text = environment[variable];
  return text === '' ? undefined : text;
}

/** Whether this process belongs to a CI job, by the variable that every CI service sets. */
export function isCi({ environment }: Pick<Machine, 'environment'>): boolean {
  const { CI } = environment;
  return CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0';
}

function homeDirectory(): string | undefined {
  try {
    return process.env.HOME ?? homedir();
  } catch {
    return undefined;
  }
}
