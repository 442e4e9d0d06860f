import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDeclarationReader, type Declaration } from '../support/documents/declarations.js';
import { type Example, examplesIn, runExamples } from '../support/documents/doc-examples.js';
import { documentPages, readPage } from '../support/documents/fences.js';
import { run } from '../support/program/run-cli.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const root = join(import.meta.dirname, '../..');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
};
const entries = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [{ specifier: `tekton-bundles${path.slice(1)}`, ...target }],
);
/** A project that has this package and the types of Node, and none of the packages that ours needs. */
let consumer: TempDir;
/** By entry, what it exports by name. */
let exported: ReadonlyMap<string, ReadonlyMap<string, readonly Declaration[]>>;

beforeAll(async () => {
  consumer = tempDir('library-');
  const modules = join(consumer.path, 'node_modules');
  const installed = join(modules, 'tekton-bundles');
  mkdirSync(join(modules, '@types'), { recursive: true });
  mkdirSync(installed);
  symlinkSync(join(root, 'node_modules/@types/node'), join(modules, '@types/node'));
  cpSync(join(root, 'package.json'), join(installed, 'package.json'));
  const settings = join(root, 'tsconfig.build.json');
  const words = [compiler, '-p', settings, '--outDir', join(installed, 'dist/types')];
  const built = await run(process.execPath, words, { timeoutMs: 120_000 });
  if (built.code !== 0) throw new Error(built.stdout);
  const kept = [join(root, 'scripts/public-types.mjs'), join(installed, 'dist/types')];
  const reduced = await run(process.execPath, kept);
  if (reduced.code !== 0) throw new Error(reduced.stderr);
  const reader = createDeclarationReader();
  exported = new Map(
    entries.map(({ specifier, types }) => [specifier, reader.exportsOf(join(installed, types))]),
  );
});

afterAll(() => consumer?.[Symbol.asyncDispose]());

/** What a reader of a page has around its examples. */
const given: Readonly<Record<string, string>> = {
  'docs/guides/cluster.md': `declare const home: string;
declare const environment: Record<string, string | undefined>;
`,
  'docs/guides/faulty-registries.md': `declare const expect: (value: unknown) => { toEqual(wanted: unknown): void };
`,
  'docs/guides/phases.md': `type Name = { readonly [brand in 'name']: string };
declare const createCluster: () => Promise<Name>;
declare const deleteCluster: (cluster: Name) => Promise<void>;
declare const installTekton: (cluster: Name, signal: AbortSignal) => Promise<void>;
declare const deployPostgres: (cluster: Name) => Promise<Name>;
declare const deployRedis: (cluster: Name) => Promise<Name>;
declare const buildServiceImage: () => Promise<Name>;
declare const deployService: (cluster: Name, image: Name) => Promise<Name>;
declare const registerWorkflows: (service: Name) => Promise<readonly Name[]>;
declare const runSuite: (service: Name, workflows: readonly Name[]) => Promise<void>;
declare const log: (line: string) => void;
`,
};

/** Each declaration of an entry with the name it has there. */
function all(): { readonly entry: string; readonly name: string; readonly declaration: Declaration }[] {
  return [...exported].flatMap(([entry, names]) =>
    [...names].flatMap(([name, declarations]) =>
      declarations.map((declaration) => ({ entry, name, declaration })),
    ),
  );
}

const keyOf = ({ file, name }: Declaration) => `${file} ${name}`;
const isFault = (name: string) => name.startsWith('faults.');

function examples(): Example[] {
  const seen = new Set<string>();
  return all().flatMap(({ entry, name, declaration }) => {
    if (!declaration.isValue || seen.has(keyOf(declaration))) return [];
    seen.add(keyOf(declaration));
    return examplesIn(declaration.doc, `${entry} ${name}`);
  });
}

test('every file of src/public is an entry of the package, but for the part that testing holds by one name', () => {
  const files = readdirSync(join(root, 'src/public')).map((file) => file.replace(/\.ts$/, ''));
  const built = entries.map((entry) => entry.default.replace(/^\.\/dist\/(.*)\.js$/, '$1'));
  expect([...built, 'faults'].sort()).toEqual(files.sort());
});

test('only declarations that an entry reaches are in the package', () => {
  const types = join(consumer.path, 'node_modules/tekton-bundles/dist/types');
  const files = readdirSync(types, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const named = new Set(
    files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/'(\.[^']+)\.js'/g)].map(([, from = '']) =>
        join(file, '..', `${from}.d.ts`),
      ),
    ),
  );
  const own = new Set(entries.map((entry) => join(types, '../..', entry.types)));
  expect(files.filter((file) => !named.has(file) && !own.has(file))).toEqual([]);
  expect([...named].filter((file) => !files.includes(file))).toEqual([]);
  expect(files.length).toBeGreaterThan(entries.length);
  expect(files.some((file) => file.startsWith(join(types, 'cli')))).toBe(false);
});

test('the first entry exports at most 60 names, ensure among them', () => {
  const names = [...(exported.get('tekton-bundles')?.keys() ?? [])];
  expect(names).toEqual(expect.arrayContaining(['ensure', 'EnsureOptions', 'EnsureResult', 'verify']));
  expect(names.length).toBeLessThanOrEqual(60);
});

test('every type that a public signature names is exported by the same entry, and none is of another package', () => {
  const reader = createDeclarationReader();
  const wrong = [...exported].flatMap(([entry, names]) => {
    const own = [...names.values()].flat();
    const keys = new Set(own.map(keyOf));
    return own.flatMap((declaration) => {
      const { types, packages } = reader.namedBy(declaration);
      return [
        ...types
          .filter((type) => !keys.has(keyOf(type)))
          .map((type) => `${entry}: ${declaration.name} names ${type.name}`),
        ...packages
          .filter((name) => !name.startsWith('node:'))
          .map((name) => `${entry}: ${declaration.name} needs ${name}`),
      ];
    });
  });
  expect(wrong).toEqual([]);
  expect(all().length).toBeGreaterThan(300);
});

test('every export is described', () => {
  // Those of the DataStorage API are made of its published OpenAPI document, which describes their fields.
  const bare = all().filter(
    ({ declaration: { doc, file } }) =>
      doc.replace(/@[\s\S]*/, '').trim().length < 10 && !file.endsWith('data-storage-api.d.ts'),
  );
  expect(bare.map(({ entry, name }) => `${entry} ${name}`)).toEqual([]);
});

test('descriptions of exports are in the words of a technical writer', () => {
  const odd = /\b(?:told|says?|said|stands?|whoever|nobody|anew|for ever)\b/i;
  const found = all().flatMap(({ entry, name, declaration: { doc, text } }) => {
    const comments = [doc.replace(/^```[\s\S]*?^```$/gm, ''), ...(text.match(/\/\*\*[\s\S]*?\*\//g) ?? [])];
    return comments.filter((comment) => odd.test(comment)).map((comment) => `${entry} ${name}: ${comment}`);
  });
  expect(found).toEqual([]);
});

test('every value has an example', () => {
  const without = all().filter(
    ({ name, declaration: { isValue, doc } }) =>
      isValue && !isFault(name) && examplesIn(doc, name).length === 0,
  );
  expect(without.map(({ entry, name }) => `${entry} ${name}`)).toEqual([]);
});

test('every entry, every example and every script of the documents compiles strictly, with the declarations checked and no other package installed', async () => {
  const written = documentPages().flatMap((page) =>
    examplesIn(readPage(page), page).map(({ code }) => (given[page] ?? '') + code),
  );
  expect(written.length).toBeGreaterThan(8);
  const files = [...examples().map(({ code }) => code), ...written].map((code, index) => {
    const file = `example-${index}.mts`;
    writeFileSync(join(consumer.path, file), code);
    return file;
  });
  expect(files.length).toBeGreaterThan(60);
  const imports = entries.map(({ specifier }, index) => `export * as entry${index} from '${specifier}';`);
  writeFileSync(join(consumer.path, 'entries.mts'), imports.join('\n'));
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const settings = { compilerOptions, files: ['entries.mts', ...files] };
  writeFileSync(join(consumer.path, 'tsconfig.json'), JSON.stringify(settings));
  const ran = await run(process.execPath, [compiler, '-p', consumer.path], { timeoutMs: 120_000 });
  expect([ran.code, ran.stdout]).toEqual([0, '']);
});

test('every example runs and prints what it announces', async () => {
  await using directory = tempDir('examples-');
  const page = examplesIn(readPage('docs/reference/library.md'), 'docs/reference/library.md');
  const runnable = [...page, ...examples()].filter(({ notRun }) => notRun === undefined);
  expect([page.length > 3, await runExamples(directory.path, runnable)]).toEqual([true, []]);
});

test('docs/reference/library.md lists every entry', () => {
  const listed = [...readPage('docs/reference/library.md').matchAll(/^\| `(tekton-bundles[^`]*)` \|/gm)];
  expect(listed.map(([, entry]) => entry).sort()).toEqual([...exported.keys()].sort());
});

test('only what needs a cluster or a container engine is not run', () => {
  const names = examples().flatMap(({ name, notRun }) =>
    notRun === undefined ? [] : [`${name}: ${notRun}`],
  );
  expect(names.sort()).toEqual([
    'tekton-bundles/catalog kubernetesTarget: needs a cluster',
    'tekton-bundles/cluster deployRegistry: needs a cluster',
    'tekton-bundles/cluster findClusterRegistry: needs a cluster',
    'tekton-bundles/cluster forwardRegistry: needs a cluster',
    'tekton-bundles/images ensureImages: needs a container engine',
    'tekton-bundles/images pruneImages: needs a container engine',
  ]);
});

test('a CommonJS module gets every entry by require', () => {
  const require = createRequire(import.meta.url);
  expect(entries.length).toBeGreaterThan(10);
  for (const { specifier, default: file } of entries) {
    const declared = [...(exported.get(specifier) ?? [])].filter(([, all]) => all.some((one) => one.isValue));
    const values = new Set(declared.map(([name]) => name.split('.')[0]));
    const names = Object.keys(require(join(root, file)));
    expect(names.length, specifier).toBeGreaterThan(0);
    // A class that an entry exports as a type only is declared like a value.
    expect(
      names.filter((name) => !values.has(name)),
      specifier,
    ).toEqual([]);
  }
});

/** Every 100 KiB take some 5 ms, each file about one: some 5 ms in all, where 40 are allowed. */
test('importing the first entry loads a few small files and no package', () => {
  const loaded = new Set(['index.js']);
  for (const file of loaded) {
    const text = readFileSync(join(root, 'dist', file), 'utf8');
    for (const [, from = ''] of text.matchAll(
      /(?:^|[;}])\s*(?:import|export)\s*(?:[^'"();]*?\bfrom\s*)?["']([^"']+)["']/gm,
    )) {
      if (from.startsWith('node:')) continue;
      expect(from, file).toMatch(/^\./);
      loaded.add(join(file, '..', from));
    }
  }
  const bytes = [...loaded].reduce((sum, file) => sum + readFileSync(join(root, 'dist', file)).length, 0);
  expect(loaded.size).toBeLessThanOrEqual(4);
  expect(bytes).toBeLessThan(60 * 1024);
});
