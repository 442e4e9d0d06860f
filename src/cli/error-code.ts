/** The codes of errors are in capitals, and no bundle is. */
export function isErrorCode(word: string): boolean {
  return /^[A-Z][A-Z\d_]+$/.test(word);
}
