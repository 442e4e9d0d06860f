// Module hooks: `./x.js` finds `./x.ts` or `./x.tsx` beside it, and TypeScript loses its types by esbuild on the way in.
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL) {
    for (const extension of ['.ts', '.tsx']) {
      const source = new URL(specifier.replace(/\.js$/, extension), context.parentURL);
      const exists = await access(source).then(
        () => true,
        () => false,
      );
      if (exists) return { url: source.href, format: 'module', shortCircuit: true };
    }
  }
  return await next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !/\.tsx?$/.test(url)) return await next(url, context);
  const path = fileURLToPath(url);
  const { code } = await transform(await readFile(path, 'utf8'), {
    loader: url.endsWith('x') ? 'tsx' : 'ts',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    format: 'esm',
    sourcefile: path,
    sourcemap: 'inline',
    target: 'node20',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
