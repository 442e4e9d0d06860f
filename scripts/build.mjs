// Bundles src/ into dist/: few files to load, so that the command starts fast; packages stay imports.
// Built beside and then put in place, so that a command which runs meanwhile finds either build.
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = await mkdtemp(`${root}.dist-`);
const shared = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  legalComments: 'none',
  logLevel: 'warning',
};
try {
  await Promise.all([
    build({
      ...shared,
      entryPoints: { index: 'src/index.ts', testing: 'src/testing/index.ts' },
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
    }),
    // One file: each further one costs the command about a millisecond. Lazy imports stay lazy within it.
    build({
      ...shared,
      entryPoints: { program: 'src/cli/program.ts' },
      minifyWhitespace: true,
      plugins: [fileOfItsOwn(/\/start-serving\.js$/, './catalog-server.js')],
    }),
    build({ ...shared, entryPoints: { 'catalog-server': 'src/catalog-server/start-serving.ts' } }),
    build({ ...shared, entryPoints: { keeper: 'src/engine/keeper.ts' }, minifyWhitespace: true }),
    // Without the other commands, and what it loads lazily apart, so that nothing of it has to be wrapped.
    build({
      ...shared,
      entryPoints: { 'main-job': 'src/cli/main-job.ts' },
      minifyWhitespace: true,
      splitting: true,
      // Beside the program: code that looks for files of the package does so from where it stands.
      chunkNames: 'main-job-[hash]',
    }),
    build({
      ...shared,
      entryPoints: { cli: 'src/cli/main.ts' },
      external: ['./program.js', './main-job.js'],
    }),
  ]);
  const { placeCatalogTemplate } = await import('./catalog-template.ts');
  await placeCatalogTemplate(outdir);
  await rm(`${root}dist`, { recursive: true, force: true, maxRetries: 3 });
  await chmod(outdir, 0o755);
  await rename(outdir, `${root}dist`);
} finally {
  await rm(outdir, { recursive: true, force: true });
}

/** What loads heavy packages stays behind its lazy import: in one file with the rest, its packages would be loaded always. */
function fileOfItsOwn(filter, path) {
  return {
    name: 'file-of-its-own',
    setup({ onResolve }) {
      onResolve({ filter }, ({ kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
    },
  };
}
