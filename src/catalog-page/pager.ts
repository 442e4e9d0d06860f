import { type Html, html } from './html.js';

export interface PagerOptions {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
}

/** Links to the page before and after; nothing where one page holds all. */
export function pager({ path, parameters, page, pageSize, total }: PagerOptions): Html | undefined {
  const last = Math.max(1, Math.ceil(total / pageSize));
  if (last === 1) return undefined;
  const link = (to: number, text: string) => {
    if (to < 1 || to > last) return html`<span></span>`;
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''));
    if (to > 1) query.set('page', String(to));
    return html`<a href="${query.size > 0 ? `${path}?${query}` : path}">${text}</a>`;
  };
  return html`<nav class="pages" aria-label="Pages">${link(page - 1, '← Newer')}<span>page ${page} of ${last}</span>${link(page + 1, 'Older →')}</nav>`;
}
