import { isBuiltin } from 'node:module';

/** An esbuild plugin: what packages in CommonJS require by its short name, which a module cannot. */
export const builtinsByRequire = {
  name: 'builtins-by-require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z0-9_/]+$/ }, ({ path, kind }) =>
      kind === 'require-call' && isBuiltin(path)
        ? { path: `node:${path}`, namespace: 'required-here' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'required-here' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};
