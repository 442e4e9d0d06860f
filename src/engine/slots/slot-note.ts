import { dirname } from 'node:path';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { objectOf, textOf } from '../engine-json.js';
import { parseEngineJson } from '../run-engine.js';

/** What a claim is for: recorded in its file for people; no decision depends on it. */
export interface SlotNote {
  readonly task: 'build' | 'prune' | 'load';
  /** The path of its bundles.yaml. */
  readonly project: string | null;
  readonly image: string | null;
  readonly engine: string | null;
  /** The build is done by a service. */
  readonly service: boolean;
}

export interface DatedNote extends SlotNote {
  /** Milliseconds since 1970. */
  readonly since: number;
}

const longest = 8 * 1024;

export function formatSlotNote(note: DatedNote): string {
  return `${JSON.stringify({ version: 1, ...note })}\n`;
}

/** Undefined where a file states nothing that makes sense: also others may write such files. */
export async function readSlotNote(path: string): Promise<DatedNote | undefined> {
  const reading = { limit: longest, missing: 'NOT_FOUND' as const, linksWithin: dirname(path) };
  const bytes = await readFileCapped(path, reading).catch(() => undefined);
  const note = objectOf(parseEngineJson(bytes && new TextDecoder().decode(bytes)));
  const { task, since } = note;
  if (task !== 'build' && task !== 'prune' && task !== 'load') return undefined;
  if (typeof since !== 'number' || !Number.isSafeInteger(since) || Math.abs(since) > 8.64e15)
    return undefined;
  return {
    task,
    since,
    project: textOf(note.project) || null,
    image: textOf(note.image) || null,
    engine: textOf(note.engine) || null,
    service: note.service === true,
  };
}
