import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { sampleProject } from '../support/samples/sample-project.js';

good('completion', 'a script for each shell', async ({ inProcess }) => {
  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    const { stdout } = await inProcess([shell]);
    expect(stdout).toContain('completion --propose --');
    expect(JSON.parse((await inProcess([shell, '-o', 'json'])).stdout)).toMatchObject({
      shell,
      script: stdout,
    });
  }
});

good(
  'completion',
  'bundles of the project, files where it takes them, and nothing where it cannot be read',
  async ({ spawned }) => {
    await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: ['alpha', 'beta'] });
    const cwd = project.directory;
    const proposed = async (...words: readonly string[]) =>
      (await spawned(['--propose', '--', ...words], { cwd })).stdout;
    expect(await proposed('ensure', 'al')).toBe('alpha\tbundle\n:nothing\n');
    expect(await proposed('diff', '')).toBe('alpha\tbundle\nbeta\tbundle\n:files\n');
    expect(await proposed('ensure', '--help', '--conf')).toContain('--config\t');
    project.write('bundles.yaml', 'version: [');
    expect(await proposed('ensure', '')).toBe(':nothing\n');
  },
);

bad('completion', 'no shell, and one that is not known', async ({ inProcess }) => {
  expect((await inProcess([])).code).toBe(2);
  const { stderr } = await inProcess(['fissh']);
  expect(stderr).toContain('Did you mean fish?');
  expect((await inProcess(['bash', 'zsh'])).code).toBe(2);
});
