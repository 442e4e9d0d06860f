import type { ScalarNode } from './node.js';
import { YamlProblem } from './yaml-problem.js';

/** The text of a `!!binary` scalar. Bytes that are no UTF-8 are refused: JSON would lose them. */
export function decodeBinary(node: ScalarNode): string {
  const base64 = node.value.replaceAll(/[\r\n]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw new YamlProblem(node.offset, 'found !!binary whose text is not base64');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new YamlProblem(
      node.offset,
      'found !!binary bytes that are not UTF-8 text, which JSON cannot hold',
    );
  }
}
