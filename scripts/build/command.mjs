// Bundles the command line into dist/command: what `ensure` and `check` load at once in one file, since each further
// file and each kilobyte takes a start longer; everything else in files of its own, loaded where it is wanted.
// CommonJS, since the loader of ES modules takes a start some 5 ms.
import { isBuiltin } from 'node:module';
import { rolldown } from 'rolldown';
import { builtinModule, requiredBuiltin } from './builtins.mjs';

/**
 * @param {{ root: string, outdir: string, external: readonly string[] }} options `external`: packages that stay imports.
 * @returns {Promise<readonly string[]>} the paths of the modules of which a file has a part
 */
export async function buildCommand({ root, outdir, external }) {
  const isExternal = (id) => external.some((name) => id === name || id.startsWith(`${name}/`));
  /** Module ids: of the start, which every command needs, and of the main job. */
  const together = { start: new Set(), 'main-job': new Set() };
  const closures = {
    name: 'closures',
    buildEnd() {
      const closure = (entry) => {
        const found = new Set([`${root}${entry}`]);
        for (const id of found) for (const next of this.getModuleInfo(id)?.importedIds ?? []) found.add(next);
        return found;
      };
      together.start = closure('src/cli/main.ts');
      together['main-job'] = closure('src/cli/main-job.ts');
    },
  };
  const bundle = await rolldown({
    cwd: root,
    input: { cli: 'src/cli/main.ts' },
    platform: 'node',
    external: isExternal,
    plugins: [builtinsByCall, closures],
    transform: { target: 'node20.19' },
    preserveEntrySignatures: 'allow-extension',
    treeshake: { moduleSideEffects: (id) => !id.includes('/node_modules/js-yaml/') },
  });
  const { output } = await bundle.write({
    dir: `${outdir}/command`,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    comments: false,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: Object.keys(together).map((name, index) => ({
        name,
        test: (id) => together[name].has(id),
        priority: 2 - index,
      })),
    },
  });
  await bundle.close();
  return output.flatMap(({ moduleIds = [] }) => moduleIds);
}

/** A plugin of rolldown: Node's own modules come by a call. */
const builtinsByCall = {
  name: 'builtins-by-call',
  resolveId(id, _importer, { kind }) {
    if (!isBuiltin(id)) return undefined;
    const path = id.startsWith('node:') ? id : `node:${id}`;
    if (kind === 'dynamic-import') return { id: path, external: true };
    return { id: `\0${kind === 'require-call' ? 'required' : 'imported'}:${path}`, moduleSideEffects: false };
  },
  load(id) {
    const [, how, path] = /^\0(required|imported):(.*)$/.exec(id) ?? [];
    if (path === undefined) return undefined;
    return how === 'required' ? requiredBuiltin(path) : builtinModule(path);
  },
};
