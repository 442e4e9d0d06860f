import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  documentPages,
  isPlayed,
  isScript,
  isShell,
  readFences,
  readPage,
  root,
} from '../support/documents/fences.js';
import { pendingPages } from '../support/documents/pending-pages.js';
import { playPage, type RunProgram } from '../support/documents/play-page.js';
import { run } from '../support/run-cli.js';
import { runInProcess } from '../support/run-in-process.js';
import { tempDir } from '../support/temp-dir.js';

const start = process.cwd();
// The directory of a page is gone after it.
afterEach(() => process.chdir(start));

/** In this process, whose working directory is the page's: a start of Node for each command would take ten times as long. */
const inProcess: RunProgram = async ({ words, directory, environment, signal, heard }) => {
  process.chdir(directory);
  const { HOME: home } = environment;
  const hears = { onStdout: heard, onStderr: heard };
  const ran = await runInProcess(words, { environment, home, signal, input: '', ...hears });
  return ran.code;
};

const pages = documentPages().filter((page) => !pendingPages.includes(page));
const played = pages.filter((page) => readFences(page).some((fence) => isPlayed(fence)));

test.each(played)('%s does what it shows', async (page) => {
  await playPage(page, { program: inProcess });
});

test('the TypeScript of every page is strict', async () => {
  await using directory = tempDir();
  const files = pages.flatMap((page) =>
    readFences(page)
      .filter((fence) => isPlayed(fence) && isScript(fence))
      .map((fence) => {
        const file = `${page.replaceAll('/', '-')}-${fence.line}.mts`;
        writeFileSync(join(directory.path, file), fence.text);
        return file;
      }),
  );
  if (files.length === 0) return;
  const compilerOptions = {
    noEmit: true,
    rootDir: '/',
    typeRoots: [join(root, 'node_modules/@types')],
    paths: entryPoints(),
  };
  const settings = { extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] };
  writeFileSync(join(directory.path, 'tsconfig.json'), JSON.stringify(settings));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const ran = await run(process.execPath, [compiler, '-p', directory.path]);
  expect([ran.code, ran.stdout]).toEqual([0, '']);
});

/** The sources of what the package exports, by the name that is imported. */
function entryPoints(): Record<string, [string]> {
  const { name, exports } = JSON.parse(readPage('package.json')) as {
    name: string;
    exports: Record<string, string | { types?: string }>;
  };
  const entries = Object.entries(exports).flatMap(([path, entry]): [string, [string]][] => {
    if (typeof entry === 'string' || entry.types === undefined) return [];
    const source = entry.types.replace('./dist/types/', 'src/').replace(/\.d\.ts$/, '.ts');
    return [[`${name}${path.slice(1)}`, [join(root, source)]]];
  });
  return Object.fromEntries(entries);
}

test('pages have commands that run', () => {
  const count = played.flatMap((page) => readFences(page)).filter((f) => isPlayed(f) && isShell(f)).length;
  expect(count).toBeGreaterThan(5);
});
