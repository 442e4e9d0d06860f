import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/program/run-cli.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

type Project = ReturnType<typeof sampleProject>;

/** Runs as a step of GitHub Actions; outputs and summary begin with what earlier steps left. */
async function step(project: Project, words: readonly string[]) {
  const [output, summary] = [join(project.directory, 'output'), join(project.directory, 'summary')];
  for (const file of [output, summary]) writeFileSync(file, 'earlier=1\n');
  const ran = await runCli(words, {
    cwd: project.directory,
    env: { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary },
  });
  const lines = readFileSync(output, 'utf8').split('\n');
  expect([lines[0], lines.at(-1)]).toEqual(['earlier=1', '']);
  const outputs = Object.fromEntries(lines.slice(1, -1).map((line) => line.split(/=(.*)/s).slice(0, 2)));
  return {
    ...ran,
    outputs: outputs as Record<string, string>,
    summary: readFileSync(summary, 'utf8').split('\n').slice(1),
    annotations: ran.stderr.split('\n').filter((line) => line.startsWith('::')),
  };
}

test('a fallback is an output, an annotation and the first line of the summary', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: ['alpha', 'beta'] });
  const ran = await step(project, ['ensure', '--no-push', '--on-different', 'fallback']);
  expect(ran.code).toBe(0);
  expect(Object.keys(ran.outputs)).toEqual([
    ...['report', 'changed', 'fallback', 'pinned', 'digests', 'subjects'],
  ]);
  expect(ran.outputs).toMatchObject({ changed: 'true', fallback: 'true', report: '.bundles/ensure.json' });
  const pinned = JSON.parse(ran.outputs.pinned ?? '') as Record<string, string>;
  expect(pinned.alpha).toMatch(/^registry\.invalid\/acme\/alpha:v1\.0\.0@sha256:[0-9a-f]{64}$/);
  const report = JSON.parse(
    readFileSync(join(project.directory, ran.outputs.report ?? ''), 'utf8'),
  ) as object;
  expect(report).toMatchObject({ version: 1, summary: { fallback: 2 }, error: null });
  expect(ran.annotations.map((line) => line.split('::')[1])).toEqual([
    'warning title=bundle alpha fell back',
    'warning title=bundle beta fell back',
  ]);
  expect(ran.summary[0]).toContain('2 of 2 bundles fell back');
  expect(ran.summary.join('\n')).toContain('| alpha | fallback | unreachable | dns |');
  // Without a change and with everything as before, `changed` is false.
  expect((await step(project, ['ensure', '--no-push'])).outputs).toMatchObject({
    changed: 'false',
    fallback: 'true',
  });
});

test('a publish is not a warning, and the summary begins with the outcome', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const ran = await step(project, ['ensure']);
  expect(ran.outputs).toMatchObject({ changed: 'true', fallback: 'false' });
  expect(ran.annotations).toEqual([]);
  expect(ran.summary[0]).toMatch(/^### bundles ensure: 1 bundle in [\d.]+ m?s, \d+ requests: 1 published$/);
  const checked = await step(project, ['check']);
  expect(checked.outputs).toMatchObject({
    changed: 'false',
    fallback: 'false',
    report: '.bundles/check.json',
  });
});

test('a failure is an annotation whose text cannot end it or begin another', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  project.write(
    'pipelines/alpha.yaml',
    'apiVersion: tekton.dev/v1\nkind: "Pipe%0A::error::x|line\\n::warning::y"\nmetadata: {name: a}\n',
  );
  const ran = await step(project, ['ensure', '--offline']);
  expect(ran.code).toBe(7);
  expect(ran.annotations).toHaveLength(1);
  const [annotation = ''] = ran.annotations;
  expect(annotation).toMatch(/^::error title=bundle alpha%3A OBJECT_INVALID::Cannot use /);
  expect(annotation.split('::').slice(2).join('::')).not.toMatch(/%(?!25|0A)/);
  expect(annotation).toContain('Pipe%250A::error');
  expect(annotation.match(/^::|\n::/g)).toHaveLength(1);
  expect(ran.outputs).toMatchObject({ pinned: '{}', changed: 'false', fallback: 'false' });
  const row = ran.summary.find((line) => line.startsWith('| alpha |')) ?? '';
  expect(row.replaceAll('\\|', '').split('|')).toHaveLength(7);
});

test('what could not start is an annotation too', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  project.write('bundles.yaml', 'version: 1\nbundels: {}\n');
  const ran = await step(project, ['ensure']);
  expect(ran.code).toBe(2);
  expect(ran.annotations.map((line) => line.split('::')[1])).toContain(
    'error file=bundles.yaml,line=2,col=1,title=CONFIG_INVALID',
  );
  const nowhere = await step(project, ['ensure', '--config', 'nowhere.yaml']);
  expect(nowhere.annotations.map((line) => line.split('::')[1])).toEqual(['error title=CONFIG_NOT_FOUND']);
});

test('outputs that cannot be written fail with 9, and the result is printed once', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const ran = await runCli(['ensure', '--offline', '--output', 'json'], {
    cwd: project.directory,
    env: { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: join(project.directory, 'missing/output') },
  });
  expect([ran.code, ran.stderr]).toEqual([9, expect.stringContaining('error[NOT_WRITABLE]')]);
  expect(JSON.parse(ran.stdout)).toMatchObject({ summary: { fallback: 1 } });
});

test('elsewhere nothing of this is written', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const output = join(project.directory, 'output');
  const ran = await runCli(['ensure', '--offline'], {
    cwd: project.directory,
    env: { GITHUB_OUTPUT: output },
  });
  expect([ran.code, existsSync(output), ran.stderr.includes('::')]).toEqual([0, false, false]);
});
