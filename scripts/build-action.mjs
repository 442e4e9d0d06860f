// Bundles the GitHub Action into action/dist, or into the directory that is named: one that runs where nothing is installed.
// The same sources and packages give the same bytes, wherever they are.
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licensesOf } from './build/licenses.mjs';
import { re2Within } from './build/re2-within.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = resolve(process.argv[2] ?? `${root}action/dist`);
/** As heavy as the rest together, and needed by few workflows: who needs one gets PACKAGE_MISSING and what to do. */
const { peerDependencies } = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
const left = Object.keys(peerDependencies);

/** What a bin script is to the program. */
const entry = {
  name: 'entry',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^action-entry$/ }, () => ({ path: 'action-entry', namespace: 'entry' }));
    onLoad({ filter: /./, namespace: 'entry' }, () => ({
      contents: "import { runAction } from './src/cli/action/run-action.ts'; await runAction();",
      resolveDir: root,
    }));
  },
};
await mkdir(dirname(target), { recursive: true });
const outdir = await mkdtemp(`${target}-`);
try {
  const { metafile } = await build({
    absWorkingDir: root,
    outdir,
    entryPoints: {
      index: 'action-entry',
      'build-supervisor': 'src/engine/build-supervisor.ts',
    },
    plugins: [entry, re2Within],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: left,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    // For packages that are CommonJS and ask for modules of Node.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
  });
  await writeFile(`${outdir}/licenses.txt`, await licenses(Object.keys(metafile.inputs)));
  await rm(target, { recursive: true, force: true });
  await chmod(outdir, 0o755);
  await rename(outdir, target);
} finally {
  await rm(outdir, { recursive: true, force: true });
}

/** The licence of each package that is in the files. */
async function licenses(inputs) {
  const all = await licensesOf(root, inputs);
  const texts = all.map(({ name, version, text }) => `${name} ${version}\n\n${text}\n`);
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}
