import { type Html, html } from './html.js';

/** What to say instead of a page: a title, a sentence, and a way on. */
export function messageBody(title: string, sentence: string): Html {
  return html`<section class="card empty">
<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="17"/><path d="M24 15v11"/><path d="M24 32v.5"/></svg>
<h1>${title}</h1><p class="quiet">${sentence}</p><p><a href="/">Back to the workflows</a></p></section>`;
}
