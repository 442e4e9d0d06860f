// npm run release:files: writes into release/ what a release attaches: the package, the program in one file, the bill of
// materials, and the checksums of them all; beside them, in release-notes.md, what the changelog has of this version.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '../../src/version.js';
import { imageSbom } from '../image/image-sbom.js';
import { installedPackages } from '../image/installed-packages.js';
import { changelogSections } from './changelog.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const directory = join(root, 'release');
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory);
const run = (program: string, ...words: string[]) =>
  execFileSync(program, words, { cwd: root, stdio: 'inherit' });
run('npm', 'pack', '--silent', '--pack-destination', directory);
run(process.execPath, 'scripts/build-mjs.mjs', join(directory, 'bundles.mjs'));
writeFileSync(
  join(directory, `tekton-bundles-${version}.cdx.json`),
  imageSbom(await installedPackages(root)),
);
const sums = readdirSync(directory)
  .sort()
  .map((name) => `${sha256(join(directory, name))}  ${name}\n`);
writeFileSync(join(directory, 'SHA256SUMS'), sums.join(''));
const notes = changelogSections(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).get(version) ?? '';
writeFileSync(join(root, 'release-notes.md'), `${notes}\n`);
process.stdout.write(sums.join(''));

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
