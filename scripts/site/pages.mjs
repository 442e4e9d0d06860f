// The pages of the site: which documents, their titles, and the order and folders in which the navigation shows them.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const rootDocuments = readdirSync(root).filter((name) => name.endsWith('.md'));

/** Every document, by its path in the repository: `{path, url, title, text}`. */
export function readPages() {
  const paths = [...rootDocuments, ...markdownBelow('docs'), ...markdownBelow('examples')];
  return paths.map((path) => {
    const text = readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n');
    return { path, url: pageUrl(path), title: titleOf(text) ?? path, text };
  });
}

/** `docs/README.md` is the page `docs/index.html`, any other `x.md` is `x.html`. */
export function pageUrl(path) {
  return path.replace(/(^|\/)README\.md$/, '$1index.html').replace(/\.md$/, '.html');
}

/** From one page to another, or to a file beside them. */
export function relativeUrl(from, to) {
  return posix.relative(posix.dirname(from), to) || posix.basename(to);
}

/**
 * The navigation: a tree of folders, `{title, page, children}`. A folder has the title of its README.md. Pages are in the
 * order of the links of that README.md, or of the one above; those without a link follow by title.
 */
export function navigation(pages) {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  const docs = folder('docs', byPath);
  const others = rootDocuments
    .filter((path) => path !== 'README.md')
    .map((path) => byPath.get(path))
    .sort(byTitle);
  // What the index names before its first section comes first; other pages beside it are about the project.
  const first = linksOf(docs.page && { ...docs.page, text: docs.page.text.split(/^## /m)[0] });
  const beside = docs.children.filter(({ children }) => children.length === 0);
  const top = beside.filter(({ page }) => first.includes(page.path));
  const rest = beside.filter(({ page }) => !first.includes(page.path));
  const leaf = (path) => ({ title: byPath.get(path).title, page: byPath.get(path), children: [] });
  return [
    { ...leaf('README.md'), title: 'Overview' },
    ...(docs.page === undefined ? [] : [leaf(docs.page.path)]),
    ...top,
    ...docs.children.filter(({ children }) => children.length > 0),
    ...markdownBelow('examples').map(leaf),
    { title: 'Project', children: [...others.map(({ path }) => leaf(path)), ...rest].sort(byTitle) },
  ];
}

function folder(path, byPath, inherited = []) {
  const index = byPath.get(`${path}/README.md`);
  const order = [...linksOf(index), ...inherited];
  const names = readdirSync(join(root, path), { withFileTypes: true });
  const children = names.flatMap((entry) => {
    const inside = `${path}/${entry.name}`;
    if (entry.isDirectory()) return markdownBelow(inside).length > 0 ? [folder(inside, byPath, order)] : [];
    const page = byPath.get(inside);
    return page === undefined || page === index ? [] : [{ title: page.title, page, children: [] }];
  });
  const rank = ({ page, children: below }) => {
    const at = page === undefined ? -1 : order.indexOf(page.path);
    return Math.min(at < 0 ? order.length : at, ...below.map(rank));
  };
  children.sort((left, right) => rank(left) - rank(right) || byTitle(left, right));
  return { title: index?.title ?? folderTitle(path), page: index, children };
}

function linksOf(page) {
  const links = [...(page?.text ?? '').matchAll(/\]\(([^)#\s]+)/g)].map(([, link]) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => posix.join(dirname(page.path), link));
}

function byTitle(left, right) {
  return left.title.localeCompare(right.title, 'en', { numeric: true });
}

function folderTitle(path) {
  const name = posix.basename(path);
  return name === 'adr' ? 'Decisions' : `${name[0].toUpperCase()}${name.slice(1)}`;
}

function titleOf(text) {
  const heading = /^# (.+)$/m.exec(text.replace(/^```[\s\S]*?^```/gm, ''))?.[1];
  return heading?.replace(/[`*]/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}

function markdownBelow(directory) {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort();
}
