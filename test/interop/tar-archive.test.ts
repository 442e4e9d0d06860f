import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openArchiveStore } from '../../src/content/archive/archive-store.js';
import { openLayoutStore } from '../../src/content/layout/layout-store.js';
import { fillStore, readableContract } from '../support/registry/readable-contract.js';
import { tempDir } from '../support/temp-dir.js';

// An archive as people make one from a layout, with GNU or BSD tar: `./` before each name, in the directory's order.

if (spawnSync('tar', ['--version']).error !== undefined) console.warn('SKIPPED: tar is not installed');
else {
  const root = tempDir('archives-');
  afterAll(() => root[Symbol.asyncDispose]());
  readableContract('oci-archive made by tar', async (images) => {
    const directory = mkdtempSync(join(root.path, 'layout-'));
    await fillStore(openLayoutStore(directory, { durable: false }), images);
    const path = `${directory}.tar`;
    execFileSync('tar', ['-C', directory, '-cf', path, '.']);
    return openArchiveStore(path, { kind: 'oci-archive' });
  });
}
