import { rm } from 'node:fs/promises';
import type { Engine } from './engine.js';
import { withVersions } from './engine-versions.js';
import { type RecoverOptions, withRecovery } from './recover.js';

/**
 * The same engine, each of whose commands is run again when the engine failed in passing and answers again. `status` is
 * left alone: it is how the engine is asked whether it does.
 */
export function recoveringEngine(engine: Engine, options: Omit<RecoverOptions, 'engine'>): Engine {
  const again = async <T>(task: (attempt: number) => Promise<T>): Promise<T> => {
    try {
      return await withRecovery(task, { ...options, engine });
    } catch (error) {
      throw await withVersions(error, engine);
    }
  };
  return {
    ...engine,
    inspect: (reference) => again(() => engine.inspect(reference)),
    tag: (source, reference) => again(() => engine.tag(source, reference)),
    pull: (reference, how) => again(() => engine.pull(reference, how)),
    push: (reference, how) => again(() => engine.push(reference, how)),
    save: (reference, file) =>
      again(async (attempt) => {
        // Engines refuse to write over what the attempt before has left.
        if (attempt > 1) await rm(file, { force: true });
        await engine.save(reference, file);
      }),
    images: () => again(() => engine.images()),
    members: (reference) => again(() => engine.members(reference)),
    removeList: (name) => again(() => engine.removeList(name)),
    layers: (images, sized) => again(() => engine.layers(images, sized)),
    listedDigests: () => again(() => engine.listedDigests()),
    buildsUnderWay: () => again(() => engine.buildsUnderWay()),
    remove: (nameOrId) =>
      again(async (attempt) => {
        // The attempt before may have removed it, and its answer was lost.
        if (attempt > 1 && (await engine.inspect(nameOrId)) === undefined) return;
        await engine.remove(nameOrId);
      }),
  };
}
