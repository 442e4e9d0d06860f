// Markdown as GitHub reads it, with links that lead to the pages of the site.
import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import MarkdownIt from 'markdown-it';
import { pageUrl, relativeUrl, root } from './pages.mjs';

/** A renderer for Eleventy. `pages` decides what is a page; other files of the repository are shown by its host. */
export function createMarkdown(pages, repository) {
  const md = new MarkdownIt({ html: true, linkify: true });
  // As GitHub: quay.io in a sentence is a host, not an address.
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  // GitHub reads indented code as code; Eleventy would turn that off.
  md.disable = undefined;
  md.core.ruler.push('anchors', giveAnchors);
  const { fence } = md.renderer.rules;
  // What scrolls has to be reachable by the keyboard.
  md.renderer.rules.fence = (...parts) => fence(...parts).replace(/^<pre/, '<pre tabindex="0"');
  md.renderer.rules.table_open = () => '<div class="scroll" tabindex="0"><table>\n';
  md.renderer.rules.table_close = () => '</table></div>\n';
  const known = new Set(pages.map(({ path }) => path));
  const render = md.render.bind(md);
  md.render = (text, data) => {
    const { path } = data.document;
    const html = render(text, data).replace(/<th>\s*<\/th>/g, '<td></td>');
    return html.replace(/\b(href|src|srcset)="([^"]*)"/g, (_all, name, link) => {
      return `${name}="${siteLink(link, path, known, repository)}"`;
    });
  };
  return md;
}

function siteLink(link, from, known, repository) {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i.test(link)) return link;
  const [, target = '', rest = ''] = /^([^#?]*)(.*)$/.exec(link) ?? [];
  const path = posix.join(posix.dirname(from), decodeURI(target)).replace(/\/$/, '');
  for (const page of [path, posix.join(path, 'README.md')])
    if (known.has(page)) return `${relativeUrl(pageUrl(from), pageUrl(page))}${rest}`;
  if (/\.(?:svg|png|webp)$/.test(path)) return `${relativeUrl(pageUrl(from), path)}${rest}`;
  const file = join(root, path);
  if (!existsSync(file)) throw new Error(`${from} links to ${link}, which does not exist`);
  return `${repository}/${statSync(file).isDirectory() ? 'tree' : 'blob'}/main/${path}${rest}`;
}

/** Ids of headings as GitHub makes them. */
function giveAnchors({ tokens }) {
  const used = new Map();
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const text = textOf(tokens[index + 1]);
    const id = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const times = used.get(id) ?? 0;
    used.set(id, times + 1);
    token.attrSet('id', times === 0 ? id : `${id}-${times}`);
  }
}

function textOf(inline) {
  return inline.children
    .filter(({ type }) => type === 'text' || type === 'code_inline')
    .map(({ content }) => content)
    .join('');
}

/** The sections of a rendered page, for the search: `{id, title, text}`. */
export function sectionsOf(html) {
  const parts = html.split(/(?=<h[1-6] id=")/);
  return parts.map((part) => {
    const [, id = '', title = ''] = /^<h[1-6] id="([^"]*)"[^>]*>([\s\S]*?)<\/h[1-6]>/.exec(part) ?? [];
    return { id, title: plain(title), text: plain(part.replace(/^<h[1-6][\s\S]*?<\/h[1-6]>/, '')) };
  });
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function plain(html) {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|#39);/g, (_all, name) => entities[name])
    .replace(/\s+/g, ' ')
    .trim();
}
