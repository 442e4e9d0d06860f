import { afterEach, expect, test } from 'vitest';
import { documentPages, isPlayed, isScript, isShell, readFences } from '../support/documents/fences.js';
import { playPage, type RunProgram } from '../support/documents/play-page.js';
import { runInProcess } from '../support/program/run-in-process.js';

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

const pages = documentPages();
const played = pages.filter((page) => readFences(page).some((fence) => isPlayed(fence)));

test.each(played)('%s does what it shows', async (page) => {
  await playPage(page, { program: inProcess });
});

test('pages have commands and scripts that run', () => {
  const fences = played.flatMap((page) => readFences(page)).filter((fence) => isPlayed(fence));
  expect(fences.filter((fence) => isShell(fence)).length).toBeGreaterThan(60);
  expect(fences.filter((fence) => isScript(fence)).length).toBeGreaterThan(3);
});
