import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDirectory } from '../../fs/make-directory.js';
import { temporaryName } from '../../fs/temporary-file.js';
import { type LayoutStore, openLayoutStore } from '../layout/layout-store.js';
import type { CallOptions } from '../store.js';
import type { ArchiveKind } from './archive-store.js';
import { packLayout } from './pack-layout.js';

export interface ArchiveWriterOptions extends CallOptions {
  readonly kind: ArchiveKind;
  /** E.g. `quay.io/acme/hello`: with it each tag becomes a whole name too, which docker, podman and containerd keep. */
  readonly repository?: string;
}

export interface ArchiveWriter {
  /** Takes what the archive is to hold: a layout beside the file, for the time being. */
  readonly store: LayoutStore;
  /** Replaces the file at the path with the archive, atomically. */
  finish(): Promise<void>;
  /** Removes the layout; without `finish` nothing is left. To be called in every case. */
  close(): Promise<void>;
}

/**
 * An archive to be written. Equal content gives equal bytes: entries are sorted, and bear no time and no owner. A
 * docker-archive is a layout with the manifest.json of `docker save` beside it, so that nothing of an image is lost.
 *
 * @throws NOT_WRITABLE, DISK_FULL
 */
export async function createArchiveWriter(
  path: string,
  { kind, repository, signal }: ArchiveWriterOptions,
): Promise<ArchiveWriter> {
  signal?.throwIfAborted();
  await makeDirectory(dirname(path));
  const staged = join(dirname(path), await temporaryName(basename(path)));
  return {
    store: openLayoutStore(staged, { durable: false }),
    finish: () => packLayout(staged, path, { kind, repository, signal }),
    close: () => rm(staged, { recursive: true, force: true, maxRetries: 3 }),
  };
}
