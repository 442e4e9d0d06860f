// Bundles the GitHub Action into action/dist, or into the directory that is named: one that runs where nothing is installed.
// The same sources and packages give the same bytes, wherever they are.
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = resolve(process.argv[2] ?? `${root}action/dist`);
/** As heavy as the rest together, and needed by few workflows: who needs one gets PACKAGE_MISSING and what to do. */
const left = ['@kubernetes/client-node', '@electric-sql/pglite', 'pg'];

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
/** It is loaded where a pattern needs it, by a require of its own that a bundler does not see. */
const re2Within = {
  name: 're2-within',
  setup({ onLoad }) {
    onLoad({ filter: /src\/workflow\/pattern\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const seen = text.replace("createRequire(import.meta.url)('re2js')", "require('re2js')");
      if (seen === text) throw new Error(`${path} loads re2js in another way`);
      return { contents: seen, loader: 'ts' };
    });
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
  const packages = new Set(
    inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const texts = [];
  for (const path of [...packages].sort()) {
    const { name, version, license } = JSON.parse(await readFile(`${root}${path}/package.json`, 'utf8'));
    const file = (await readdir(`${root}${path}`)).sort().find((one) => /^licen[cs]e/i.test(one));
    const text = file === undefined ? `${license}` : await readFile(`${root}${path}/${file}`, 'utf8');
    texts.push(`${name} ${version}\n\n${text.trim()}\n`);
  }
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}
