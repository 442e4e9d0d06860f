import { version } from '../../../version.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

/** Prints the version, or a document with everything that has one. */
export function runVersion({ context }: Session, { output }: CommonOptions): void {
  const { node, openssl } = process.versions;
  const document = {
    version: 1,
    program: version,
    node,
    openssl: openssl ?? null,
    platform: `${context.platform} ${process.arch}`,
    error: null,
  };
  if (output === 'json') context.stdout.json(document);
  else context.stdout.line(version);
}
