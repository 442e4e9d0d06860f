// Bundles src/ into dist/: few files to load, so that the command starts fast; most packages stay imports.
// BuildRecord beside and then put in place, so that a command which runs meanwhile finds either build.
import { existsSync, readdirSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { builtinsByCall, builtinsByRequire } from './builtins-by-call.mjs';
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
/** Every command loads these, and sooner from our own file than from theirs. */
const within = ['js-yaml'];
/** Packages of which parts are in our files. */
const licensed = new Set();
const licenses = licensesOf((name) => licensed.add(name));
const command = {
  ...shared,
  external: installed.filter((name) => !within.includes(name)),
  minifyWhitespace: true,
  plugins: [
    licenses,
    fileOfItsOwn(/^tar-stream$/, './tar-stream.js'),
    fileOfItsOwn(/\/start-serving\.js$/, './catalog-server.js'),
    fileOfItsOwn(/\/catalog-report\.js$/, './catalog-report.js'),
    fileOfItsOwn(/\/bump-tag\.js$/, './bump-tag.js'),
    fileOfItsOwn(/\/encrypted-key\.js$/, './encrypted-key.js'),
    fileOfItsOwn(/\/octokit\.js$/, './octokit.js'),
    fileOfItsOwn(/\/sigstore-verifier\.js$/, './sigstore-verifier.js'),
    builtinsByCall,
  ],
};
try {
  await Promise.all([
    build({
      ...shared,
      // Classes are the same ones in all entries: what they share is in chunks.
      entryPoints: publicEntries(),
      splitting: true,
      plugins: [licenses, builtinsByRequire],
      chunkNames: 'chunks/[name]-[hash]',
    }),
    // One file: each further one costs the command about a millisecond. Lazy imports stay lazy within it.
    build({ ...command, entryPoints: { program: 'src/cli/program.ts' } }),
    build({
      ...shared,
      entryPoints: { 'catalog-server': 'src/catalog-server/start-serving.ts' },
      minifyWhitespace: true,
      plugins: [licenses, fileOfItsOwn(/^tar-stream$/, './tar-stream.js'), builtinsByRequire],
    }),
    build({ ...shared, entryPoints: { 'catalog-report': 'src/catalog-server/catalog-report.ts' } }),
    build({
      ...shared,
      stdin: { contents: "export { extract, pack } from 'tar-stream';", resolveDir: root },
      outdir: undefined,
      outfile: `${outdir}/tar-stream.js`,
      minifyWhitespace: true,
      plugins: [licenses, builtinsByRequire],
    }),
    build({ ...command, entryPoints: { 'from-sources': 'src/ensure/bundle/from-sources.ts' } }),
    build({ ...command, entryPoints: { help: 'src/cli/help/show-help.ts' } }),
    build({
      ...command,
      entryPoints: { 'encrypted-key': 'src/signing/keys/encrypted-key.ts' },
      plugins: [licenses, builtinsByCall],
    }),
    build({
      ...command,
      entryPoints: { octokit: 'src/release/github/octokit.ts' },
      plugins: [licenses, builtinsByCall],
    }),
    build({
      ...command,
      entryPoints: { 'sigstore-verifier': 'src/signing/keyless/sigstore-verifier.ts' },
      plugins: [licenses, builtinsByRequire, builtinsByCall],
    }),
    build({ ...command, entryPoints: { 'sign-bundle': 'src/ensure/bundle/sign-bundle.ts' } }),
    build({ ...shared, entryPoints: { 'bump-tag': 'src/project/bump-tag.ts' } }),
    build({
      ...shared,
      entryPoints: { 'build-supervisor': 'src/engine/build-supervisor.ts' },
      minifyWhitespace: true,
    }),
    // The same without the other commands: a start takes longer by some 5 ms for every 100 KiB.
    // Nor what reads sources: where nothing changed, nothing is built.
    build({
      ...command,
      entryPoints: { 'main-job': 'src/cli/main-job.ts' },
      plugins: [
        fileOfItsOwn(/\/from-sources\.js$/, './from-sources.js'),
        fileOfItsOwn(/\/show-help\.js$/, './help.js'),
        fileOfItsOwn(/\/sign-bundle\.js$/, './sign-bundle.js'),
        ...command.plugins,
      ],
    }),
    // CommonJS: the loader of modules takes a start another 5 ms, and what only prints needs none.
    build({
      ...shared,
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      entryPoints: { cli: 'src/cli/main.ts' },
      external: ['./program.js', './main-job.js'],
      minifyWhitespace: true,
      plugins: [
        fileOfItsOwn(/\/escape-yaml\.js$/, './escape-yaml.js'),
        fileOfItsOwn(/\/show-waits\.js$/, './show-waits.js'),
        builtinsByCall,
      ],
    }),
    build({ ...command, entryPoints: { 'escape-yaml': 'src/cli/output/escape-yaml.ts' } }),
    build({ ...command, entryPoints: { 'show-waits': 'src/cli/output/show-waits.ts' } }),
  ]);
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

/** What loads heavy packages stays behind its lazy import: in one file with the rest, its packages would be loaded always. */
function fileOfItsOwn(filter, path) {
  return {
    name: 'file-of-its-own',
    setup({ onResolve }) {
      onResolve({ filter }, ({ kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
    },
  };
}
