/** How this program was started, and so how people can start it again. */
export interface Started {
  /** In front of the words of a command: `bundles`, `npx tekton-bundles`, `node bin/bundles.js`. */
  readonly program: string;
  /** The script of package.json that it was started by, where that script runs one of its commands. */
  readonly script?: ScriptStart;
}

export interface ScriptStart {
  /** `npm run ensure`, `pnpm run ensure`. */
  readonly runs: string;
  /** The command that the script runs. */
  readonly command: string;
  /** What goes between the script and further words. */
  readonly separator: string;
}

export interface StartFacts {
  /** The path of the program, as the process was given it. */
  readonly path: string | undefined;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How hints name the program, wherever it is installed: npm has another package called `bundles`. */
export const canonicalProgram = 'npx tekton-bundles';

/** The name to start the program by again, from what npm, pnpm, yarn and the shell leave behind. */
export function programStarted({ path = '', directory, environment }: StartFacts): Started {
  const script = scriptStart(environment);
  if (script !== undefined) return { program: canonicalProgram, script };
  const plain = path.replaceAll('\\', '/');
  const byPackageManager =
    environment.npm_lifecycle_event !== undefined || environment.npm_command === 'exec';
  if (byPackageManager || plain.includes('/node_modules/')) return { program: canonicalProgram };
  const [, name] = /\/(bundles|tekton-bundles)(?:\.cmd|\.ps1)?$/.exec(plain) ?? [];
  if (name !== undefined) return { program: name };
  return {
    program: /\.m?js$/.test(plain) ? `node ${shellWord(relativeTo(directory, plain))}` : canonicalProgram,
  };
}

/** `npm run NAME`, if the script of that name runs this program. */
function scriptStart({
  npm_lifecycle_event: name,
  npm_lifecycle_script: text = '',
  npm_command: command,
  npm_config_user_agent: agent = '',
}: StartFacts['environment']): ScriptStart | undefined {
  if (name === undefined || name === 'npx' || command === 'exec') return undefined;
  const [, ours] = /(?:^|[\s/\\;&|"'])(?:tekton-)?bundles(?:\.js|\.cmd)?["']?\s+([a-z]+)/.exec(text) ?? [];
  if (ours === undefined) return undefined;
  const [manager = 'npm'] = /^(?:pnpm|yarn|bun)/.exec(agent) ?? [];
  return {
    runs: `${manager} run ${shellWord(name)}`,
    command: ours,
    separator: manager === 'npm' ? ' -- ' : ' ',
  };
}

/** Rewrites every command in a text so that the user can type it as the program was started. */
export function asStarted(text: string, { program, script }: Started): string {
  if (!text.includes(canonicalProgram)) return text;
  return text.replace(
    /npx tekton-bundles(?![\w-])(?: ([a-z]+)(?: (?=\S))?)?/g,
    (whole: string, command?: string) => {
      if (command === undefined || script?.command !== command)
        return program + whole.slice(canonicalProgram.length);
      return whole.endsWith(' ') ? script.runs + script.separator : script.runs;
    },
  );
}

/** A result with every hint in it written as `asStarted` does. */
export function hintsAsStarted<Value>(value: Value, started: Started): Value {
  return rewritten(value, (text) => asStarted(text, started)) as Value;
}

const hintKeys: ReadonlySet<string> = new Set(['hint', 'remedy']);

function rewritten(value: unknown, write: (text: string) => string, key?: string): unknown {
  if (typeof value === 'string') return key !== undefined && hintKeys.has(key) ? write(value) : value;
  if (Array.isArray(value)) return value.map((item) => rewritten(item, write));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, rewritten(item, write, name)]),
  );
}

function relativeTo(directory: string, path: string): string {
  if (directory === '') return path;
  const inside = `${directory.replaceAll('\\', '/').replace(/\/$/, '')}/`;
  return path.startsWith(inside) ? path.slice(inside.length) : path;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
