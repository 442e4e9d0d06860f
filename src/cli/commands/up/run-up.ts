import { unlink } from 'node:fs/promises';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import { openSuite } from '../../open/open-suite.js';
import type { SuiteOptions } from '../../options/suite-options.js';
import type { Session } from '../../session.js';
import { untilAborted } from '../../until-aborted.js';

export interface UpOptions extends SuiteOptions {
  readonly readyFile?: string;
}

/** Keeps everything ready until the run is interrupted, which is a success. */
export async function runUp({ context }: Session, options: UpOptions): Promise<void> {
  await using suite = await openSuite(context, options);
  const { prepared, variables } = suite;
  const { workflows } = prepared;
  const document = { version: 1, variables, workflows, error: null };
  if (options.readyFile !== undefined)
    await writeFileAtomic(options.readyFile, `${JSON.stringify(document, null, 2)}\n`);
  try {
    if (options.output === 'json') context.stdout.json(document);
    else
      context.stdout.lines(
        Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`),
      );
    await untilAborted(context.signal);
  } finally {
    if (options.readyFile !== undefined) await unlink(options.readyFile).catch(() => undefined);
  }
}

/** For a shell to read. */
function quote(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
