import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

/** A folder imports only from itself and from folders before it in this list. */
const layers = [
  'version.ts',
  'errors.ts',
  'package-files.ts',
  'async',
  'bytes',
  'fs',
  'process',
  'oci',
  'content',
  'gzip',
  'http',
  'auth',
  'registry',
  'registry-server',
  'yaml-file',
  'tekton',
  'bundle',
  'workflow',
  'schema',
  'project',
  'cluster',
  'catalog',
  'catalog-page',
  'catalog-server',
  'signing',
  'open',
  'publish',
  'engine',
  'images',
  'ensure',
  'release',
  'doctor',
  'testing',
  'public',
  'cli',
];

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file),
);
const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(source, file), 'utf8');
  const targets = [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'(\.[^']+)'/gm)].map(
    (match) => match[1]!,
  );
  return targets.map((target) => ({
    from: file,
    to: sourceOf(normalize(join(dirname(file), target))),
  }));
});

function sourceOf(path: string): string {
  const markup = path.replace(/\.js$/, '.tsx');
  return files.includes(markup) ? markup : path.replace(/\.js$/, '.ts');
}

const layerOf = (file: string) => file.split(sep)[0]!;

test('every folder of src is in the list of layers', () => {
  for (const file of files) expect(layers, file).toContain(layerOf(file));
});

test('every import names a file that exists', () => {
  const missing = imports.filter(({ to }) => !files.includes(to) && !to.endsWith('.json'));
  expect(missing).toEqual([]);
});

test('a folder imports only from folders above it', () => {
  const wrong = imports.filter(({ from, to }) => layers.indexOf(layerOf(to)) > layers.indexOf(layerOf(from)));
  expect(wrong).toEqual([]);
});

test('no import leaves src', () => {
  expect(imports.filter(({ to }) => to.startsWith('..'))).toEqual([]);
});

test('files do not import each other in a circle', () => {
  const graph = new Map(
    files.map((file) => [file, imports.filter(({ from }) => from === file).map(({ to }) => to)]),
  );
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]) => {
    if (path.includes(file))
      throw new Error(`circle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
});

test('only the entry points re-export', () => {
  const barrels = files.filter((file) => {
    if (layerOf(file) === 'public') return false;
    return /^export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*from/m.test(readFileSync(join(source, file), 'utf8'));
  });
  expect(barrels).toEqual([]);
});

test('only cli/context.ts and open/machine.ts look at the process, the clock and the working directory', () => {
  const forbidden = /\bprocess\.(?:env|cwd|argv|exit|stdout|stderr|stdin)\b|\bDate\.now\(|\bnew Date\(\)/;
  const allowed = [join('cli', 'context.ts'), join('open', 'machine.ts'), join('async', 'system-clock.ts')];
  const guilty = files.filter(
    (file) =>
      !allowed.includes(file) && forbidden.test(withoutComments(readFileSync(join(source, file), 'utf8'))),
  );
  expect(guilty).toEqual([]);
});

test('only the writer of cli/output reaches standard output, standard error and the files of a CI service', () => {
  const streams = /\b(?:stdout|stderr)\.(?:write|end)\(|\bconsole\.\w+\(|\bprocess\.std(?:out|err)\b/;
  const reports = /GITHUB_(?:STEP_SUMMARY|OUTPUT)|CI_JOB_/;
  const allowed: Readonly<Record<string, string>> = {
    [join('cli', 'context.ts')]: 'the streams under the writer',
    [join('engine', 'build-supervisor.ts')]: 'a process of its own, read by ours',
    [join('http', 'connect', 'lookup.ts')]: 'the text of a process of its own, read by ours',
  };
  const writing = files.filter((file) => {
    const text = withoutComments(readFileSync(join(source, file), 'utf8'));
    return streams.test(text) || (reports.test(text) && /writeFile|appendFile/.test(text));
  });
  expect(writing.sort()).toEqual(Object.keys(allowed).sort());
});

test('only the writer cleans text: what is read stays as it is', () => {
  const cleaning = /replace(?:All)?\(\s*\/\[?[^/\n]*(?:\\p\{C[cf]\}|\\u009f|\\u202[89ae]|\\x9f)/;
  const allowed: Readonly<Record<string, string>> = {
    [join('tekton', 'objects', 'canonical-json.ts')]: 'escapes as Go does',
    [join('tekton', 'sources', 'place-documents.ts')]: 'looks for places in JSON as if it were YAML',
    [join('tekton', 'yaml', 'write-yaml.ts')]: 'escapes what YAML does not allow as it is',
    [join('workflow', 'yaml-scalar.ts')]: 'escapes what YAML does not allow as it is',
    [join('yaml-file', 'excerpt.ts')]: 'line breaks of other kinds, which would make two lines of one',
  };
  const found = files.filter((file) =>
    cleaning.test(withoutComments(readFileSync(join(source, file), 'utf8'))),
  );
  expect(found.sort()).toEqual(Object.keys(allowed).sort());
});

test("what strangers wrote is read by tekton/yaml: js-yaml and yaml read this project's own files", () => {
  const allowed: Readonly<Record<string, string>> = {
    [join('yaml-file', 'parse-yaml-file.ts')]: 'bundles.yaml, bundles.lock and schema documents, with limits',
    [join('yaml-file', 'yaml-position.ts')]: 'positions in those files',
    [join('project', 'bump-tag.ts')]: 'positions in bundles.yaml, which was parsed with limits before',
    [join('schema', 'merge-document.ts')]: 'keeps the comments of schema documents',
    [join('schema', 'split-documents.ts')]: 'finds where schema documents of one file begin',
    [join('schema', 'convert', 'convert-document.ts')]: 'finds the comments of schema documents',
    [join('catalog-server', 'api', 'request-checker.ts')]: 'the OpenAPI document of this package',
  };
  const importing = files.filter((file) =>
    /(?:\bfrom|\bimport\(|^import)\s*'(?:js-yaml|yaml)'/m.test(readFileSync(join(source, file), 'utf8')),
  );
  expect(importing.sort()).toEqual(Object.keys(allowed).sort());
});

test('no folder of src, scripts and test/support has more than 25 files: then it has rooms of its own', () => {
  const crowded = ['src', 'scripts', 'test/support'].flatMap((top) => {
    const entries = readdirSync(join(root, top), { recursive: true, withFileTypes: true });
    const folders = entries.filter((entry) => entry.isFile()).map(({ parentPath }) => parentPath);
    return [...new Set(folders)].filter((folder) => folders.filter((one) => one === folder).length > 25);
  });
  expect(crowded.map((folder) => relative(root, folder))).toEqual([]);
});

test('no source file is longer than 400 lines', () => {
  const long = files.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 400);
  expect(long.map((file) => relative(root, join(source, file)))).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
