// Bundles src/ into dist/: few files to load, so that the command starts fast; most packages stay imports.
// Built beside and then put in place, so that a command which runs meanwhile finds either build.
import { existsSync, readdirSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildCommand } from './build-command.mjs';
import { builtinsByRequire } from './builtins-by-require.mjs';
import { namedExports } from './named-exports.mjs';
import './typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies, peerDependencies } = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
/** What the installed program finds beside itself; every other package becomes a part of our files. */
const installed = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
const outdir = await mkdtemp(`${root}.dist-`);
const shared = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: installed,
  legalComments: 'none',
  logLevel: 'warning',
};
/** Packages of which parts are in our files. */
const licensed = new Set();
try {
  const [packages] = await Promise.all([
    // Every command loads js-yaml, and sooner from our own file than from its own.
    buildCommand({ root, outdir, external: installed.filter((name) => name !== 'js-yaml') }),
    build({
      ...shared,
      // Classes are the same ones in all entries: what they share is in chunks.
      entryPoints: publicEntries(),
      splitting: true,
      plugins: [licensesOf((name) => licensed.add(name)), builtinsByRequire, namedExports],
      chunkNames: 'chunks/[name]-[hash]',
    }),
    build({
      ...shared,
      entryPoints: { 'build-supervisor': 'src/engine/build-supervisor.ts' },
      minifyWhitespace: true,
    }),
  ]);
  for (const name of packages) licensed.add(name);
  await mkdir(`${outdir}/licenses`);
  for (const name of licensed) {
    await copyFile(await licenseOf(name), `${outdir}/licenses/${name.replace('/', '+')}.txt`);
  }
  const { placeCatalogTemplate } = await import('./catalog-template.ts');
  await placeCatalogTemplate(outdir);
  const { placeManPage } = await import('./man-page.ts');
  await placeManPage(outdir);
  await rm(`${root}dist`, { recursive: true, force: true, maxRetries: 3 });
  await chmod(outdir, 0o755);
  await rename(outdir, `${root}dist`);
} finally {
  await rm(outdir, { recursive: true, force: true });
}

/** The entries that package.json exports; `faults` is a part of `testing`. */
function publicEntries() {
  const names = readdirSync(`${root}src/public`).map((file) => file.replace(/\.ts$/, ''));
  return Object.fromEntries(
    names.filter((name) => name !== 'faults').map((name) => [name, `src/public/${name}.ts`]),
  );
}

/** Its own file; packages of one repository that come without share that of another. */
async function licenseOf(name) {
  const directory = fileURLToPath(packageDirectory(name));
  const license = (await readdir(directory)).find((file) => /^licen[cs]e(?:\.|$)/i.test(file));
  if (license !== undefined) return `${directory}${license}`;
  const sibling = { '@sigstore/verify': '@sigstore/bundle' }[name];
  if (sibling === undefined) throw new Error(`${name} comes without a license`);
  return licenseOf(sibling);
}

/** Where a package is installed, here or in a directory above. */
function packageDirectory(name) {
  const lookups = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = lookups.map((path) => `${path}/${name}/`).find((path) => existsSync(`${path}package.json`));
  if (found === undefined) throw new Error(`${name} is not installed: npm ci`);
  return pathToFileURL(found);
}

/** Names the packages of which a file has a part. */
function licensesOf(add) {
  return {
    name: 'licenses-of',
    setup({ initialOptions, onEnd }) {
      initialOptions.metafile = true;
      onEnd(({ metafile }) => {
        for (const { inputs } of Object.values(metafile?.outputs ?? {}))
          for (const path of Object.keys(inputs)) {
            const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
            if (name !== undefined) add(name);
          }
      });
    },
  };
}
