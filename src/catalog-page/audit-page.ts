import { outcomeBadge, timeText } from './badges.js';
import { type Html, html } from './html.js';
import type { AuditData } from './page-data.js';
import { pager } from './pager.js';

const categories = [
  ...(['analysis', 'execution', 'gateway', 'notification'] as const),
  ...(['orchestration', 'signalprocessing', 'workflow'] as const),
];
const outcomes = ['success', 'failure', 'pending'] as const;

/** The audit trail, latest first. */
export function auditBody(data: AuditData): Html {
  const { events, total, filters } = data;
  const choice = (name: string, label: string, values: readonly string[]) =>
    html`<label>${label}<select name="${name}"><option value="">any</option>${values.map(
      (value) => html`<option${value === filters[name] && html` selected`}>${value}</option>`,
    )}</select></label>`;
  return html`<h1>Audit trail</h1>
<p class="lead">What happened, latest first.</p>
<section class="card" aria-label="Events">
<form class="search" role="search" action="/audit" method="get">
<label class="wide">Correlation id<input type="search" name="correlation_id" value="${filters.correlation_id}" maxlength="255" autocomplete="off"></label>
${choice('event_category', 'Category', categories)}${choice('event_outcome', 'Outcome', outcomes)}
<button>Filter</button>
</form>
${events.length === 0 ? html`<div class="empty"><p>No event ${total === 0 && Object.values(filters).every((value) => value === '') ? 'is recorded yet' : 'matches'}.</p></div>` : eventTable(data)}
${pager({ ...data, path: '/audit', parameters: filters })}
</section>`;
}

export function eventTable({ events, total }: Pick<AuditData, 'events' | 'total'>): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Table of events, scrollable"><table>
<caption role="status">${total} in all</caption>
<thead><tr><th scope="col" class="tight">Time (UTC)</th><th scope="col">Event</th><th scope="col">Outcome</th><th scope="col">Resource</th><th scope="col">Actor</th><th scope="col">Correlation</th><th scope="col">Data</th></tr></thead>
<tbody>${events.map(
    (event) => html`<tr><td class="tight">${timeText(event.event_timestamp)}</td>
<th scope="row"><span class="title">${event.event_type}</span><div class="under">${event.event_category}</div></th>
<td>${outcomeBadge(event.event_outcome)}</td>
<td class="under">${event.resource_type} ${event.resource_id}</td>
<td class="under">${event.actor_id}</td>
<td class="under">${event.correlation_id}</td>
<td><details><summary>Show</summary><pre tabindex="0"><code>${JSON.stringify(event.event_data, null, 2).slice(0, 10_000)}</code></pre></details></td></tr>
`,
  )}</tbody></table></div>`;
}
