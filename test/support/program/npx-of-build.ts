import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPath } from './run-cli.js';

/** A PATH on which `npx --yes --package=… tekton-bundles` runs the built program instead of a package. */
export function pathWithProgram(directory: string): string {
  const npx = join(directory, 'npx');
  writeFileSync(npx, `#!/bin/sh\nshift 3\nexec "${process.execPath}" "${cliPath}" "$@"\n`);
  chmodSync(npx, 0o755);
  return `${directory}:${process.env.PATH}`;
}
