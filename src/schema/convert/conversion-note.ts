import type { YamlPath } from '../../yaml-file/yaml-position.js';

/** Something that a conversion could not take over as it was. */
export interface ConversionNote {
  /** Stable name, e.g. `action-type-lost`. */
  readonly rule: string;
  /** `lost`: the other format has no field for it; `changed`: it is written differently; `imported`: it used the names of an older generation. */
  readonly effect: 'lost' | 'changed' | 'imported';
  /** In the document that was converted. */
  readonly path: YamlPath;
  readonly message: string;
}

export type Note = (path: YamlPath, effect: ConversionNote['effect'], rule: string, message: string) => void;

/** A version as both formats write it. */
export function withoutV(version: string, path: YamlPath, note: Note): string {
  if (!/^v\d/.test(version)) return version;
  note(path, 'imported', 'version-imported', `${version} is ${version.slice(1)}, without a leading v`);
  return version.slice(1);
}
