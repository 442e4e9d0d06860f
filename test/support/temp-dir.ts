import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
}

/** `await using directory = tempDir();` a fresh directory, gone with the scope. */
export function tempDir(prefix = 'bundles-test-', parent = tmpdir()): TempDir {
  const path = mkdtempSync(join(realpathSync(parent), prefix));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
