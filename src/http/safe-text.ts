/**
 * Text from outside made safe to show in a terminal, a log or a CI annotation: no control, ANSI or direction
 * characters, white space on one line, no command to a CI runner, at most `max` characters (default 300).
 */
export function safeText(text: string, { max = 300 }: { readonly max?: number } = {}): string {
  const safe = text
    // A hostile text may be megabytes of control characters: what cannot be shown is never looked at.
    .slice(0, max * 8)
    .replace(ansi, '')
    .replace(unsafe, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(ciCommand, (command) => [...command].join(' '));
  if (safe.length <= max) return toWellFormed(safe);
  return `${toWellFormed(safe.slice(0, max - 1)).trimEnd()}…`;
}

/** One line from outside with its white space as it is, for what people compare character by character. */
export function safeLine(line: string): string {
  return toWellFormed(line.replace(ansi, '\ufffd').replace(/\t/g, '  ').replace(unsafe, '\ufffd')).replace(
    ciCommand,
    (command) => [...command].join(' '),
  );
}

/** CSI, OSC (title, links) and two-character escape sequences, as a whole. */
const ansi =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;

/** GitHub obeys `::name::` at the start of a line, and like Azure `##[name]` and `##vso[name]` anywhere. */
const ciCommand = /^::|##(?=\[|vso\[)/gi;

/** C0, C1, soft hyphen, zero-width, direction and invisible-operator characters, line separators, tags, lone marks. */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

function toWellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
