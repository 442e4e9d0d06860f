import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A top-level declaration of a declaration file, as the compiler writes it. */
export interface Declaration {
  readonly file: string;
  readonly name: string;
  readonly isValue: boolean;
  readonly isExported: boolean;
  /** Without its doc comment. */
  readonly text: string;
  /** The doc comment before it without its signs; empty where there is none. */
  readonly doc: string;
}

interface Binding {
  /** A file, or a package where it is not relative. */
  readonly from: string;
  readonly name: string;
}

interface DeclarationFile {
  readonly declarations: ReadonlyMap<string, readonly Declaration[]>;
  readonly imports: ReadonlyMap<string, Binding>;
  readonly exports: ReadonlyMap<string, Binding>;
  readonly wildcards: readonly string[];
  readonly namespaces: ReadonlyMap<string, string>;
}

/** Reads the declaration files below a directory and follows their imports. */
export interface DeclarationReader {
  /** What an entry exports, by the name it has there; members of a namespace as `NAMESPACE.MEMBER`. */
  exportsOf(file: string): ReadonlyMap<string, readonly Declaration[]>;
  /** The types that a declaration names and that are declared below the directory, and the packages it names types of. */
  namedBy(declaration: Declaration): {
    readonly types: readonly Declaration[];
    readonly packages: readonly string[];
  };
}

export function createDeclarationReader(): DeclarationReader {
  const files = new Map<string, DeclarationFile>();
  const open = (path: string): DeclarationFile => {
    const known = files.get(path) ?? parse(path);
    files.set(path, known);
    return known;
  };
  const resolve = ({ from, name }: Binding): readonly Declaration[] => {
    const { declarations, exports, wildcards, imports } = open(from);
    const own = declarations.get(name);
    if (own) return own;
    const forwarded = exports.get(name) ?? imports.get(name);
    if (forwarded) return isLocal(forwarded.from) ? resolve(forwarded) : [];
    for (const next of wildcards) {
      const found = resolve({ from: next, name });
      if (found.length > 0) return found;
    }
    return [];
  };
  const exportsOf: DeclarationReader['exportsOf'] = (file) => {
    const { declarations, exports, wildcards, namespaces } = open(file);
    const found = new Map<string, readonly Declaration[]>();
    for (const [name, binding] of exports) found.set(name, resolve(binding));
    for (const [name, all] of declarations)
      if (all.some(({ isExported }) => isExported)) found.set(name, all);
    for (const next of wildcards) for (const [name, all] of exportsOf(next)) found.set(name, all);
    for (const [namespace, next] of namespaces)
      for (const [name, all] of exportsOf(next)) found.set(`${namespace}.${name}`, all);
    return found;
  };
  return {
    exportsOf,
    namedBy({ file, text, name: own }) {
      const { declarations, imports } = open(file);
      const code = withoutNoise(text);
      const types = new Set<Declaration>();
      const packages = new Set<string>();
      const generics = new Set(
        [...code.matchAll(/[<,]\s*(?:const )?([A-Z]\w*)\s+(?:extends|=)|<([A-Z]\w*)>\(/g)].map(
          (m) => m[1] ?? m[2],
        ),
      );
      for (const [, from = '', name = ''] of code.matchAll(/import\("([^"]+)"\)\.(\w+)/g)) {
        if (!isLocal(from)) packages.add(from);
        else for (const one of resolve({ from: pathOf(file, from), name })) types.add(one);
      }
      for (const [word] of code.matchAll(/\b[A-Z]\w*/g)) {
        if (word === own || generics.has(word)) continue;
        const binding = imports.get(word);
        if (binding && !isLocal(binding.from)) packages.add(binding.from);
        for (const one of declarations.get(word) ??
          (binding && isLocal(binding.from) ? resolve(binding) : []))
          types.add(one);
      }
      return { types: [...types], packages: [...packages] };
    },
  };
}

const isLocal = (from: string) => from.startsWith('.') || from.startsWith('/');

function pathOf(file: string, from: string): string {
  return from.startsWith('.') ? join(dirname(file), from.replace(/\.js$/, '.d.ts')) : from;
}

function withoutNoise(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

function parse(path: string): DeclarationFile {
  if (!existsSync(path)) throw new Error(`there is no ${path}`);
  const text = readFileSync(path, 'utf8');
  const declarations = new Map<string, Declaration[]>();
  const imports = new Map<string, Binding>();
  const exports = new Map<string, Binding>();
  const wildcards: string[] = [];
  const namespaces = new Map<string, string>();
  for (const { doc, code } of statements(text)) {
    const clause = /^(import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*'([^']+)'/.exec(code);
    const all = /^export\s+(?:type\s+)?\*(?:\s+as\s+(\w+))?\s+from\s*'([^']+)'/.exec(code);
    const head =
      /^(export )?(?:declare )?(?:abstract )?(function|const|let|class|interface|type)\s+(\w+)/.exec(code);
    if (clause) {
      const from = pathOf(path, clause[3]!);
      for (const one of clause[2]!.split(',').map((part) => part.trim().replace(/^type\s+/, ''))) {
        if (one === '') continue;
        const [name = '', alias = name] = one.split(/\s+as\s+/);
        (clause[1] === 'import' ? imports : exports).set(alias, { from, name });
      }
    } else if (all) {
      if (all[1] === undefined) wildcards.push(pathOf(path, all[2]!));
      else namespaces.set(all[1], pathOf(path, all[2]!));
    } else if (head) {
      const [, exported, kind = '', name = ''] = head;
      const isValue = !['interface', 'type'].includes(kind);
      const one = { file: path, name, isValue, isExported: exported !== undefined, text: code, doc };
      declarations.set(name, [...(declarations.get(name) ?? []), one]);
    }
  }
  return { declarations, imports, exports, wildcards, namespaces };
}

/** A statement begins where a line begins with a word; doc comments belong to what follows. */
function statements(text: string): { readonly doc: string; readonly code: string }[] {
  const found: { doc: string; code: string }[] = [];
  let doc = '';
  let code = '';
  let inDoc = false;
  const end = () => {
    if (code !== '') found.push({ doc, code: code.trim() });
    if (code !== '') doc = '';
    code = '';
  };
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const closes = line.includes('*/');
    if (inDoc || (/^\/\*\*/.test(line) && startsStatement(lines, index))) {
      if (!inDoc) {
        end();
        doc = '';
      }
      doc += `${line.replace(/ ?\*\/\s*$/, '').replace(/^\/\*\* ?|^ \*? ?/, '')}\n`;
      inDoc = !closes;
    } else if (/^(?:import|export|declare|interface|type|abstract)\b/.test(line)) {
      end();
      code = `${line}\n`;
    } else code += `${line}\n`;
  }
  end();
  return found;
}

/** Comments stand between the members of unions too, in the first column. */
function startsStatement(lines: readonly string[], index: number): boolean {
  let at = index;
  while (at < lines.length && !lines[at]!.includes('*/')) at++;
  return !/^\s*\|/.test(lines[at + 1] ?? '');
}
