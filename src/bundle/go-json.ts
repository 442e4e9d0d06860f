import type { StringMap } from '../oci/json-view.js';
import { toCanonicalJson } from '../tekton/objects/canonical-json.js';

/** The JSON text that Go writes for a string, or for a map of strings: keys sorted by their UTF-8 bytes, HTML escaped. */
export function goJson(value: string | StringMap): string {
  const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');
  const json = toCanonicalJson(
    typeof value === 'string'
      ? wellFormed(value)
      : new Map(Object.entries(value).map(([key, text]) => [wellFormed(key), wellFormed(text)])),
  );
  return new TextDecoder().decode(json);
}
