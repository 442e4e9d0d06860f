import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cliPath } from '../../test/support/program/run-cli.js';
import { writeProject } from './write-project.js';

/** Milliseconds from the write of a source to the line that reports it as served, and until the registry answers with the new digest. */
export interface WatchTimes {
  readonly line: readonly number[];
  readonly served: readonly number[];
}

/** `bundles up --watch` over a project of many bundles, of which one after the other changes: half of them as editors write, by a rename. */
export async function measureWatch(
  parent: string,
  { bundles, changes }: { readonly bundles: number; readonly changes: number },
): Promise<WatchTimes> {
  const project = writeProject(parent, { repository: 'registry.invalid/bench', bundles });
  const child = spawn(process.execPath, [cliPath, 'up', '--watch', '--no-catalog', '--output', 'json'], {
    cwd: project.directory,
    env: { PATH: process.env.PATH, HOME: project.directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const watching = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => line.startsWith('watching') && resolve());
    child.once('exit', (code) => reject(new Error(`bundles up: exit ${code}`)));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    await watching;
    const times: WatchTimes & { line: number[]; served: number[] } = { line: [], served: [] };
    for (let index = 0; index < changes; index++) {
      const file = join(project.directory, `${project.names[index % bundles]}.yaml`);
      const text = `${readFileSync(file, 'utf8')}# ${index}\n`.replaceAll(
        'sleep',
        `sleep 1${index} && sleep`,
      );
      const began = performance.now();
      if (index % 2 === 0) writeFileSync(file, text);
      else {
        writeFileSync(`${file}~`, text);
        renameSync(`${file}~`, file);
      }
      const change = await nextChange(lines);
      times.line.push(performance.now() - began);
      const [, host, path, tag] = /^([^/]+)\/([^:@]+):([^@]+)@/.exec(change.reference) ?? [];
      const answer = await fetch(`http://${host}/v2/${path}/manifests/${tag}`, { method: 'HEAD' });
      if (answer.headers.get('docker-content-digest') !== change.digest)
        throw new Error(`${change.reference} is not served with ${change.digest}`);
      times.served.push(performance.now() - began);
    }
    return times;
  } finally {
    child.kill('SIGINT');
  }
}

async function nextChange(lines: AsyncIterator<string>): Promise<{ digest: string; reference: string }> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error('bundles up ended');
    // What is ready is printed first, in several lines.
    if (!/^\{.+\}$/.test(value)) continue;
    const change = JSON.parse(value);
    if (change.error) throw new Error(change.error.message);
    if (typeof change.digest === 'string') return change;
  }
}
