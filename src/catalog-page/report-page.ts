import { eventTable } from './audit-page.js';
import { html } from './html.js';
import { workflowTable } from './overview-page.js';
import type { AuditData, WorkflowData } from './page-data.js';
import { page } from './shell.js';
import { workflowBody } from './workflow-page.js';

export interface ReportData {
  /** Where it was read, e.g. the address of the catalog. */
  readonly source: string;
  /** RFC 3339. */
  readonly time: string;
  /** The latest version of each workflow, newest first. */
  readonly workflows: readonly WorkflowData[];
  readonly audit: Pick<AuditData, 'events' | 'total'>;
  readonly footer: string;
}

/** The catalog as one file that needs nothing else: search works in it, and nothing is loaded from anywhere. */
export function reportPage({ source, time, workflows, audit, footer }: ReportData): string {
  const ids = new Map(
    workflows.map(({ workflow }, index) => [workflow.workflow_id, `workflow-${index + 1}`]),
  );
  const rows = workflows.map(({ workflow, versions, served }) => ({
    ...workflow,
    versions: versions.length,
    served,
  }));
  const versions = workflows.reduce((sum, one) => sum + one.versions.length, 0);
  const body = html`<h1>Workflows</h1>
<p class="lead">Of ${source}, as they were at ${time.slice(0, 16).replace('T', ' ')} UTC.</p>
<ul class="facts"><li><b>${workflows.length}</b><span>workflows</span></li><li><b>${versions}</b><span>versions</span></li><li><b>${audit.total}</b><span>audit events</span></li></ul>
<section class="card" aria-label="Workflows">
<form class="search" role="search" id="filter" hidden><label class="wide">Search by name, title or label<input type="search" id="filter-text" autocomplete="off"></label></form>
${
  workflows.length === 0
    ? html`<p class="quiet">Nothing is registered there.</p>`
    : workflowTable(rows, {
        caption: `${workflows.length} in all`,
        href: (row) => `#${ids.get(row.workflow_id) ?? ''}`,
      })
}
</section>
${workflows.map((data) => {
  const id = ids.get(data.workflow.workflow_id) ?? '';
  return html`<article id="${id}">${workflowBody(data, { id, heading: 'h2' })}</article>`;
})}
<section class="card" aria-labelledby="audit"><h2 id="audit">Audit trail</h2>${
    audit.events.length === 0 ? html`<p class="quiet">No event is recorded.</p>` : eventTable(audit)
  }</section>`;
  return page({ title: 'Workflows', body, script, navigation: false, footer });
}

/** Shows the rows and articles whose text holds what is typed. Without scripts all of them stay. */
const script = `
const form=document.getElementById('filter'),field=document.getElementById('filter-text');
const rows=[...document.querySelectorAll('article')].map((article)=>({article,row:document.querySelector('a[href="#'+article.id+'"]')?.closest('tr')}));
const caption=document.querySelector('p[role=status]');
if(form&&field&&rows.length>0){form.hidden=false;form.addEventListener('submit',(event)=>event.preventDefault());
field.addEventListener('input',()=>{const wanted=field.value.trim().toLowerCase();let shown=0;
for(const {article,row} of rows){const is=wanted===''||(row?.textContent??'').toLowerCase().includes(wanted);if(is)shown++;article.hidden=!is;if(row)row.hidden=!is}
if(caption)caption.textContent=wanted===''?rows.length+' in all':shown+' found'})}
`;
