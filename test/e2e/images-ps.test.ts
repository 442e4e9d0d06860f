import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type ImageProject, imageProject } from '../support/engines/image-project.js';
import { standInPodman } from '../support/engines/stand-in-podman.js';
import { bad, good } from '../support/program/command-cases.js';
import { cliPath } from '../support/program/run-cli.js';
import { tempDir } from '../support/temp-dir.js';

const files = { 'svc/Containerfile': 'FROM scratch\nCOPY hello /hello\n', 'svc/hello': 'hello' };

good('images ps', 'shows who builds and who waits', async ({ spawned }) => {
  await using all = tempDir();
  const slots = join(all.path, 'slots');
  mkdirSync(slots);
  chmodSync(slots, 0o1777);
  const { path } = standInPodman(all.path, ['hang']);
  const env = (own: Readonly<Record<string, string>>) => ({ ...own, PATH: `${path}:/usr/bin:/bin` });
  const children: { readonly child: ChildProcess; readonly exit: Promise<unknown> }[] = [];
  const projects: ImageProject[] = [];
  try {
    for (const [index, name] of ['one', 'two', 'one'].entries()) {
      const project = imageProject([`${name}: {reference: localhost/${name}, context: svc}`], {
        ...files,
        'svc/hello': name,
      });
      projects.push(project);
      const child = spawn(
        process.execPath,
        [
          ...[cliPath, 'images', 'ensure', '--slots-dir', slots, '--build-slots', '1'],
          ...['--min-disk', '1M', '--min-memory', '1M'],
        ],
        { cwd: project.directory, env: env(project.env), stdio: 'ignore' },
      );
      children.push({ child, exit: once(child, 'exit') });
      const wanted = [/^build\..*\.build$/, /^build\..*\.wait$/, /^key-.*\.wait$/][index] ?? /^$/;
      while (!readdirSync(slots).some((file) => wanted.test(file))) {
        expect(child.exitCode).toBeNull();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    const before = readdirSync(slots).sort();
    const at = { cwd: all.path, env: { HOME: all.path } };
    const ran = await spawned(['--slots-dir', slots, '--output', 'json'], at);
    const shown = JSON.parse(ran.stdout);
    expect(shown).toMatchObject({ version: 1, slots: { directory: slots, limit: null }, error: null });
    const rest = { engine: 'podman', service: false, stopped: false, uid: process.getuid?.() };
    const entry = (index: number, image: string, more: object) => ({
      ...{
        image,
        pid: children[index]?.child.pid,
        project: join(projects[index]?.directory ?? '', 'bundles.yaml'),
      },
      ...{ ...rest, ...more },
    });
    expect(shown.builds).toEqual([
      expect.objectContaining(entry(0, 'one', { state: 'building', place: null, for: null })),
      expect.objectContaining(entry(1, 'two', { state: 'waiting', place: 1, for: 'slot' })),
      expect.objectContaining(entry(2, 'one', { state: 'waiting', place: null, for: 'turn' })),
    ]);
    for (const { since } of shown.builds)
      expect(Math.abs(Date.now() - Date.parse(since))).toBeLessThan(60_000);
    // Looking changes nothing.
    expect(readdirSync(slots).sort()).toEqual(before);
    const text = await spawned(['--slots-dir', slots], at);
    expect(text.stdout.split('\n')).toHaveLength(6);
    expect(text.stdout).toMatch(/^building +- +\S.* podman +one +\S+bundles\.yaml$/m);
  } finally {
    for (const { child, exit } of children) {
      child.kill('SIGTERM');
      await exit;
    }
    for (const project of projects) await project[Symbol.asyncDispose]();
  }
  // The dead are shown no more, nor what makes no sense.
  const dead = join(slots, 'build.00000000000000000000a-1.1-1-0123456789ab.hold');
  writeFileSync(dead, '{"task": "build", "since": "x"}');
  utimesSync(dead, 0, 0);
  const after = await spawned(['--slots-dir', slots, '--output', 'json'], { env: { HOME: all.path } });
  expect([after.code, JSON.parse(after.stdout).builds]).toEqual([0, []]);
});

bad('images ps', 'a directory that others control', async ({ spawned }) => {
  await using all = tempDir();
  const open = join(all.path, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  const ran = await spawned(['--slots-dir', open, '--output', 'json'], { env: { HOME: all.path } });
  expect([ran.code, JSON.parse(ran.stdout).error.code]).toEqual([9, 'SLOTS_UNSAFE']);
});
