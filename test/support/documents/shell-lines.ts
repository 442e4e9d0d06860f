/** A command of a page: run by the program directly if it is plain words, else by a shell. */
export type ShellCommand =
  | { readonly kind: 'program'; readonly words: readonly string[]; readonly background: boolean }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'variable'; readonly name: string; readonly value: string }
  | { readonly kind: 'shell'; readonly script: string };

/** The commands of a fence, in their order; one with loops or functions is one command. */
export function shellCommands(text: string): readonly ShellCommand[] {
  if (/^\s*(?:if|for|while|case|set|\{|\()\b|\(\) *\{/m.test(text)) return [{ kind: 'shell', script: text }];
  return [...statements(text)].map(readStatement);
}

/** Lines, joined where a backslash, a quote or a here-document goes on. */
function* statements(text: string): Generator<string> {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    let statement = lines[at]!;
    if (/^\s*(?:#|$)/.test(statement)) continue;
    while ((statement.endsWith('\\') || openQuote(statement)) && at + 1 < lines.length)
      statement += `\n${lines[++at]}`;
    const end = /<<-?\s*['"]?(\w+)['"]?/.exec(statement)?.[1];
    while (end !== undefined && at + 1 < lines.length) {
      statement += `\n${lines[++at]}`;
      if (lines[at]!.trim() === end) break;
    }
    yield statement;
  }
}

function openQuote(text: string): boolean {
  const outside = text.replace(/\\./gs, '').replace(/'[^']*'|"[^"]*"/gs, '');
  return /['"]/.test(outside.replace(/(?:^|\s)#.*$/gm, ''));
}

const started = /^(?:npx (?:--yes )?tekton-bundles|bundles|tekton-bundles)(?: |$)/;

function readStatement(statement: string): ShellCommand {
  const words = plainWords(statement.replace(/\\\n\s*/g, ' '));
  if (words !== undefined) {
    const [first = '', second = ''] = words;
    if (first === 'cd' && words.length === 2) return { kind: 'directory', path: second };
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(second) ?? [];
    if (first === 'export' && words.length === 2 && name !== undefined)
      return { kind: 'variable', name, value: value! };
    const line = words.join(' ');
    if (started.test(line)) {
      const skip = first !== 'npx' ? 1 : second === '--yes' ? 3 : 2;
      const background = words.at(-1) === '&';
      return { kind: 'program', words: words.slice(skip, background ? -1 : undefined), background };
    }
  }
  return { kind: 'shell', script: statement };
}

/** The words of a command in which a shell has nothing to do but take quotes away; else undefined. */
function plainWords(statement: string): readonly string[] | undefined {
  const words: string[] = [];
  let rest = statement.trim();
  while (rest !== '' && !rest.startsWith('#')) {
    const [whole = '', ...parts] =
      /^((?:'[^']*'|"[^"$`\\!]*"|[\w@%+=:,./^-]|(?<!^)[#~])+)(?:\s+|$)/.exec(rest) ??
      (/^&\s*(?:#.*)?$/.test(rest) ? ['&', '&'] : []);
    if (whole === '') return undefined;
    if (parts[0] === '&') return words.length === 0 ? undefined : [...words, '&'];
    words.push(parts[0]!.replace(/'([^']*)'|"([^"]*)"/g, (_all, a?: string, b?: string) => a ?? b ?? ''));
    rest = rest.slice(whole.length);
  }
  return words;
}
