const shownLength = 80;

/** Text of a user's file as a message may contain it: quoted, one line, cut at 80. */
export function showText(text: string): string {
  const cut = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  return JSON.stringify(cut);
}

/** Text as it may be written in YAML: plain where every reader takes that for text, else in quotes. */
export function writeText(text: string): string {
  const plain = /^(?![0-9.+-]+$|true$|false$|null$|yes$|no$|on$|off$)[A-Za-z0-9_./][A-Za-z0-9_./@+-]*$/i.test(
    text,
  );
  return plain && text.length <= shownLength ? text : showText(text);
}

/** A value of a user's file as a message may contain it. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return showText(value);
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `the boolean ${value}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return 'a mapping';
}
