// node --import ./scripts/typescript.mjs scripts/release/check-tag.ts TAG: whether the commit of a tag is a release: package,
// program and changelog have the tag's version, and action/dist holds what these sources give.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '../../src/version.js';
import { changelogSections, sectionFindings } from './changelog.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [tag] = process.argv.slice(2);
const findings: string[] = [];
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
if (tag !== `v${manifest.version}`)
  findings.push(`the tag is ${tag}, and package.json has ${manifest.version}`);
if (version !== manifest.version) findings.push(`src/version.ts has ${version}`);
const changes = changelogSections(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).get(manifest.version);
for (const finding of sectionFindings(changes ?? ''))
  findings.push(`CHANGELOG.md, ${manifest.version}: ${finding}`);
const work = mkdtempSync(join(tmpdir(), 'check-tag-'));
try {
  execFileSync(process.execPath, [join(root, 'scripts/build-action.mjs'), join(work, 'dist')], {
    stdio: 'inherit',
  });
  if (filesOf(join(root, 'action/dist')) !== filesOf(join(work, 'dist')))
    findings.push('action/dist is not what npm run build:action gives');
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const finding of findings) console.error(`not a release: ${finding}`);
if (findings.length > 0) process.exitCode = 1;

function filesOf(directory: string): string {
  try {
    const names = readdirSync(directory).sort();
    return JSON.stringify(names.map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
  } catch {
    return 'nothing';
  }
}
