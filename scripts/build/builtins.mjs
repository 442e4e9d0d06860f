import { isBuiltin } from 'node:module';

/**
 * Source of a module in place of one of Node's own, which comes by `process.getBuiltinModule` (Node 20.16) where a part of
 * the file first runs that uses it. An import of one would load it at the start, and touch all that it exports: Web
 * Crypto, MIME types, HTTP proxies.
 */
export function builtinModule(path) {
  const names = Object.keys(process.getBuiltinModule(path)).filter((name) => name !== 'default');
  // What no part of the program uses is left out of the file.
  return [
    `const builtin = ${call(path)};`,
    'const of = (name) => builtin[name];',
    'export default builtin;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ of(${JSON.stringify(name)});`),
  ].join('\n');
}

/** The same for code in CommonJS that requires it. */
export function requiredBuiltin(path) {
  return `module.exports = ${call(path)};`;
}

const call = (path) => `process.getBuiltinModule(${JSON.stringify(path)})`;

/** An esbuild plugin for a program in one file: all of Node's modules come by a call. */
export const builtinsByCall = {
  name: 'builtins-by-call',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) => {
      if (kind === 'dynamic-import') return { path, external: true };
      return { path, namespace: kind === 'require-call' ? 'required' : 'imported', sideEffects: false };
    });
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({ contents: requiredBuiltin(path) }));
    onLoad({ filter: /./, namespace: 'imported' }, ({ path }) => ({ contents: builtinModule(path) }));
  },
};

/** An esbuild plugin: what packages in CommonJS require by its short name, which a module cannot. */
export const builtinsByRequire = {
  name: 'builtins-by-require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z0-9_/]+$/ }, ({ path, kind }) =>
      kind === 'require-call' && isBuiltin(path)
        ? { path: `node:${path}`, namespace: 'required-here' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'required-here' }, ({ path }) => ({ contents: requiredBuiltin(path) }));
  },
};
