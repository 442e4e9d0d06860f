import { createHash } from 'node:crypto';
import { type Html, html, trusted } from './html.js';
import { style } from './style.js';

export interface Shell {
  readonly title: string;
  /** The entry of the navigation that this is. */
  readonly current?: 'workflows' | 'audit';
  readonly body: Html;
  /** Of this program, never of data. */
  readonly script?: string;
  /** False for a file, which has no server to lead to. */
  readonly navigation?: boolean;
  readonly footer: string;
}

/** A whole page. */
export function page({ title, current, body, script, navigation = true, footer }: Shell): string {
  const link = (href: string, name: Shell['current'], text: string) =>
    html`<a href="${href}"${name === current && html` aria-current="page"`}>${text}</a>`;
  const policy = contentPolicy({ script, embedded: true });
  return html`${trusted('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<title>${title} · workflow catalog</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="site"><div>
${navigation ? html`<a class="brand" href="/">${mark}Workflow catalog</a>` : html`<span class="brand">${mark}Workflow catalog</span>`}
${navigation && html`<nav class="site" aria-label="Site">${link('/', 'workflows', 'Workflows')}${link('/audit', 'audit', 'Audit trail')}</nav>`}
</div></header>
<main id="main" tabindex="-1">
${body}
</main>
<footer class="site">${footer}</footer>
${script !== undefined && html`<script>${trusted(script)}</script>`}
</body>
</html>
`.markup;
}

/** Nothing from anywhere but the page itself, and of that only what this program wrote. */
export function contentPolicy({
  script,
  embedded = false,
}: {
  readonly script?: string | undefined;
  /** In the page itself, where some rules may not stand. */
  readonly embedded?: boolean;
}): string {
  return [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    script === undefined ? '' : `script-src '${hashOf(script)}'`,
    "form-action 'self'",
    embedded ? '' : "frame-ancestors 'none'",
  ]
    .filter((rule) => rule !== '')
    .join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

const mark = html`<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="2" y="3" width="8" height="7" rx="2"/><rect x="14" y="14" width="8" height="7" rx="2"/><path d="M10 6.5h3.5a3 3 0 0 1 3 3V14"/></svg>`;
