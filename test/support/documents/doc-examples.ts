import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { run } from '../program/run-cli.js';
import { isScript, readFences } from './fences.js';

const root = join(import.meta.dirname, '../../..');

/** An example of the documentation, which prints what its comments after `console.log` announce. */
export interface Example {
  /** E.g. `bundle.buildBundle`. */
  readonly name: string;
  readonly code: string;
  /** Why it cannot run here; undefined for one that runs. */
  readonly notRun: string | undefined;
}

/** The scripts in the fences of a doc comment or of a page. */
export function examplesIn(text: string, name: string): Example[] {
  return readFences(name, text)
    .filter(isScript)
    .map(({ text: code, line, attributes }, index) => ({
      name: index === 0 ? name : `${name}, line ${line}`,
      code,
      notRun: attributes['not-run'],
    }));
}

/** What an example announces to print: comments behind a `console.log`, and those on lines of their own that no empty line precedes. */
export function announced(code: string): string[] {
  const found: string[] = [];
  let apart = true;
  for (const line of code.split('\n')) {
    const own = /^\s*\/\/ (.*)$/.exec(line)?.[1];
    const behind = /console\.log\(.*; \/\/ (.*)$/.exec(line)?.[1];
    if (own === undefined) apart = line.trim() === '';
    const text = behind ?? (apart ? undefined : own);
    if (text !== undefined) found.push(text);
  }
  return found;
}

/**
 * Runs examples one after the other in one process, each in a copy of the sample project of its own. The result has a
 * sentence for each that fails or prints something else; `…` represents any text.
 */
export async function runExamples(directory: string, examples: readonly Example[]): Promise<string[]> {
  mkdirSync(join(directory, 'node_modules'), { recursive: true });
  symlinkSync(root, join(directory, 'node_modules/tekton-bundles'));
  for (const [index, { code }] of examples.entries()) {
    const place = join(directory, `example-${index}`);
    for (const path of ['bundles.yaml', 'bundles.lock', 'pipelines', 'schemas'])
      cpSync(join(root, path), join(place, path), { recursive: true });
    const { code: plain } = await transform(code, { loader: 'ts', target: 'node20', format: 'esm' });
    writeFileSync(join(place, 'example.mjs'), plain);
  }
  writeFileSync(join(directory, 'main.mjs'), mainProgram(examples.length));
  const env = { PATH: process.env.PATH, HOME: directory, TMPDIR: process.env.TMPDIR };
  const { code, stdout, stderr } = await run(process.execPath, ['main.mjs'], {
    cwd: directory,
    env,
    timeoutMs: 120_000,
  });
  if (code !== 0) return [`the process of the examples ended with ${code}: ${stderr}`];
  const outputs = JSON.parse(stdout) as { readonly lines: string[]; readonly error: string | null }[];
  return examples.flatMap(({ name, code: text }, index) => {
    const { lines = [], error = 'it did not run' } = outputs[index] ?? {};
    if (error !== null) return [`${name}: ${error}`];
    const wanted = announced(text);
    if (wanted.length === 0) return [`${name} announces nothing that it prints`];
    const same = wanted.length === lines.length && wanted.every((line, at) => matches(line, lines[at]!));
    return same ? [] : [`${name} printed ${JSON.stringify(lines)}, not ${JSON.stringify(wanted)}`];
  });
}

function matches(wanted: string, line: string): boolean {
  const pattern = wanted.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`).test(line);
}

/** Ends by itself: an example that leaves something running keeps it from that. */
function mainProgram(count: number): string {
  return `import { format } from 'node:util';
const outputs = [];
for (let index = 0; index < ${count}; index++) {
  const lines = [];
  console.log = (...values) => void lines.push(...format(...values).split('\\n'));
  process.chdir(new URL('./example-' + index + '/', import.meta.url).pathname);
  let error = null;
  try {
    await import('./example-' + index + '/example.mjs');
  } catch (thrown) {
    error = String(thrown?.stack ?? thrown);
  }
  outputs.push({ lines, error });
}
process.stdout.write(JSON.stringify(outputs));
`;
}
