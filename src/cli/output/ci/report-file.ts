import { appendFile } from 'node:fs/promises';
import { writeError } from '../../../fs/machine-error.js';
import { type WriteFileOptions, writeFileAtomic } from '../../../fs/write-file-atomic.js';
import type { Context } from '../../context.js';
import type { Writer } from '../writer.js';

/** A file of a report: what is written is kept until it is saved or appended. */
export interface ReportFile {
  readonly writer: Writer;
  /** Replaces the content of the file. @throws NOT_WRITABLE, DISK_FULL */
  save(options?: WriteFileOptions): Promise<void>;
  /** Behind what the file holds. @throws NOT_WRITABLE, DISK_FULL */
  append(): Promise<void>;
}

/** The one way to files that people and CI services read; a lock, a schema or a bundle is not a report. */
export function openReportFile(context: Pick<Context, 'writerTo'>, path: string): ReportFile {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  return {
    writer: context.writerTo({ write, isTerminal: false, columns: 80 }),
    async save(options) {
      await writeFileAtomic(path, text, options);
    },
    async append() {
      await appendFile(path, text).catch((error: unknown) => {
        throw writeError(error, `write ${JSON.stringify(path)}`, path);
      });
    },
  };
}
