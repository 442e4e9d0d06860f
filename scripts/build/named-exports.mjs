import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';

/**
 * An esbuild plugin. What `import()` gives of a package in CommonJS has its exports by name, as in Node; in chunks of their own
 * esbuild would leave `default` alone.
 */
export const namedExports = {
  name: 'named-exports',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^[@a-z]/ }, async ({ path, kind, pluginData, ...from }) => {
      if (kind !== 'dynamic-import' || pluginData === 'seen' || path.startsWith('node:')) return undefined;
      const found = await resolve(path, { ...from, kind: 'import-statement', pluginData: 'seen' });
      if (found.external || found.errors.length > 0 || !isCommonJs(found.path)) return undefined;
      // Its path would be part of the file: the same everywhere, by the name alone.
      return { path, namespace: 'named-exports', pluginData: found.path };
    });
    onLoad({ filter: /./, namespace: 'named-exports' }, ({ pluginData: file }) => ({
      contents: [
        `import all from ${JSON.stringify(`./${basename(file)}`)};`,
        'export default all;',
        ...namesOf(file).map((name) => `export const ${name} = all.${name};`),
      ].join('\n'),
      resolveDir: dirname(file),
    }));
  },
};

const require = createRequire(import.meta.url);

/** A module in CommonJS has no namespace that names itself a module. */
function isCommonJs(path) {
  return Object.prototype.toString.call(require(path)) !== '[object Module]';
}

function namesOf(path) {
  return Object.keys(require(path)).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default');
}
