import { type ConfigNode, mappingAt, recordAt, report } from '../../yaml-file/config-node.js';
import { parseChoice, parseText } from './parse-scalar.js';
import { type StorageChoice, signatureStorages } from './signature-storages.js';

/** How bundles are signed, where a run signs. Keys are never part of a project's files. */
export interface SigningSettings {
  readonly storage: StorageChoice;
  /** What each signature states beside the digest. */
  readonly annotations: Readonly<Record<string, string>>;
}

const onlyFlags =
  'Keys are given by --key only, because anybody who can change this file could name another key';
const hints = { key: onlyFlags, keys: onlyFlags, publicKey: onlyFlags, identity: onlyFlags };

export function parseSigning(node: ConfigNode): SigningSettings {
  const { storage, annotations } = recordAt(node, ['storage', 'annotations'], hints);
  const texts: [string, string][] = [];
  for (const [key, child] of mappingAt(annotations) ?? []) {
    if (key.trim() === '') report(child, 'found an empty key, wanted text', { at: 'key' });
    const value = parseText(child, { wanted: 'text', longest: 4096, mayBeEmpty: true });
    if (value !== undefined) texts.push([key, value]);
  }
  return {
    storage: parseChoice(storage, signatureStorages) ?? 'referrer',
    annotations: Object.fromEntries(texts.sort(([left], [right]) => (left < right ? -1 : 1))),
  };
}
