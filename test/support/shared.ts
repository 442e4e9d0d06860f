import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type TestAPI, test } from 'vitest';

/** A path of the material that lies beside the repository on some machines only. */
export function sharedPath(path: string): string {
  return fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
}

/** `test`, or a loud skip where that material is missing. */
export function testWithShared(path: string): TestAPI | TestAPI['skip'] {
  if (existsSync(sharedPath(path))) return test;
  console.warn(`skipped: ../shared/${path} is not on this machine`);
  return test.skip;
}
