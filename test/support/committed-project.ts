import { expect } from 'vitest';
import { fileTree } from './file-tree.js';
import { runInProcess } from './program/run-in-process.js';
import { type SampleProject, sampleProject } from './samples/sample-project.js';

export interface CommittedProject extends SampleProject {
  /** What a checkout holds: all but the state of one machine. */
  readonly committed: Readonly<Record<string, string>>;
}

const leaveOut = ['.bundles'];

/** A project of two bundles with its lock and schemas, as everybody else has it. */
export async function committedProject(repository: string): Promise<CommittedProject> {
  const project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  const { code } = await runInProcess(['ensure', '--offline', '--config', project.config]);
  expect(code).toBe(0);
  return { ...project, committed: fileTree(project.directory, { leaveOut }) };
}

/** No committed file was changed or lost, and none came. */
export function expectUntouched({ directory, committed }: CommittedProject): void {
  expect(fileTree(directory, { leaveOut })).toEqual(committed);
}
