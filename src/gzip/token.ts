/**
 * A token is one number: a literal is its byte; a match is `distance << MATCH_SHIFT | length`, which is never
 * below 512 because no distance is zero.
 */
export const MATCH_SHIFT = 9;

/** Index of the length code (its symbol is 257 more) for a match of 3 to 258 bytes. */
export function lengthCode(length: number): number {
  if (length === 258) return 28;
  const above = length - 3;
  if (above < 8) return above;
  const extra = lengthExtraBits(above);
  return 4 * extra + 4 + ((above >>> extra) & 3);
}

/** How many low bits of `length - 3` follow the length code. */
export function lengthExtraBits(above: number): number {
  return above < 8 || above === 255 ? 0 : 29 - Math.clz32(above);
}

/** Distance code for a match 1 to 32768 bytes back. */
export function distanceCode(distance: number): number {
  const above = distance - 1;
  if (above < 4) return above;
  const extra = distanceExtraBits(above);
  return 2 * extra + 2 + ((above >>> extra) & 1);
}

/** How many low bits of `distance - 1` follow the distance code. */
export function distanceExtraBits(above: number): number {
  return above < 4 ? 0 : 30 - Math.clz32(above);
}
