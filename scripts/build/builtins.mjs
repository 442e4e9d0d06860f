import { isBuiltin } from 'node:module';

/**
 * Source of a module in place of one of Node's own, which comes by `process.getBuiltinModule` (Node 20.16) where a part of
 * the file first runs that uses it. An import of one would load it at the start, and touch all that it exports: Web
 * Crypto, MIME types, HTTP proxies. What is called now and then comes with its first call.
 */
export function builtinModule(path) {
  const builtin = process.getBuiltinModule(path);
  const names = Object.keys(builtin).filter((name) => name !== 'default');
  const late = byFirstCall.has(path);
  const isCalled = (name) => late && typeof builtin[name] === 'function' && !/^[A-Z]/.test(name);
  const value = (name) =>
    isCalled(name)
      ? `(...values) => of(${JSON.stringify(name)})(...values)`
      : `/* @__PURE__ */ of(${JSON.stringify(name)})`;
  // What no part of the program uses is left out of the file.
  return [
    ...(late
      ? [`const of = (name) => ${call(path)}[name];`]
      : [`const builtin = ${call(path)};`, 'const of = (name) => builtin[name];', 'export default builtin;']),
    ...names.map((name) => `export const ${name} = ${value(name)};`),
  ].join('\n');
}

/** A run in which nothing changed calls nothing of them. */
const byFirstCall = new Set(['node:fs/promises', 'node:zlib']);

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
