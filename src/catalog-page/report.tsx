import { raw } from 'hono/html';
import { EventTable } from './audit.js';
import { Facts, WorkflowTable } from './overview.js';
import type { AuditData, WorkflowData } from './page-data.js';
import { page } from './shell.js';
import { WorkflowDetails } from './workflow.js';

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

/** Bytes of all details together. A browser still opens such a file at once. */
const mostDetails = 24 * 1024 * 1024;

/** The catalog as one file that needs nothing else: search works in it, and nothing is loaded from anywhere. */
export function reportPage({ source, time, workflows, audit, footer }: ReportData): string {
  const articles = renderArticles(workflows);
  const rows = workflows.map(({ workflow, versions, served }) => ({
    ...workflow,
    versions: versions.length,
    served,
  }));
  const versions = workflows.reduce((sum, one) => sum + one.versions.length, 0);
  const body = (
    <>
      <h1>Workflows</h1>
      <p class="lead">
        Of {source}, as they were at {time.slice(0, 16).replace('T', ' ')} UTC.
      </p>
      <Facts workflows={workflows.length} versions={versions} events={audit.total} />
      <section class="card" aria-label="Workflows">
        <form class="search" role="search" id="filter" hidden>
          <label class="wide">
            Search by name, title or label
            <input type="search" id="filter-text" autocomplete="off" />
          </label>
        </form>
        {workflows.length === 0 ? (
          <p class="quiet">Nothing is registered there.</p>
        ) : (
          <WorkflowTable
            rows={rows}
            caption={`${workflows.length} in all`}
            href={({ workflow_id }) =>
              articles.has(workflow_id) ? `#${articles.get(workflow_id)?.id}` : undefined
            }
          />
        )}
        {articles.size < workflows.length && (
          <p class="quiet">
            Details are shown of the newest {articles.size} alone: more would make a file that no browser
            likes.
          </p>
        )}
      </section>
      {[...articles.values()].map(({ markup }) => raw(markup))}
      <section class="card" aria-labelledby="audit">
        <h2 id="audit">Audit trail</h2>
        {audit.events.length === 0 ? <p class="quiet">No event is recorded.</p> : <EventTable {...audit} />}
      </section>
    </>
  );
  return page({ title: 'Workflows', body, script, navigation: false, footer });
}

/** By the workflow's id: the details of as many as there is room for. */
function renderArticles(
  workflows: readonly WorkflowData[],
): ReadonlyMap<string, { readonly id: string; readonly markup: string }> {
  const articles = new Map<string, { readonly id: string; readonly markup: string }>();
  let left = mostDetails;
  for (const [index, data] of workflows.entries()) {
    const id = `workflow-${index + 1}`;
    const markup = String(
      <article id={id}>
        <WorkflowDetails data={data} id={id} heading="h2" />
      </article>,
    );
    left -= Buffer.byteLength(markup);
    if (left < 0) break;
    articles.set(data.workflow.workflow_id, { id, markup });
  }
  return articles;
}

/** Shows the rows and articles whose text holds what is typed. Without scripts all of them stay. */
const script = `
const form=document.getElementById('filter'),field=document.getElementById('filter-text');
const rows=[...document.querySelectorAll('tbody tr[role=row]')].map((row)=>({row,article:document.getElementById(row.querySelector('a')?.getAttribute('href')?.slice(1)??'')}));
const caption=document.querySelector('p[role=status]');
if(form&&field&&rows.length>0){form.hidden=false;form.addEventListener('submit',(event)=>event.preventDefault());
field.addEventListener('input',()=>{const wanted=field.value.trim().toLowerCase();let shown=0;
for(const {article,row} of rows){const is=wanted===''||row.textContent.toLowerCase().includes(wanted);if(is)shown++;if(article)article.hidden=!is;row.hidden=!is}
if(caption)caption.textContent=wanted===''?rows.length+' in all':shown+' found'})}
`;
