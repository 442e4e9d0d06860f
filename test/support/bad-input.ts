import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { errorCodes } from '../../src/errors.js';
import { fileTree, leftovers } from './file-tree.js';
import { runEnsure } from './program/run-ensure.js';
import { runInProcess } from './program/run-in-process.js';
import { type SampleProject, sampleProject } from './samples/sample-project.js';

const repository = 'registry.invalid/acme';
export const source = 'pipelines/alpha.yaml';
export const schema = 'schemas/alpha-workflow-schema.yaml';

export interface BadInput {
  /** Makes the project bad. */
  readonly spoil: (project: SampleProject) => unknown;
  readonly code: (typeof errorCodes)[number];
  readonly exit: number;
  /** What the message names: the file, and the line where there is one. */
  readonly names: readonly string[];
  readonly hint?: RegExp;
  /** Paths that a run may change although it fails. */
  readonly recorded?: readonly string[];
  readonly as?: { readonly uid: number; readonly gid: number };
}

export const replace = (path: string, make: (path: string) => void) => (project: SampleProject) => {
  const full = join(project.directory, path);
  rmSync(full, { recursive: true, force: true });
  make(full);
};
export const text = (path: string, content: string) => (project: SampleProject) =>
  project.write(path, content);
export const bytes = (path: string, content: Uint8Array) =>
  replace(path, (full) => writeFileSync(full, content));
/** 50 MiB of zeros that take no place on the disk. */
export const huge = (path: string) =>
  replace(path, (full) => {
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, '');
    truncateSync(full, 50 * 1024 * 1024);
  });
export const folder = (path: string) => replace(path, (full) => mkdirSync(full, { recursive: true }));

/** `ensure` refuses it as the input specifies, leaves every committed file as it was and nothing half written. */
export async function expectRefused({
  spoil,
  code,
  exit,
  names,
  hint,
  as,
  recorded = [],
}: BadInput): Promise<void> {
  await using project = sampleProject({ repository });
  // What is committed before the input turns bad.
  expect((await runInProcess(['ensure', '--offline', '--config', project.config])).code).toBe(0);
  spoil(project);
  const leaveOut = ['.bundles', ...recorded];
  const before = fileTree(project.directory, { leaveOut });
  const ran = await runEnsure(project.directory, ['--offline'], as);
  const error = ran.result.error ?? ran.result.bundles[0]?.error;
  expect([error?.code, ran.code], ran.stdout + ran.stderr).toEqual([code, exit]);
  for (const name of names) expect(error?.message).toContain(name);
  expect(error?.hint).toMatch(hint ?? /\w/);
  expect(ran.stderr).not.toMatch(/^\s+at /m);
  expect(fileTree(project.directory, { leaveOut })).toEqual(before);
  expect(leftovers(project.directory)).toEqual([]);
}
