import type { YamlValue } from '../yaml/value.js';
import { fromJson } from './from-json.js';
import type { TektonObject } from './object.js';

/** An object's content, with every digit of its numbers. */
export function objectValue({ json }: Pick<TektonObject, 'json'>): YamlValue {
  return fromJson(new TextDecoder().decode(json));
}

/** The same for JavaScript: numbers beyond 2^53 are rounded. */
export function plainValue({ json }: Pick<TektonObject, 'json'>): unknown {
  return JSON.parse(new TextDecoder().decode(json));
}
