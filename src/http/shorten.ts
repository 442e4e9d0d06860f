/** Text from outside as a part of a message: on one line, single blanks, at most `max` characters (default 300), no half ones. */
export function shorten(text: string, { max = 300 }: { readonly max?: number } = {}): string {
  // A hostile text may be megabytes of blanks: what cannot be shown is never looked at.
  const looked = text.length > max * 8 ? text.slice(0, max * 8) : text;
  const line = looked.replace(/\s+/g, ' ').trim();
  if (line.length <= max && looked === text) return line;
  const cut = line.slice(0, max - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}`.trimEnd().concat('…');
}
