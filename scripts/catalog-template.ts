// Makes the data directory that the embedded catalog starts from, and puts it into dist/. It is kept in
// node_modules/.cache, so that only a new PGlite or a new migration costs the seconds that its making takes.
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataTemplate, packDataTemplate } from '../src/catalog-server/database/data-template.js';
import { openPglite } from '../src/catalog-server/database/open-pglite.js';

const cache = fileURLToPath(new URL('../node_modules/.cache/tekton-bundles/', import.meta.url));

/** Puts the template into `directory`. */
export async function placeCatalogTemplate(directory: string): Promise<void> {
  const name = basename(await dataTemplate());
  const kept = join(cache, name);
  const target = join(directory, name);
  if (await copied(kept, target)) return;
  const work = await mkdtemp(join(tmpdir(), 'catalog-template-'));
  try {
    const data = join(work, 'data');
    await using database = openPglite(data);
    await database.migrate();
    await database.close();
    await mkdir(dirname(kept), { recursive: true });
    const file = join(work, name);
    await packDataTemplate(data, file);
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
