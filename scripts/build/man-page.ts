// Writes the man page beside the program, from the table of commands.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commands } from '../../src/cli/commands.js';
import { manPage } from '../../src/cli/help/man-page.js';

export async function placeManPage(outdir: string): Promise<void> {
  await mkdir(join(outdir, 'man'));
  await writeFile(join(outdir, 'man', 'bundles.1'), manPage(commands));
}
