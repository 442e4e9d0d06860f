import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { mustRun, type Ran, run } from '../program/run-cli.js';
import { startNamedRegistry } from '../registry/named-registry.js';
import { tempDir } from '../temp-dir.js';

export const root = join(import.meta.dirname, '../../..');

/** The text of the fence of README.md that has these words in it. */
export function readmeFence(words: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const fences = [...readme.matchAll(/^```\w.*\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);
  const found = fences.filter((text) => text.includes(words));
  if (found.length !== 1) throw new Error(`README.md has ${found.length} fences with "${words}"`);
  return found[0]!;
}

/** The lines by which a project of one's own begins. */
export const projectLines = () => readmeFence('npx tekton-bundles init').trimEnd().split('\n');

/** What a line of README leaves behind. */
export interface PlayedLine extends Ran {
  readonly line: string;
}

/**
 * Runs the lines of README in a project of their own, where the registry of this machine answers under the name quay.io.
 * Its first line, `npm install FILE`, unpacks the file that `npm pack` makes, beside the dependencies of this repository; lines that
 * `skip` names are not run. `look` sees the project afterwards.
 */
export async function playProjectLines(
  {
    skip = () => false,
    env = {},
    repository = false,
  }: {
    readonly skip?: (line: string) => boolean;
    readonly env?: Record<string, string>;
    /** Whether the project is a repository of git. */
    readonly repository?: boolean;
  },
  look: (project: string, played: readonly PlayedLine[]) => Promise<void> | void,
): Promise<void> {
  await using directory = tempDir('readme-');
  await using registry = await startNamedRegistry('quay.io');
  const project = join(directory.path, 'project');
  cpSync(join(root, 'pipelines'), join(project, 'pipelines'), { recursive: true });
  writeFileSync(join(project, 'package.json'), '{"name": "project", "private": true}\n');
  const environment = {
    ...registry.environment,
    HOME: directory.path,
    npm_config_cache: join(directory.path, 'npm'),
    npm_config_update_notifier: 'false',
    ...env,
  };
  if (repository) await mustRun('git', ['init', '-q'], { cwd: project, env: environment });
  const played: PlayedLine[] = [];
  for (const line of projectLines().filter((line) => !skip(line))) {
    const [, file] = /^npm install --save-dev \S*?([^/\s]+\.tgz)$/.exec(line) ?? [];
    if (file === undefined) {
      played.push({ line, ...(await run('sh', ['-ec', line], { cwd: project, env: environment })) });
    } else await installPacked(project, { file, environment, scratch: directory.path });
  }
  await look(project, played);
}

interface Packing {
  /** The name that the package must have. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly scratch: string;
}

async function installPacked(project: string, { file, environment, scratch }: Packing): Promise<void> {
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', scratch];
  const name = (await mustRun('npm', pack, { cwd: root, env: environment })).trim();
  if (name !== file) throw new Error(`README.md installs ${file}, and npm pack makes ${name}`);
  const modules = join(project, 'node_modules');
  await unpack(join(scratch, file), join(modules, 'tekton-bundles'));
  const { bin, dependencies } = JSON.parse(
    readFileSync(join(modules, 'tekton-bundles/package.json'), 'utf8'),
  ) as {
    bin: Record<string, string>;
    dependencies: Record<string, string>;
  };
  const link = (target: string, path: string) => {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  };
  for (const [command, path] of Object.entries(bin))
    link(join(modules, 'tekton-bundles', path), join(modules, '.bin', command));
  for (const dependency of Object.keys(dependencies))
    link(join(root, 'node_modules', dependency), join(modules, dependency));
}

/** Unpacks a file of `npm pack`, whose entries lie below `package/`. */
async function unpack(file: string, directory: string): Promise<void> {
  const entries = extract();
  entries.on('entry', async (header, stream, next) => {
    const path = join(directory, header.name.replace(/^package\//, ''));
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.concat(parts), { mode: header.mode ?? 0o644 });
    next();
  });
  await pipeline(Readable.from([readFileSync(file)]), createGunzip(), entries);
}
