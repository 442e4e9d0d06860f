import { createHash } from 'node:crypto';
import { raw } from 'hono/html';
import { style } from './style.js';

export interface Shell {
  readonly title: string;
  /** The entry of the navigation that this is. */
  readonly current?: 'workflows' | 'audit' | undefined;
  readonly body: unknown;
  /** Of this program, never of data. */
  readonly script?: string | undefined;
  /** False for a file, which has no server to lead to. */
  readonly navigation?: boolean | undefined;
  readonly footer: string;
}

export interface PageOptions {
  /** Stands under the page: what program, database and mode. */
  readonly footer: string;
}

/** A whole page. */
export function page(shell: Shell): string {
  return `<!doctype html>\n${<Page {...shell} />}\n`.replace(hidden, '\ufffd');
}

/** Control characters, and those that change the direction of text: they would disguise what a text contains. */
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function Page({ title, current, body, script, navigation = true, footer }: Shell) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content={contentPolicy({ script, embedded: true })} />
        <meta name="referrer" content="no-referrer" />
        <title>{title} · workflow catalog</title>
        <link rel="icon" href="data:," />
        <style>{raw(style)}</style>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="site">
          <div>
            {navigation ? (
              <a class="brand" href="/">
                <Mark />
                Workflow catalog
              </a>
            ) : (
              <span class="brand">
                <Mark />
                Workflow catalog
              </span>
            )}
            {navigation && (
              <nav class="site" aria-label="Site">
                <a href="/" aria-current={current === 'workflows' ? 'page' : undefined}>
                  Workflows
                </a>
                <a href="/audit" aria-current={current === 'audit' ? 'page' : undefined}>
                  Audit trail
                </a>
              </nav>
            )}
          </div>
        </header>
        <main id="main" tabindex={-1}>
          {body as string}
        </main>
        <footer class="site">{footer}</footer>
        {script !== undefined && <script>{raw(script)}</script>}
      </body>
    </html>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <rect x="2" y="3" width="8" height="7" rx="2" />
      <rect x="14" y="14" width="8" height="7" rx="2" />
      <path d="M10 6.5h3.5a3 3 0 0 1 3 3V14" />
    </svg>
  );
}

/** A page with a message instead of content: a title, a sentence, and a link. */
export function messagePage(title: string, sentence: string, { footer }: PageOptions): string {
  const body = (
    <section class="card empty">
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <circle cx="24" cy="24" r="17" />
        <path d="M24 15v11" />
        <path d="M24 32v.5" />
      </svg>
      <h1>{title}</h1>
      <p class="quiet">{sentence}</p>
      <p>
        <a href="/">Back to the workflows</a>
      </p>
    </section>
  );
  return page({ title, body, footer });
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
