// Leaves in dist/types only the declarations that an entry of the package reaches, as no import gets to the others.
// Usage: node scripts/public-types.mjs [DIRECTORY]
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = resolve(process.argv[2] ?? join(root, 'dist/types'));
const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const reached = new Set();
const waiting = Object.values(exports).flatMap((target) =>
  target.types === undefined ? [] : [normalize(target.types.replace('./dist/types/', ''))],
);
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (reached.has(file)) continue;
  reached.add(file);
  const text = await readFile(join(directory, file), 'utf8');
  for (const [, from] of text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g))
    waiting.push(normalize(join(dirname(file), from.replace(/\.js$/, '.d.ts'))));
}

const entries = await readdir(directory, { recursive: true, withFileTypes: true });
const paths = entries.map((entry) => ({ entry, path: join(entry.parentPath ?? entry.path, entry.name) }));
for (const { entry, path } of paths)
  if (entry.isFile() && !reached.has(path.slice(directory.length + 1))) await rm(path);
// The deepest first: a directory goes once it is empty.
for (const { entry, path } of paths.sort((one, other) => other.path.length - one.path.length))
  if (entry.isDirectory() && (await readdir(path)).length === 0) await rmdir(path);
