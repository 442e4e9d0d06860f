import { digestText, mandatoryChips, servedBadge, statusBadge, timeText } from './badges.js';
import { type Html, html } from './html.js';
import type { OverviewData, WorkflowRow } from './page-data.js';
import { pager } from './pager.js';

const statuses = ['active', 'disabled', 'deprecated', 'archived'] as const;

/** What the catalog holds: the latest version of each workflow. */
export function overviewBody(data: OverviewData): Html {
  const { rows, total, counts, query, status } = data;
  const filtered = query !== '' || status !== '';
  if (counts.versions === 0) return emptyCatalog;
  return html`<h1>Workflows</h1>
<p class="lead">The latest version of each workflow that is registered here.</p>
<ul class="facts"><li><b>${counts.workflows}</b><span>workflows</span></li><li><b>${counts.versions}</b><span>versions</span></li><li><b>${counts.events}</b><span>audit events</span></li></ul>
<section class="card" aria-label="Workflows">
<form class="search" role="search" action="/" method="get">
<label class="wide">Search by name, title, description or label<input type="search" name="q" value="${query}" maxlength="200" autocomplete="off"></label>
<label>Status<select name="status"><option value="">any</option>${statuses.map(
    (one) => html`<option${one === status && html` selected`}>${one}</option>`,
  )}</select></label>
<button>Search</button>
</form>
${
  rows.length === 0
    ? html`<div class="empty"><p>No workflow matches.</p><p><a href="/">Show all of them</a></p></div>`
    : workflowTable(rows, {
        caption: `${total} ${filtered ? 'found' : 'in all'}`,
        href: (row) => `/workflows/${row.workflow_id}`,
      })
}
${pager({ ...data, path: '/', parameters: { q: query, status } })}
</section>`;
}

/** The table alone; rows lead where `href` says. */
export function workflowTable(
  rows: readonly WorkflowRow[],
  { caption, href }: { readonly caption: string; readonly href: (row: WorkflowRow) => string },
): Html {
  return html`<p class="count" role="status">${caption}</p>
<div class="scroll" tabindex="0" role="group" aria-label="Table of workflows, scrollable"><table class="stack" role="table" aria-label="Workflows">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Workflow</th><th scope="col" role="columnheader">Version</th><th scope="col" role="columnheader">Status</th><th scope="col" role="columnheader">Labels</th><th scope="col" role="columnheader">Digest</th><th scope="col" role="columnheader">Registry</th><th scope="col" role="columnheader" class="tight">Registered (UTC)</th></tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) => html`<tr role="row">
<th scope="row" role="rowheader"><a class="title" href="${href(row)}">${row.name}</a><div class="under">${row.workflow_name}</div></th>
<td role="cell" class="tight">${row.version}${row.versions > 1 && html`<div class="under">of ${row.versions}</div>`}</td>
<td role="cell">${statusBadge(row.status)}</td>
<td role="cell" class="labels">${mandatoryChips(row.labels)}</td>
<td role="cell" class="tight">${digestText(row.container_image)}</td>
<td role="cell">${servedBadge(row.served)}</td>
<td role="cell" class="tight">${timeText(row.created_at)}</td></tr>
`,
  )}</tbody></table></div>`;
}

const emptyCatalog = html`<h1>Workflows</h1>
<section class="card empty">
<svg viewBox="0 0 48 48" aria-hidden="true"><rect x="6" y="8" width="14" height="11" rx="3"/><rect x="28" y="29" width="14" height="11" rx="3"/><path d="M20 13.5h9a6 6 0 0 1 6 6V29"/></svg>
<h2>Nothing is registered here yet</h2>
<p class="quiet">Declare a workflow in <code>bundles.yaml</code>, and let it be registered with this catalog:</p>
<pre><code>catalog: embedded</code></pre>
<p class="quiet">Then run <code>bundles ensure</code>, or <code>bundles register</code>.</p>
</section>`;
