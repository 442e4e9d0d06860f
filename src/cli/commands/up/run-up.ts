import { unlink } from 'node:fs/promises';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import { type OpenSuite, openSuite } from '../../open/open-suite.js';
import type { SuiteOptions } from '../../options/suite-options.js';
import type { Session } from '../../session.js';
import { untilAborted } from '../../until-aborted.js';

export interface UpOptions extends SuiteOptions {
  readonly readyFile?: string;
  readonly watch?: boolean;
}

/** Keeps everything ready until the run is interrupted, which is a success. */
export async function runUp({ context }: Session, options: UpOptions): Promise<void> {
  // From before anything is read: what changes meanwhile is not missed.
  using watching = options.watch
    ? await (await import('./watch-suite.js')).startWatch(context, options)
    : undefined;
  await using suite = await openSuite(context, options);
  await writeReady(options, suite);
  try {
    if (options.output === 'json') context.stdout.json(documentOf(suite));
    else
      context.stdout.lines(
        Object.entries(suite.variables).map(([name, value]) => `export ${name}=${quote(value)}`),
      );
    if (watching) await watching.follow(suite, () => writeReady(options, suite));
    else await untilAborted(context);
  } finally {
    if (options.readyFile !== undefined) await unlink(options.readyFile).catch(() => undefined);
  }
}

function documentOf({ prepared: { workflows }, variables }: OpenSuite): object {
  return { version: 1, variables, workflows, error: null };
}

async function writeReady({ readyFile }: UpOptions, suite: OpenSuite): Promise<void> {
  if (readyFile === undefined) return;
  await writeFileAtomic(readyFile, `${JSON.stringify(documentOf(suite), null, 2)}\n`);
}

/** For a shell to read. */
function quote(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
