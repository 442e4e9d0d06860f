const fields = [
  ['mode', 100, 8],
  ['uid', 108, 8],
  ['gid', 116, 8],
  ['size', 124, 12],
  ['mtime', 136, 12],
  ['magic', 257, 8],
  ['uname', 265, 32],
  ['gname', 297, 32],
  ['devmajor', 329, 8],
  ['devminor', 337, 8],
] as const;

/**
 * What the first header of an archive states, field by field as it is written, so that two archives of one file can be
 * distinguished; `archive none` for bytes that are none.
 */
export function tarHeaderFacts(archive: Uint8Array): Readonly<Record<string, string>> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  if (bytes.length < 512 || bytes.toString('latin1', 257, 262) !== 'ustar') {
    return { archive: 'none', length: `${archive.length} bytes` };
  }
  const facts: Record<string, string> = {};
  for (const [name, start, length] of fields) {
    // Space and NUL end a field alike for readers, and make other bytes.
    facts[name] = JSON.stringify(bytes.toString('latin1', start, start + length).replace(/\0+$/, ''));
  }
  facts.type = JSON.stringify(bytes.toString('latin1', 156, 157));
  facts.name = JSON.stringify(bytes.toString('latin1', 0, 100).replace(/\0+$/, ''));
  facts.length = `${archive.length} bytes`;
  return facts;
}
