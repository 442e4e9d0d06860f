import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { makeDirectory } from '../../fs/make-directory.js';
import { packagePath } from '../../package-files.js';
import { migrations } from './migrations.js';

const require = createRequire(import.meta.url);

/**
 * Where the package keeps a data directory that is initialized and migrated already, which saves the seconds that
 * both take. Its name changes with PGlite and with the migrations, so that an old one is never taken.
 */
export async function dataTemplate(): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([await pgliteVersion(), migrations]))
    .digest('hex');
  return packagePath(join('dist', `catalog-${key.slice(0, 16)}.tar.gz`));
}

/** Creates a directory from the template, atomically; false if there is no template. */
export async function unpackDataTemplate(directory: string): Promise<boolean> {
  const template = await dataTemplate();
  const exists = await access(template).then(
    () => true,
    () => false,
  );
  if (!exists) return false;
  const beside = `${directory}.new`;
  await rm(beside, { recursive: true, force: true });
  await makeDirectory(beside);
  await pipeline(
    createReadStream(template),
    createGunzip({ chunkSize: 256 * 1024 }),
    await extractTo(beside),
  );
  await rename(beside, directory);
  return true;
}

/** Writes a closed data directory into one file. */
export async function packDataTemplate(directory: string, file: string): Promise<void> {
  const { pack: createPack } = await import('tar-stream');
  const pack = createPack();
  const written = pipeline(pack, createGzip({ level: 9 }), createWriteStream(file));
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = entries.map((entry) => ({ path: join(entry.parentPath, entry.name), entry }));
  const mtime = new Date(0);
  for (const { path, entry } of names.sort((one, other) => (one.path < other.path ? -1 : 1))) {
    const name = path
      .slice(directory.length + 1)
      .split(sep)
      .join('/');
    // Of the process that ran it.
    if (name === 'postmaster.pid') continue;
    if (entry.isDirectory()) pack.entry({ name, type: 'directory', mode: 0o700, mtime });
    else if (entry.isFile()) pack.entry({ name, mode: 0o600, mtime }, await readFile(path));
  }
  pack.finalize();
  await written;
}

async function extractTo(directory: string) {
  const { extract: createExtract } = await import('tar-stream');
  const extract = createExtract();
  extract.on('entry', (header, stream, next) => {
    const path = join(directory, header.name);
    if (!path.startsWith(directory + sep)) {
      next(new Error(`The template leaves its directory: ${header.name}`));
    } else if (header.type === 'directory') {
      stream.resume();
      mkdir(path, { recursive: true, mode: 0o700 }).then(() => next(), next);
    } else {
      pipeline(stream, createWriteStream(path, { mode: 0o600 })).then(() => next(), next);
    }
  });
  return extract;
}

/** Its package.json is not an export of it, but lies two folders above its main file. */
async function pgliteVersion(): Promise<string> {
  const main = require.resolve('@electric-sql/pglite');
  const manifest = await readFile(join(dirname(main), '..', 'package.json'), 'utf8');
  return String((JSON.parse(manifest) as { readonly version?: unknown }).version);
}
