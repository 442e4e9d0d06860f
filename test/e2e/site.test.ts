import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.js';

const root = join(import.meta.dirname, '../..');
const built = tempDir('site-');
const pages = new Map<string, string>();

beforeAll(async () => {
  const program = join(root, 'scripts/site/site.mjs');
  await promisify(execFile)(process.execPath, [program, '--output', built.path], { cwd: root });
  for (const name of readdirSync(built.path, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.html'))
      pages.set(name.replaceAll('\\', '/'), readFileSync(join(built.path, name), 'utf8'));
}, 120_000);

afterAll(() => built[Symbol.asyncDispose]());

/** A file that is not a page, as the host of the repository shows it. */
const shownFile = /^https:\/\/[^/]+\/[^/]+\/[^/]+\/(?:blob|tree)\/main\/([^#]+)/;

test('every document is a page, and each is in the navigation of every page', () => {
  const documents = ['docs', 'examples'].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' }).map((name) =>
      posix.join(directory, name.replaceAll('\\', '/')),
    ),
  );
  const wanted = [...readdirSync(root), ...documents]
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules/'))
    .map((name) => name.replace(/(^|\/)README\.md$/, '$1index.md').replace(/md$/, 'html'));
  expect([...pages.keys()].sort()).toEqual(wanted.sort());
  for (const [page, html] of pages) {
    const [, navigation = ''] = /<nav[\s\S]*?>([\s\S]*?)<\/nav>/.exec(html) ?? [];
    const links = [...navigation.matchAll(/href="([^"]+)"/g)].map(([, link = '']) => resolved(page, link));
    expect(links.sort(), page).toEqual([...pages.keys()].sort());
    expect(navigation.match(/aria-current/g), page).toHaveLength(1);
  }
});

test('no link of the site is dead: pages, anchors, pictures and files of the repository', () => {
  const ids = new Map(
    [...pages].map(([page, html]) => [
      page,
      new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)),
    ]),
  );
  const dead: string[] = [];
  for (const [page, html] of pages)
    for (const [, link = ''] of html.matchAll(/ (?:href|src|srcset)="([^"]*)"/g)) {
      const file = shownFile.exec(link)?.[1];
      if (file !== undefined) {
        if (!existsSync(join(root, file))) dead.push(`${page}: ${link}`);
      } else if (!/^(?:https?|mailto|data):/.test(link)) {
        const [path = '', id = ''] = link.split('#');
        const target = path === '' ? page : resolved(page, path);
        const isThere =
          existsSync(join(built.path, target)) &&
          !relative(built.path, join(built.path, target)).startsWith('..');
        if (!isThere || (id !== '' && !ids.get(target)?.has(decodeURIComponent(id))))
          dead.push(`${page}: ${link}`);
      }
    }
  expect(dead).toEqual([]);
});

test('pages load nothing from another host, and run no script of their own', () => {
  for (const [page, html] of pages) {
    expect(html, page).not.toMatch(
      /<(?:img|script|link|source|iframe)\b[^>]*(?:src|href|srcset)="(?:https?:)?\/\//,
    );
    expect(html.match(/<script\b[^>]*>/g), page).toEqual([expect.stringContaining('assets/site.js')]);
    expect(html, page).not.toMatch(/\son[a-z]+="/);
  }
});

test('the search has every heading of a page, with the address of its section', () => {
  const { storedFields } = JSON.parse(readFileSync(join(built.path, 'assets/search.json'), 'utf8')) as {
    storedFields: Record<string, { title: string; url: string }>;
  };
  const urls = new Set(Object.values(storedFields).map(({ url }) => url));
  for (const [page, html] of pages) {
    const [, main = ''] = /<main[^>]*>([\s\S]*)<\/main>/.exec(html) ?? [];
    for (const [, id] of main.matchAll(/<h[1-6] id="([^"]+)"/g)) expect(urls).toContain(`${page}#${id}`);
  }
});

function resolved(page: string, link: string): string {
  return posix.join(posix.dirname(page), decodeURI(link.replace(/#.*$/, '')));
}
