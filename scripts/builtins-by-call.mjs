/**
 * An esbuild plugin for a program in one file: Node's own modules come by `process.getBuiltinModule` (Node 20.16), each
 * where a part of the file first runs that uses it. An import would load all of them at the start.
 */
export const builtinsByCall = {
  name: 'builtins-by-call',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) => {
      if (kind === 'dynamic-import') return { path, external: true };
      return { path, namespace: kind === 'require-call' ? 'required' : 'imported', sideEffects: false };
    });
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = ${call(path)};`,
    }));
    onLoad({ filter: /./, namespace: 'imported' }, ({ path }) => ({ contents: moduleOf(path) }));
  },
};

const call = (path) => `process.getBuiltinModule(${JSON.stringify(path)})`;

/** What no part of the program uses of it is left out of the file. */
function moduleOf(path) {
  const names = Object.keys(process.getBuiltinModule(path)).filter((name) => name !== 'default');
  return [
    `const builtin = ${call(path)};`,
    'const of = (name) => builtin[name];',
    'export default builtin;',
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ of(${JSON.stringify(name)});`),
  ].join('\n');
}
