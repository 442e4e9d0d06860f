import { isBuiltin } from 'node:module';

/** What packages in CommonJS require by its short name, which a module cannot. */
export const builtinsByRequire = {
  name: 'builtins-by-require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z0-9_/]+$/ }, ({ path, kind }) =>
      kind === 'require-call' && isBuiltin(path)
        ? { path: `node:${path}`, namespace: 'required-here' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'required-here' }, ({ path }) => ({
      contents: `module.exports = ${call(path)};`,
    }));
  },
};

/**
 * An esbuild plugin: Node's own modules come by `process.getBuiltinModule` (Node 20.16). An import of one touches all
 * that it exports, and so loads what is lazy in it: Web Crypto, MIME types, HTTP proxies.
 */
export const builtinsByCall = {
  name: 'builtins-by-call',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'dynamic-import'
        ? { path, external: true }
        : { path, namespace: kind === 'require-call' ? 'required' : 'imported', sideEffects: false },
    );
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = ${path === 'node:child_process' ? onUse(path) : call(path)};`,
    }));
    onLoad({ filter: /./, namespace: 'imported' }, ({ path }) => ({ contents: moduleOf(path) }));
  },
};

const call = (path) => `process.getBuiltinModule(${JSON.stringify(path)})`;

/** commander asks for it at its start, for commands that are programs of their own; we have none. */
function onUse(path) {
  const names = Object.keys(process.getBuiltinModule(path));
  return `{ ${names.map((name) => `get ${name}() { return ${call(path)}.${name}; }`).join(', ')} }`;
}

/** What nobody uses of it is left out of the bundle. */
function moduleOf(path) {
  const names = Object.keys(process.getBuiltinModule(path)).filter((name) => name !== 'default');
  return [
    `const builtin = ${call(path)};`,
    'const of = (name) => builtin[name];',
    'export default builtin;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ of(${JSON.stringify(name)});`),
  ].join('\n');
}
