/**
 * What stands between two lines of a folded scalar: one LF becomes a space, or vanishes before empty
 * lines; the Unicode separators stay.
 */
export function foldBreaks(leading: string, trailing: string): string {
  if (leading !== '\n') return leading + trailing;
  return trailing === '' ? ' ' : trailing;
}
