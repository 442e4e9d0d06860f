import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadAll } from 'js-yaml';
import { expect } from 'vitest';
import { readProjectFrom } from '../../../src/project/read-project.js';
import { startRegistry } from '../../../src/testing/start-registry.js';
import { freePort } from '../network/free-port.js';
import { tempDir } from '../temp-dir.js';
import {
  type Fence,
  isData,
  isOutput,
  isPlayed,
  isScript,
  isShell,
  readFences,
  readPage,
  root,
} from './fences.js';
import { shellCommands } from './shell-lines.js';
import { expectOutput } from './shown-output.js';

export interface ProgramRun {
  readonly words: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Hears both streams in the order in which they are written. */
  heard(text: string): void;
}

/** Runs a command line of the program and gives its exit status. */
export type RunProgram = (run: ProgramRun) => Promise<number>;

export interface PlayOptions {
  readonly program: RunProgram;
  /** Default: the page's. */
  readonly text?: string;
  /** Programs beyond those of POSIX that the shell may use: their path by name, undefined where one is missing. */
  readonly tool?: (name: string) => string | undefined;
}

/** What a shell of a bare machine has, in /bin and /usr/bin. */
const posix =
  'awk basename cat chmod cmp cp cut date diff dirname echo env false find grep head id ln ls mkdir mktemp mv printf pwd rm rmdir sed sh sleep sort tail tee test touch tr true uname uniq wc xargs'.split(
    ' ',
  );

/**
 * Plays a page from its first fence to its last in one empty project: files that it shows are written, commands run,
 * output is compared, TypeScript runs, YAML and JSON are parsed, and what declares bundles is read by the program. `quay.io`
 * is a registry of this run, and ports are free ones.
 */
export async function playPage(page: string, options: PlayOptions): Promise<void> {
  await using played = await openProject(page, options);
  const fences = readFences(page, options.text);
  if (fences.some(({ attributes }) => attributes.needs?.split(/,\s*/).includes('git')))
    await openRepository(played);
  for (const fence of fences) await playFence(fence, played);
}

/** A page that needs git starts in a repository, as its readers do. */
async function openRepository(played: Played): Promise<void> {
  if (!hasTools('git', played)) return;
  for (const role of ['AUTHOR', 'COMMITTER']) {
    played.environment[`GIT_${role}_NAME`] = 'You';
    played.environment[`GIT_${role}_EMAIL`] = 'you@example.com';
  }
  const script = 'git init --quiet --initial-branch=main && echo node_modules >.git/info/exclude';
  expect(await runShell(script, played, () => undefined)).toBe(0);
}

async function openProject(page: string, { program, tool, text = readPage(page) }: PlayOptions) {
  const scratch = tempDir();
  const at = (name: string) => join(scratch.path, name);
  for (const name of ['project', 'home', 'bin', 'project/node_modules']) mkdirSync(at(name));
  symlinkSync(root, at('project/node_modules/tekton-bundles'));
  fillPath(at('bin'));
  const registry = text.includes('quay.io') ? await startRegistry() : undefined;
  const places: [string, string][] = [];
  if (registry !== undefined) places.push(['quay.io', registry.host]);
  const used = [...text.matchAll(/(?:127\.0\.0\.1:|localhost:|--port )(\d{4,5})\b/g)].map(
    (match) => match[1]!,
  );
  for (const port of new Set(['5055', ...used])) {
    const free = await freePort();
    for (const before of ['127.0.0.1:', 'localhost:', '--port ']) places.push([before + port, before + free]);
  }
  const replaced = (value: string, from: 0 | 1) =>
    places.reduce(
      (sum, pair) =>
        sum.replace(
          new RegExp(`(?<![\\w.-])${pair[from].replaceAll('.', '\\.')}(?![\\w.-]*\\w)`, 'g'),
          pair[1 - from]!,
        ),
      value,
    );
  const servers: { controller: AbortController; ended: Promise<unknown> }[] = [];
  const state = {
    program,
    tool,
    bin: at('bin'),
    top: at('project'),
    directory: at('project'),
    environment: { HOME: at('home'), PATH: at('bin') } as Record<string, string>,
    /** What the last command printed; undefined where it did not run here. */
    output: undefined as string | undefined,
    scripts: 0,
    servers,
    /** As this run has it. */
    given: (value: string) => replaced(value, 0),
    /** As the page has it. */
    shown: (value: string) => replaced(value, 1).replaceAll(at('project'), '/home/you/project'),
    async [Symbol.asyncDispose]() {
      for (const { controller } of servers) controller.abort(new Error('the page has ended'));
      await Promise.allSettled(servers.map(({ ended }) => ended));
      await registry?.stop();
      await scratch[Symbol.asyncDispose]();
    },
  };
  return state;
}

type Played = Awaited<ReturnType<typeof openProject>>;

function fillPath(bin: string): void {
  const cli = join(root, 'bin/bundles.js');
  const write = (name: string, lines: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  write('npx', `[ "$1" = --yes ] && shift\nshift\nnpm_command=exec exec "${process.execPath}" "${cli}" "$@"`);
  for (const name of ['bundles', 'tekton-bundles']) write(name, `exec "${process.execPath}" "${cli}" "$@"`);
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const name of posix) {
    const found = ['/bin', '/usr/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) symlinkSync(found, join(bin, name));
  }
}

async function playFence(fence: Fence, played: Played): Promise<void> {
  const { page, line, attributes, text } = fence;
  const label = `${page}:${line}`;
  if (isOutput(fence)) {
    if (played.output !== undefined && isPlayed(fence)) expectOutput(played.output, text, label);
    return;
  }
  if (isShell(fence) || isScript(fence)) played.output = undefined;
  if (!isPlayed(fence) || !hasTools(attributes.needs, played)) return;
  if (isData(fence)) await judgeData(fence, label, played);
  if (attributes.file !== undefined) writeShown(attributes.file, text, played);
  else if (isShell(fence)) await playShell(fence, label, played);
  else if (isScript(fence)) await playScript(fence, label, played);
}

function hasTools(needs: string | undefined, { tool, bin }: Played): boolean {
  for (const name of needs?.split(/,\s*/) ?? []) {
    const found = tool?.(name);
    if (found === undefined) return false;
    if (!existsSync(join(bin, name))) symlinkSync(found, join(bin, name));
  }
  return true;
}

function writeShown(file: string, text: string, { given, top }: Played): void {
  const path = resolve(top, file);
  if (!path.startsWith(`${top}/`)) throw new Error(`${file} lies outside of the project`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, given(text));
}

async function playShell({ text, attributes }: Fence, label: string, played: Played): Promise<void> {
  const { given, shown, environment } = played;
  const wanted = Number(attributes.exit ?? 0);
  const commands = shellCommands(given(text));
  let output = '';
  for (const [index, command] of commands.entries()) {
    if (command.kind === 'directory') {
      played.directory = resolve(played.directory, command.path);
      continue;
    }
    if (command.kind === 'variable') {
      environment[command.name] = command.value;
      continue;
    }
    let own = '';
    const hear = (more: string) => {
      own += more;
    };
    const code = await (command.kind === 'shell'
      ? runShell(command.script, played, hear)
      : runProgram(command, played, hear));
    output += own;
    const last = index === commands.length - 1;
    expect(`exit ${code}`, `${label}: ${JSON.stringify(command)}\n${own}`).toBe(`exit ${last ? wanted : 0}`);
  }
  played.output = shown(output);
}

async function runProgram(
  { words, background }: { words: readonly string[]; background: boolean },
  played: Played,
  heard: (text: string) => void,
): Promise<number> {
  const { directory, environment, program, servers } = played;
  const controller = new AbortController();
  const run = { directory, environment: { ...environment }, signal: controller.signal };
  if (!background) return await program({ ...run, words, heard });
  const serves = words.join(' ').startsWith('registry serve') && !words.includes('--port');
  const given = serves ? [...words, ...played.given('--port 5055').split(' ')] : words;
  return await new Promise((resolveReady, reject) => {
    let text = '';
    const hear = (more: string) => {
      text += more;
      heard(more);
      if (/\b(?:serving|ready)\b.*\n/.test(text)) resolveReady(0);
    };
    const ended = program({ ...run, words: given, heard: hear });
    ended.then((code) => reject(new Error(`${words.join(' ')} ended with ${code}\n${text}`)), reject);
    servers.push({ controller, ended });
  });
}

async function runShell(script: string, played: Played, heard: (text: string) => void): Promise<number> {
  return await runChild('/bin/sh', ['-euc', script], played, heard);
}

async function playScript({ text }: Fence, label: string, played: Played): Promise<void> {
  const { transform } = await import('esbuild');
  const { code } = await transform(played.given(text), { loader: 'ts', target: 'node20', format: 'esm' });
  const file = join(played.top, `example-${++played.scripts}.mjs`);
  writeFileSync(file, code);
  let output = '';
  const hear = (more: string) => {
    output += more;
  };
  const status = await runChild(process.execPath, [file], played, hear);
  expect(`exit ${status}`, `${label}\n${output}`).toBe('exit 0');
  played.output = played.shown(output);
}

async function runChild(
  program: string,
  words: readonly string[],
  { directory, environment }: Played,
  heard: (text: string) => void,
): Promise<number> {
  const child = spawn(program, words, {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', heard);
  return await new Promise((resolveCode, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolveCode(code ?? (signal === null ? 1 : 137)));
  });
}

async function judgeData(
  { language, text, attributes }: Fence,
  label: string,
  { directory }: Played,
): Promise<void> {
  if (language === 'json') {
    JSON.parse(text);
    return;
  }
  const documents = loadAll(text) as unknown[];
  const [first] = documents;
  if (documents.length !== 1 || attributes.format !== undefined) return;
  if (first === null || typeof first !== 'object' || Array.isArray(first)) return;
  const keys = Object.keys(first);
  const isProject = attributes.file === 'bundles.yaml' || keys.every((key) => projectKeys.has(key));
  if (!isProject || attributes.file === 'bundles.lock') return;
  await readProjectFrom(completed(text, keys), join(directory, 'bundles.yaml')).catch((error: unknown) => {
    throw new Error(`${label}: this is not a bundles.yaml`, { cause: error });
  });
}

const projectKeys = new Set(
  Object.keys(
    (JSON.parse(readPage('schemas/json/bundles.schema.json')) as { properties: Record<string, unknown> })
      .properties,
  ),
);

/** A page may show a part of the file: what every file needs is put beside it. */
function completed(text: string, keys: readonly string[]): string {
  const needed: readonly [string, string][] = [
    ['version', 'version: 1'],
    ['repository', 'repository: quay.io/acme/test-workflows'],
    ['tag', 'tag: v1.0.0'],
    ['bundles', 'bundles: {hello-world: {files: [pipelines/hello-world.yaml]}}'],
  ];
  const missing = needed.filter(
    ([key]) => !keys.includes(key) && !(key === 'bundles' && keys.includes('discover')),
  );
  return `${missing.map(([, line]) => line).join('\n')}\n${text}`;
}
