import type { OverviewData, WorkflowRow } from './page-data.js';
import {
  clip,
  DigestText,
  MandatoryChips,
  Name,
  Pager,
  Scroll,
  ServedBadge,
  StatusBadge,
  Time,
} from './parts.js';
import { type PageOptions, page } from './shell.js';

const statuses = ['active', 'disabled', 'deprecated', 'archived'] as const;

/** What the catalog holds: the latest version of each workflow. */
export function overviewPage(data: OverviewData, { footer }: PageOptions): string {
  return page({ title: 'Workflows', current: 'workflows', body: <Overview data={data} />, footer });
}

function Overview({ data }: { readonly data: OverviewData }) {
  const { rows, total, counts, query, status } = data;
  if (counts.versions === 0) return <EmptyCatalog />;
  const filtered = query !== '' || status !== '';
  return (
    <>
      <h1>Workflows</h1>
      <p class="lead">The latest version of each workflow that is registered here.</p>
      <Facts {...counts} />
      <section class="card" aria-label="Workflows">
        <form class="search" role="search" action="/" method="get">
          <label class="wide">
            Search by name, title, description or label
            <input type="search" name="q" value={query} maxlength={200} autocomplete="off" />
          </label>
          <label>
            Status
            <select name="status">
              <option value="">any</option>
              {statuses.map((one) => (
                <option selected={one === status}>{one}</option>
              ))}
            </select>
          </label>
          <button type="submit">Search</button>
        </form>
        {rows.length === 0 ? (
          <div class="empty">
            <p>No workflow matches.</p>
            <p>
              <a href="/">Show all of them</a>
            </p>
          </div>
        ) : (
          <WorkflowTable
            rows={rows}
            caption={`${total} ${filtered ? 'found' : 'in all'}`}
            href={(row) => `/workflows/${row.workflow_id}`}
          />
        )}
        <Pager {...data} path="/" parameters={{ q: query, status }} />
      </section>
    </>
  );
}

/** How much there is. */
export function Facts({ workflows, versions, events }: OverviewData['counts']) {
  return (
    <ul class="facts">
      <li>
        <b>{workflows}</b>
        <span>workflows</span>
      </li>
      <li>
        <b>{versions}</b>
        <span>versions</span>
      </li>
      <li>
        <b>{events}</b>
        <span>audit events</span>
      </li>
    </ul>
  );
}

export interface WorkflowTableProps {
  readonly rows: readonly WorkflowRow[];
  readonly caption: string;
  /** Where a row leads; undefined: nowhere. */
  readonly href: (row: WorkflowRow) => string | undefined;
}

/** The roles are those that tables have by themselves, and lose on small screens, where rows are laid out as blocks. */
export function WorkflowTable({ rows, caption, href }: WorkflowTableProps) {
  const headings = ['Workflow', 'Version', 'Status', 'Labels', 'Digest', 'Registry'];
  return (
    <>
      <p class="count" role="status">
        {caption}
      </p>
      <Scroll label="Table of workflows">
        <table class="stack" role="table" aria-label="Workflows">
          <thead role="rowgroup">
            <tr role="row">
              {headings.map((heading) => (
                <th scope="col" role="columnheader">
                  {heading}
                </th>
              ))}
              <th scope="col" role="columnheader" class="tight">
                Registered (UTC)
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <TableRow row={row} href={href(row)} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}

function TableRow({ row, href }: { readonly row: WorkflowRow; readonly href: string | undefined }) {
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        {href === undefined ? (
          <Name text={row.name} className="title" />
        ) : (
          <a href={href}>
            <Name text={row.name} className="title" />
          </a>
        )}
        <div class="under">
          <Name text={row.workflow_name} />
        </div>
      </th>
      <td role="cell" class="tight">
        {clip(row.version, 50)}
        {row.versions > 1 && <div class="under">of {row.versions}</div>}
      </td>
      <td role="cell">
        <StatusBadge status={row.status} />
      </td>
      <td role="cell" class="labels">
        <MandatoryChips labels={row.labels} />
      </td>
      <td role="cell" class="tight">
        <DigestText image={row.container_image} />
      </td>
      <td role="cell">
        <ServedBadge served={row.served} />
      </td>
      <td role="cell" class="tight">
        <Time time={row.created_at} />
      </td>
    </tr>
  );
}

function EmptyCatalog() {
  return (
    <>
      <h1>Workflows</h1>
      <section class="card empty">
        <svg viewBox="0 0 48 48" aria-hidden="true">
          <rect x="6" y="8" width="14" height="11" rx="3" />
          <rect x="28" y="29" width="14" height="11" rx="3" />
          <path d="M20 13.5h9a6 6 0 0 1 6 6V29" />
        </svg>
        <h2>Nothing is registered here yet</h2>
        <p class="quiet">
          Declare a workflow in <code>bundles.yaml</code>, and let it be registered with this catalog:
        </p>
        <pre>
          <code>catalog: embedded</code>
        </pre>
        <p class="quiet">
          Then run <code>npx tekton-bundles ensure</code>, or <code>npx tekton-bundles register</code>.
        </p>
      </section>
    </>
  );
}
