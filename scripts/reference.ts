// Writes the parts of docs/ that follow from tables of the program; with --check it only compares.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { referencePages } from '../src/cli/help/reference-pages.js';

const check = process.argv.includes('--check');
const root = new URL('..', import.meta.url);
let stale = 0;
for (const [file, write] of Object.entries(referencePages)) {
  const path = new URL(file, root);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const after = write(before);
  if (before === after) continue;
  if (check) {
    console.error(`${file} is not what the tables say; run: npm run reference`);
    stale++;
  } else {
    mkdirSync(new URL('.', path), { recursive: true });
    writeFileSync(path, after);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
