import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '../src/cli/exit-codes.js';
import { errorPage } from '../src/cli/help/errors/error-families.js';
import { explainCode, explainRule } from '../src/cli/help/explain-page.js';
import { referencePages } from '../src/cli/help/reference-pages.js';
import { exitStatuses } from '../src/cli/help/topics.js';
import { type ErrorCode, errorCodes } from '../src/errors.js';
import { lintRules, type RuleName } from '../src/tekton/lint/rules/rules.js';
import { documentUrl } from '../src/version.js';
import { documentPages, faultsOf, root } from './support/documents/fences.js';
import { describeFieldDifferences, fieldDifferences } from './support/random/field-differences.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const documents = ['CHANGELOG.md', ...documentPages(), 'examples/README.md'];

/** Without fenced code. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

/** As GitHub makes the anchor of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

const anchorsOf = (path: string) =>
  [...prose(readFileSync(path, 'utf8')).matchAll(/^#+ (.+)$/gm)].map((match) => anchor(match[1]!));

test('the documents a newcomer needs are there', () => {
  for (const name of ['README', 'tutorial', 'reference/commands/README', 'dependencies'])
    expect(documents).toContain(join('docs', `${name}.md`));
  for (const name of ['configuration', 'errors/README', 'glossary'])
    expect(documents).toContain(join('docs/reference', `${name}.md`));
});

test('the index of docs/ leads to every page, those of commands and errors through their own index', () => {
  const links = [...read('docs/README.md').matchAll(/\]\(([^)#\s]+)/g)].map((match) =>
    join('docs', match[1]!),
  );
  const pages = documents.filter((file) =>
    /^docs\/(?!README|adr\/|reference\/(?:commands|errors)\/(?!README))/.test(file),
  );
  expect(pages.length).toBeGreaterThan(30);
  expect(pages.filter((page) => !links.includes(page))).toEqual([]);
});

test.each(documents)('every relative link of %s leads somewhere', (document) => {
  const path = join(root, document);
  const links = [...prose(read(document)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  for (const link of links.filter((target) => !/^[a-z]+:/.test(target))) {
    const [file = '', fragment] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    expect(existsSync(target), `${document}: ${link}`).toBe(true);
    expect(relative(root, target), `${document}: ${link} leaves the repository`).not.toMatch(/^\.\./);
    if (fragment !== undefined) expect(anchorsOf(target), `${document}: ${link}`).toContain(fragment);
  }
});

test('a link whose text is the title of a page leads to that page', () => {
  const titleOf = (text: string) => text.replaceAll('`', '').replace(/\s+/g, ' ');
  const titles = new Map<string, string>();
  for (const document of documents) {
    const title = /^# (.+)$/m.exec(prose(read(document)))?.[1];
    // A title of one word, such as "Errors", is also a word.
    if (title?.includes(' ')) titles.set(titleOf(title), document);
  }
  const links = documents.flatMap((document) =>
    [...prose(read(document)).matchAll(/\[([^\]]+)\]\(([^)#\s:]+\.md)/g)].map(([, text = '', file = '']) => ({
      document,
      title: titleOf(text),
      target: join(dirname(document), file),
    })),
  );
  expect(titles.size).toBeGreaterThan(40);
  expect(links.filter(({ title }) => titles.has(title)).length).toBeGreaterThan(20);
  expect(links.filter(({ title, target }) => (titles.get(title) ?? target) !== target)).toEqual([]);
});

test.each(documentPages())(
  'each fence of %s runs in a test or has a reason: CONTRIBUTING.md, Documents',
  (page) => {
    expect(faultsOf(page)).toEqual([]);
  },
);

test('no document tells people to run the unrelated package of npm that is called bundles', () => {
  for (const document of documents) expect(read(document), document).not.toMatch(/npx (?:-\S+ )*bundles\b/);
});

test('README has the picture, the two lines, a project in six lines, the reasons, the recipes and the questions', () => {
  const text = read('README.md');
  const places = [
    '](docs/pictures/ensure.svg)',
    'npm ci && npm run ensure',
    'npm ci && npm test',
    'npx tekton-bundles init',
    '## Why not tkn and a script?',
    'docs/pictures/bench.svg',
    'ensure --profile pull-request` (`--no-push --on-different fallback`)',
    'ensure --profile release` (`--frozen --no-fallback`)',
    'ensure --profile local` (`--no-push`)',
    '| question | answer |',
    'docs/pictures/catalog-light.webp',
    '## Documentation',
  ].map((part) => text.indexOf(part));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((left, right) => left - right));
  expect(text.split('\n').length).toBeLessThan(130);
});

test('every picture of a document exists and has a text alternative', () => {
  const pictures = documents.flatMap((document) => {
    const text = prose(read(document));
    const written = [...text.matchAll(/!\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, alt, path]) => [path!, alt!]);
    const tags = [...text.matchAll(/<img\b[^>]*>/g)].map(([tag]) => [
      / src="([^"]+)"/.exec(tag)?.[1] ?? '',
      / alt="([^"]+)"/.exec(tag)?.[1] ?? '',
    ]);
    const sources = [...text.matchAll(/<source\b[^>]* srcset="([^"]+)"/g)].map(([, path]) => [
      path!,
      'as its img',
    ]);
    return [...written, ...tags, ...sources].map(([path, alt]) => ({ document, path: path!, alt: alt! }));
  });
  expect(pictures.length).toBeGreaterThanOrEqual(4);
  for (const { document, path, alt } of pictures) {
    expect(existsSync(join(root, dirname(document), path)), `${document}: ${path}`).toBe(true);
    expect(alt.length, `${document}: ${path}`).toBeGreaterThan(8);
  }
});

test('every exit status has a meaning', () => {
  const used = [...new Set([0, ...Object.values(exitCodes)])].sort((left, right) => left - right);
  expect(exitStatuses.map(([status]) => status)).toEqual(used);
});

test.each(Object.entries(referencePages))(
  '%s matches the tables of the program: npm run reference',
  (file, write) => {
    expect(read(file)).toBe(write(read(file)));
  },
);

test('each error code has one section, with exit status and remedy, in the page of its family', () => {
  const families = readdirSync(join(root, 'docs/reference/errors')).filter((file) => file !== 'README.md');
  const found = families.flatMap((file) =>
    read(`docs/reference/errors/${file}`)
      .split(/^## /m)
      .slice(1)
      .map((part) => [part.split('\n')[0] as ErrorCode, file.replace(/\.md$/, ''), part] as const),
  );
  expect(found.map(([code]) => code).sort()).toEqual([...errorCodes].sort());
  const index = read('docs/reference/errors/README.md');
  for (const [code, page, part] of found) {
    expect(errorPage(code)).toBe(`reference/errors/${page}`);
    expect(/^Exit status (\d+)\. \S.{20}/m.exec(part)?.[1], code).toBe(String(exitCodes[code]));
    expect(part, code).toMatch(/^\*What to do:\* \S.{8}/m);
    const row = `| [${code}](${page}.md#${code.toLowerCase()}) | ${exitCodes[code]} | `;
    expect(index.split(row)[1]?.split('\n')[0], code).toMatch(/^[A-Z`].{15,180}\. \|$/);
  }
});

test('every address of a document that the program prints leads to a page and a heading of it', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('version.ts'),
  );
  const called = sources.flatMap((file) =>
    [...read(join('src', file)).matchAll(/documentUrl\('([^']+)'(?:, '([^']+)')?\)/g)].map(
      ([, page, fragment]) => documentUrl(page!, fragment),
    ),
  );
  const explained = errorCodes.flatMap((code) => {
    const { url, means, remedy } = explainCode(code);
    return [url, ...addressesIn(`${means} ${remedy}`)];
  });
  const rules = (Object.keys(lintRules) as RuleName[]).flatMap((rule) => {
    const { url, example, instead } = explainRule(rule);
    return [url, ...addressesIn(`${example} ${instead}`)];
  });
  const addresses = new Set([...called, ...explained, ...rules]);
  expect(addresses.size).toBeGreaterThan(90);
  for (const address of addresses) {
    const [page = '', fragment] = address.slice(documentUrl('').length - '.md'.length).split('#');
    expect(documents, address).toContain(join('docs', page));
    if (fragment !== undefined) expect(anchorsOf(join(root, 'docs', page)), address).toContain(fragment);
  }
});

function addressesIn(text: string): string[] {
  const start = documentUrl('').slice(0, -'.md'.length);
  return text.split(/[\s()]+/).filter((word) => word.startsWith(start));
}

test('docs/dependencies.md gives a reason for each package, and for no other', () => {
  const { dependencies, peerDependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'peerDependencies' | 'devDependencies',
    Record<string, string>
  >;
  const [, runtime = '', optional = '', development = ''] = read('docs/dependencies.md').split(/^## .+$/m);
  const listed = (text: string) =>
    [...text.matchAll(/^\| `([^`]+)` \| \S.{10,} \|$/gm)].map((match) => match[1]);
  expect(listed(runtime).sort()).toEqual(Object.keys(dependencies).sort());
  const peers = Object.keys(peerDependencies).sort();
  expect(listed(optional).sort()).toEqual(peers);
  // Those are installed for development as well, in the same versions.
  expect(peers.map((name) => devDependencies[name])).toEqual(peers.map((name) => peerDependencies[name]));
  expect(listed(development).sort()).toEqual(
    Object.keys(devDependencies)
      .filter((name) => !peers.includes(name))
      .sort(),
  );
});

test('no page of docs/ has more than 1,500 words', () => {
  const pages = documents.filter((file) => file.startsWith('docs/'));
  // A word has a letter or a digit: the marks of a table are none.
  const isLong = (file: string) =>
    read(file)
      .split(/\s+/)
      .filter((word) => /[\p{L}\p{N}]/u.test(word)).length > 1_500;
  expect(pages.length).toBeGreaterThan(30);
  expect(pages.filter(isLong)).toEqual([]);
});

test('the glossary defines each word once', () => {
  const words = [...read('docs/reference/glossary.md').matchAll(/^- \*\*(.+?)\*\*: \S/gm)].map(
    (match) => match[1],
  );
  expect(words.length).toBeGreaterThan(30);
  expect(words).toEqual([...new Set(words)]);
});

test('docs/explanation/yaml.md names the values that we and Go judge differently, and no other', () => {
  const [, section] = read('docs/explanation/yaml.md').split(
    '## Values that Go and bundles judge differently\n',
  );
  const lines = section?.split('\n').filter((line) => line.startsWith('- '));
  expect(lines?.join('\n')).toBe(describeFieldDifferences());
  // The list may only shrink.
  expect(fieldDifferences.length).toBeLessThanOrEqual(1);
});
