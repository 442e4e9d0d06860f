// npm run set-release -- VERSION [--repository OWNER/NAME] [--date YYYY-MM-DD]: writes the version, and the address of the
// project where it is given, everywhere that names them, and makes the changelog's unreleased part that version's.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository as currentRepository } from '../../src/version.js';
import { addressFields } from './addresses.js';
import { releaseChangelog } from './changelog.js';
import { filesThatMention, mentions } from './mentions.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    repository: { type: 'string', default: currentRepository },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
  },
});
const [version = ''] = positionals;
const { root, repository, date } = values;
if (
  !/^\d+\.\d+\.\d+$/.test(version) ||
  !/^[\w-]+\/[\w.-]+$/.test(repository) ||
  !/^\d{4}-\d\d-\d\d$/.test(date)
) {
  console.error(
    'Give a version, such as 0.2.0, and if need be --repository OWNER/NAME and --date YYYY-MM-DD',
  );
  process.exit(2);
}

/** Changes one file; what it was to find has to be in it. */
function edit(path: string, change: (text: string) => string): void {
  const file = join(root, path);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

const editJson = (path: string, change: (manifest: Record<string, unknown>) => object) =>
  edit(path, (text) => `${JSON.stringify(change(JSON.parse(text)), null, 2)}\n`);

for (const [path, text] of filesThatMention(root)) {
  let changed = text;
  for (const pattern of mentions.repository) changed = changed.replace(pattern, repository);
  for (const pattern of mentions.version) changed = changed.replace(pattern, version);
  if (changed !== text) writeFileSync(join(root, path), changed);
}
editJson('package.json', (manifest) => ({ ...manifest, version, ...addressFields(repository) }));
editJson('package-lock.json', (lock) => {
  const packages = lock.packages as Record<string, object>;
  return { ...lock, version, packages: { ...packages, '': { ...packages[''], version } } };
});
edit('src/version.ts', (text) =>
  text
    .replace(/(?<=^export const version = ')[^']+/m, version)
    .replace(/(?<=^export const repository = ')[^']+/m, repository),
);
edit('CHANGELOG.md', (text) => releaseChangelog(text, { version, date, repository }));
// The Tasks that run in a cluster are a bundle of this version.
edit('deploy/bundles.yaml', (text) => text.replace(/^tag: .*$/m, `tag: v${version}`));
const program = (...words: string[]) =>
  execFileSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
program('scripts/build.mjs');
program('bin/bundles.js', 'ensure', '--config', 'deploy/bundles.yaml', '--offline');
