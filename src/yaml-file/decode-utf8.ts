import { BundlesError, type ErrorCode } from '../errors.js';
import { showText } from './show-text.js';

/**
 * Text of UTF-8 bytes, without a byte order mark.
 * @throws `invalid`
 */
export function decodeUtf8(
  bytes: Uint8Array,
  { what, file, invalid }: { what: string; file: string; invalid: ErrorCode },
): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new BundlesError(
      invalid,
      `Cannot read the ${what}, ${showText(file)}: found ${utf16 ? 'UTF-16' : 'bytes that are not text'}, wanted UTF-8`,
      { hint: 'Save the file as UTF-8', details: { file, rule: 'encoding' }, cause },
    );
  }
}
