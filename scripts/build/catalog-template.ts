// Puts the data directory that the embedded catalog starts from into dist/. It is kept in node_modules/.cache, so that
// only a new PGlite or a new migration costs the seconds that its making takes.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dataTemplate } from '../../src/catalog-server/database/data-template.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const cache = path('../../node_modules/.cache/tekton-bundles/reproducible/');

/** Puts the template into `directory`. */
export async function placeCatalogTemplate(directory: string): Promise<void> {
  const name = basename(await dataTemplate());
  const kept = join(cache, name);
  const target = join(directory, name);
  if (await copied(kept, target)) return;
  const work = await mkdtemp(join(tmpdir(), 'catalog-template-'));
  try {
    await mkdir(dirname(kept), { recursive: true });
    const file = join(work, name);
    const words = [
      '--import',
      path('../typescript.mjs'),
      path('make-catalog-template.ts'),
      join(work, 'data'),
      file,
    ];
    // A process of its own, whose clock and random numbers are replaced; nothing of this one's environment counts.
    await promisify(execFile)(process.execPath, words, { env: { TZ: 'UTC' } });
    await copyFile(file, `${kept}.${process.pid}`);
    await rename(`${kept}.${process.pid}`, kept);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await copyFile(kept, target);
}

async function copied(from: string, to: string): Promise<boolean> {
  return copyFile(from, to).then(
    () => true,
    () => false,
  );
}
