// The static site of README and docs/, with search. Use: npm run site [-- --output DIRECTORY | --serve]
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Eleventy from '@11ty/eleventy';
import { buildSync } from 'esbuild';
import MiniSearch from 'minisearch';
import { createMarkdown, sectionsOf } from './markdown.mjs';
import { navigation, readPages, relativeUrl, root } from './pages.mjs';

const { values } = parseArgs({
  options: { output: { type: 'string', default: 'site' }, serve: { type: 'boolean', default: false } },
});
const theme = 'scripts/site/theme';
const output = relative(root, resolve(values.output));
// It is replaced as a whole, so it has to be new, empty or an earlier site.
if (
  existsSync(values.output) &&
  readdirSync(values.output).length > 0 &&
  !existsSync(join(values.output, 'assets/site.css'))
)
  throw new Error(`${values.output} holds something other than a site`);
process.chdir(root);
const { version, repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const host = repository.url.replace(/^git\+|\.git$/g, '');

rmSync(output, { recursive: true, force: true });
const site = new Eleventy(theme, output, { configPath: false, quietMode: true, config: configure });
if (values.serve) {
  await site.init();
  await site.watch();
  await site.serve(8080);
} else {
  await site.write();
}

function configure(eleventy) {
  eleventy.setQuietMode(true);
  eleventy.setUseGitIgnore(false);
  const pages = readPages();
  const tree = navigation(pages);
  const markdown = createMarkdown(pages, host);
  eleventy.setLibrary('md', markdown);
  eleventy.addGlobalData('version', version);
  for (const page of pages) {
    const data = {
      templateEngineOverride: 'md',
      layout: 'page.njk',
      permalink: page.url,
      document: page,
      title: page.title,
    };
    const text = page.text;
    eleventy.addTemplate(page.path, text, {
      ...data,
      navigation: placed(tree, page),
      up: '../'.repeat(page.url.split('/').length - 1),
    });
  }
  eleventy.addPassthroughCopy({ [`${theme}/assets/site.css`]: 'assets/site.css' });
  eleventy.addWatchTarget('docs/**/*.md', { resetConfig: true });
  eleventy.addWatchTarget('*.md', { resetConfig: true });
  eleventy.on('eleventy.after', () => {
    mkdirSync(join(output, 'assets'), { recursive: true });
    copyPictures();
    writeFileSync(join(output, 'assets/search.json'), JSON.stringify(searchIndex(pages, markdown)));
    buildSync({
      ...{ entryPoints: [`${theme}/assets/site.js`], outfile: join(output, 'assets/site.js') },
      ...{ bundle: true, minify: true, format: 'esm', target: 'es2022', logLevel: 'warning' },
    });
  });
}

/** Not by a pattern of Eleventy: it finds nothing below a directory that one may pass and not list. */
function copyPictures() {
  for (const name of readdirSync('docs', { recursive: true })) {
    if (!/\.(?:svg|png|webp)$/.test(name)) continue;
    mkdirSync(join(output, 'docs', dirname(name)), { recursive: true });
    copyFileSync(join('docs', name), join(output, 'docs', name));
  }
}

/** The navigation as one page sees it: links relative to it, and the folders that it is in open. */
function placed(entries, current) {
  return entries.map(({ title, page, children }) => {
    const below = placed(children, current);
    const isCurrent = page?.path === current.path;
    return {
      ...{ title, isCurrent, children: below },
      url: page && relativeUrl(current.url, page.url),
      isOpen: isCurrent || below.some((child) => child.isOpen),
    };
  });
}

function searchIndex(pages, markdown) {
  const index = new MiniSearch({
    fields: ['title', 'page', 'text'],
    storeFields: ['title', 'page', 'url', 'start'],
  });
  let id = 0;
  for (const page of pages)
    for (const section of sectionsOf(markdown.render(page.text, { document: page }))) {
      if (section.title === '' && section.text === '') continue;
      const url = section.id === '' ? page.url : `${page.url}#${section.id}`;
      const start = section.text.length > 160 ? `${section.text.slice(0, 160)}…` : section.text;
      index.add({ id: id++, title: section.title, page: page.title, text: section.text, url, start });
    }
  return index;
}
