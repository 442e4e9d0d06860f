import { fieldTable } from './field-table.js';
import { readFieldTable, type StructType } from './fields.js';
import { olderStructs } from './older-structs.js';

/** Versions of Tekton whose types write an object alike: before 1.10, from 1.10 to 1.13, and since 1.14. */
export const tektonSides = ['1.9', '1.13', '1.14'] as const;
/** The generation of Tekton whose fields are signed. */
export type TektonSide = (typeof tektonSides)[number];

/** The side that a version belongs to, e.g. `1.12`, `v1.9.2` or `0.60`; undefined for a text that is not a version. */
export function sideOf(version: string): TektonSide | undefined {
  const [, major, minor] = /^v?(\d{1,3})\.(\d{1,4})(?:\.\d{1,4})?$/.exec(version) ?? [];
  if (major === undefined) return undefined;
  if (Number(major) !== 1) return Number(major) < 1 ? '1.9' : '1.14';
  return Number(minor) < 10 ? '1.9' : Number(minor) < 14 ? '1.13' : '1.14';
}

const known = new Map<string, ReturnType<typeof readFieldTable>>();

/** The Go type of an object in an earlier version; undefined where Tekton has no such kind. */
export function olderObjectType(
  apiVersion: string,
  kind: string,
  side: Exclude<TektonSide, '1.14'>,
): StructType | undefined {
  const kinds = known.get(side) ?? readFieldTable(`${fieldTable.trim()}\n${olderStructs[side].trim()}`);
  known.set(side, kinds);
  return kinds.get(apiVersion)?.get(kind);
}
