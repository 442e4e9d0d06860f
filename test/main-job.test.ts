import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { expect, test } from 'vitest';

test('ensure and check load what they need at once and nothing of other commands', async () => {
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    entryPoints: { 'main-job': 'src/cli/main-job.ts' },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    minifyWhitespace: true,
    metafile: true,
    write: false,
  });
  const loaded = loadedAtOnce(metafile, 'dist/main-job.js').map((path) => metafile.outputs[path]);
  const files = loaded.flatMap((output) => Object.keys(output?.inputs ?? {}));
  const packages = loaded
    .flatMap((output) => output?.imports ?? [])
    .filter(
      ({ kind, external, path }) => kind === 'import-statement' && external && !path.startsWith('node:'),
    )
    .map(({ path }) => path);
  expect([...new Set(packages)].sort()).toEqual(['js-yaml']);
  const commands = files.filter((file) => /^src\/cli\/commands\/(?!check\/|ensure\/)/.test(file));
  expect(commands).toEqual([]);
  // Only --debug wants it.
  expect(files.filter((file) => /^src\/(?:http\/observe|open\/wire-log)\.ts$/.test(file))).toEqual([]);
  expect(files.filter((file) => /^src\/(?:catalog-server|engine|release|testing)\//.test(file))).toEqual([]);
  // Nor is anything of signatures.
  const signing = files.filter((file) => file.startsWith('src/signing/'));
  expect(signing).toEqual([]);
  // What reads sources is loaded where something is built: a run that changes nothing needs none of it.
  expect(files.filter((file) => /^src\/tekton\/(?:yaml|sources|validate\/[a-z]+)\//.test(file))).toEqual([]);
  expect(files).not.toContain('src/tekton/objects/field-table.ts');
  // Of every 100 KiB a start takes some 5 ms longer.
  const bytes = loaded.reduce((sum, output) => sum + (output?.bytes ?? 0), 0);
  expect(bytes).toBeLessThan(470 * 1024);
});

test('who speaks plain http loads neither TLS nor HTTP/2', async () => {
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    entryPoints: { 'main-job': 'src/cli/main-job.ts' },
    outdir: 'dist',
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    metafile: true,
    write: false,
  });
  // In the one file that is shipped, what a lazily imported module imports at its top is loaded at once.
  const loaded = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path),
  );
  expect(loaded).toContain('node:http');
  expect(loaded.filter((path) => /^node:(?:https|tls|http2)$/.test(path))).toEqual([]);
});

/** An output and what it imports, but for what it imports when it is needed. */
function loadedAtOnce({ outputs }: Metafile, first: string): string[] {
  const found = new Set([first]);
  for (const path of found) {
    for (const { path: next, kind, external } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && !external) found.add(next);
  }
  return [...found];
}
