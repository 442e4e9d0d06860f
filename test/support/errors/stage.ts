import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../../src/async/clock.js';
import { systemClock } from '../../../src/async/system-clock.js';
import { BundlesError, type ErrorCode, errorRows } from '../../../src/errors.js';
import { type InProcessOptions, type InProcessRun, runInProcess } from '../program/run-in-process.js';
import { type RawRegistry, startRawRegistry } from '../registry/raw-registry.js';
import { tempDir } from '../temp-dir.js';

/** A directory of its own, with a Pipeline that has the param DELAY, and what one failure needs beside it. */
export interface Stage extends AsyncDisposable {
  readonly path: string;
  write(files: Readonly<Record<string, string>>): void;
  /** Runs a command with JSON output; `@/` is the directory, and its waits are short. */
  run(words: readonly string[], options?: InProcessOptions): Promise<InProcessRun>;
  /** A registry in memory, which messages name quay.io. */
  registry(...given: Parameters<typeof startRawRegistry>): Promise<RawRegistry>;
  /** Ends with the stage. */
  keep<T extends AsyncDisposable>(one: T): T;
  /** Shows one text of a message as another. */
  show(found: string, shown: string): void;
  /** A message as the example has it. */
  shown(message: string): string;
}

/** Fails, as a run of a command or by throwing. */
export type Fail = (stage: Stage) => Promise<unknown>;

export interface ProvokedError {
  readonly message: string;
  readonly hint: string | null;
  readonly exit: number;
}

/** What a failure with this code reports, and the exit status of the run or of the code. */
export async function provoke(code: ErrorCode, fail: Fail): Promise<ProvokedError> {
  await using stage = createStage();
  const outcome = await fail(stage).catch((error: unknown) => error);
  if (outcome instanceof BundlesError && outcome.code === code) {
    const { message, hint = null } = outcome;
    return { message: stage.shown(message), hint, exit: errorRows[code].exit };
  }
  const { stdout, code: exit } = runOf(outcome);
  const found = errorOf(JSON.parse(stdout), code);
  if (found === undefined) throw new Error(`The run failed otherwise, with ${exit}: ${stdout}`);
  return { message: stage.shown(String(found.message)), hint: found.hint ?? null, exit };
}

/** Runs one command in a directory with these files. */
export const command =
  (
    words: readonly string[],
    files: Readonly<Record<string, string>> = {},
    options: InProcessOptions = {},
  ): Fail =>
  (stage) => {
    stage.write(files);
    return stage.run(words, options);
  };

const pipeline = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: workflow}
spec:
  params: [{name: DELAY, type: string, description: d, default: "1"}]
  tasks: [{name: a, taskSpec: {steps: [{name: s, image: a}]}}]
`;

function createStage(): Stage {
  const directory = tempDir();
  const kept: AsyncDisposable[] = [directory];
  const names: [string, string][] = [];
  const stage: Stage = {
    path: directory.path,
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory.path, path)), { recursive: true });
        writeFileSync(join(directory.path, path), text);
      }
    },
    run(words, { environment, ...options } = {}) {
      const given = words.map((word) => word.replace('@/', `${directory.path}/`));
      return runInProcess([...given, '-o', 'json'], {
        clock: createSkippingClock(),
        home: join(directory.path, '~'),
        ...options,
        environment: { BUNDLES_STATE_DIR: join(directory.path, '.bundles'), ...environment },
      });
    },
    async registry(...given) {
      const registry = stage.keep(await startRawRegistry(...given));
      stage.show(`http://${registry.host}`, 'https://quay.io');
      stage.show(registry.host, 'quay.io');
      return registry;
    },
    keep(one) {
      kept.unshift(one);
      return one;
    },
    show: (found, shown) => void names.push([found, shown]),
    shown: (message) =>
      names
        .reduce((text, [found, shown]) => text.replaceAll(found, shown), message)
        .replaceAll(`${directory.path}/`, ''),
    async [Symbol.asyncDispose]() {
      for (const one of kept) await one[Symbol.asyncDispose]();
    },
  };
  stage.write({ 'pipelines/hello.yaml': pipeline });
  return stage;
}

/** Waits take at most 50 ms, and count in full; deadlines are the machine's. */
function createSkippingClock(): Clock {
  let skippedMs = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + skippedMs,
    async sleep(ms, signal) {
      const takenMs = Math.min(ms, 50);
      await systemClock.sleep(takenMs, signal);
      skippedMs += ms - takenMs;
    },
  };
}

function runOf(outcome: unknown): InProcessRun {
  if (typeof outcome === 'object' && outcome !== null && 'stdout' in outcome) return outcome as InProcessRun;
  throw outcome instanceof Error ? outcome : new Error('It did not fail');
}

/** The first error of a code in a JSON result: of the run, or of a bundle. */
function errorOf(
  value: unknown,
  code: string,
): { readonly message: unknown; readonly hint?: string | null } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('code' in value && value.code === code && 'message' in value) return value;
  for (const child of Object.values(value)) {
    const found = errorOf(child, code);
    if (found !== undefined) return found;
  }
  return undefined;
}
