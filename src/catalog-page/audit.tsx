import type { AuditData } from './page-data.js';
import { clip, Name, OutcomeBadge, Pager, Scroll, Time } from './parts.js';
import { type PageOptions, page } from './shell.js';

const categories = [
  ...(['analysis', 'execution', 'gateway', 'notification'] as const),
  ...(['orchestration', 'signalprocessing', 'workflow'] as const),
];
const outcomes = ['success', 'failure', 'pending'] as const;
/** Characters of an event's data that are shown. */
const mostData = 2_000;

/** The audit trail, latest first. */
export function auditPage(data: AuditData, { footer }: PageOptions): string {
  return page({ title: 'Audit trail', current: 'audit', body: <AuditTrail data={data} />, footer });
}

function AuditTrail({ data }: { readonly data: AuditData }) {
  const { events, total, filters } = data;
  const unfiltered = Object.values(filters).every((value) => value === '');
  return (
    <>
      <h1>Audit trail</h1>
      <p class="lead">What happened, latest first.</p>
      <section class="card" aria-label="Events">
        <form class="search" role="search" action="/audit" method="get">
          <label class="wide">
            Correlation id
            <input
              type="search"
              name="correlation_id"
              value={filters.correlation_id}
              maxlength={255}
              autocomplete="off"
            />
          </label>
          <Choice
            name="event_category"
            label="Category"
            values={categories}
            chosen={filters.event_category}
          />
          <Choice name="event_outcome" label="Outcome" values={outcomes} chosen={filters.event_outcome} />
          <button type="submit">Filter</button>
        </form>
        {events.length === 0 ? (
          <div class="empty">
            <p>{total === 0 && unfiltered ? 'No event is recorded yet.' : 'No event matches.'}</p>
          </div>
        ) : (
          <EventTable events={events} total={total} />
        )}
        <Pager {...data} path="/audit" parameters={filters} />
      </section>
    </>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly values: readonly string[];
  readonly chosen: string | undefined;
}

function Choice({ name, label, values, chosen }: ChoiceProps) {
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">any</option>
        {values.map((value) => (
          <option selected={value === chosen}>{value}</option>
        ))}
      </select>
    </label>
  );
}

export function EventTable({ events, total }: Pick<AuditData, 'events' | 'total'>) {
  return (
    <Scroll label="Table of events">
      <table>
        <caption role="status">{total} in all</caption>
        <thead>
          <tr>
            <th scope="col" class="tight">
              Time (UTC)
            </th>
            {['Event', 'Outcome', 'Resource', 'Actor', 'Correlation', 'Data'].map((heading) => (
              <th scope="col">{heading}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr>
              <td class="tight">
                <Time time={event.event_timestamp} />
              </td>
              <th scope="row">
                <Name text={event.event_type} className="title" />
                <div class="under">{clip(event.event_category, 50)}</div>
              </th>
              <td>
                <OutcomeBadge outcome={event.event_outcome} />
              </td>
              <td class="under">
                {clip(event.resource_type ?? '', 60)} <Name text={event.resource_id ?? ''} />
              </td>
              <td class="under">
                <Name text={event.actor_id ?? ''} />
              </td>
              <td class="under">
                <Name text={event.correlation_id} />
              </td>
              <td>
                <details>
                  <summary>Show</summary>
                  <pre tabindex={0}>
                    <code>{clip(JSON.stringify(event.event_data, null, 2), mostData)}</code>
                  </pre>
                </details>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
