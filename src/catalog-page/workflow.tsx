import { Graph } from './graph.js';
import type { WorkflowData } from './page-data.js';
import {
  Chips,
  clip,
  MandatoryChips,
  Name,
  OutcomeBadge,
  Scroll,
  ServedBadge,
  StatusBadge,
  Time,
} from './parts.js';
import { type PageOptions, page } from './shell.js';

export interface WorkflowProps {
  readonly data: WorkflowData;
  /** Unique in the page. */
  readonly id: string;
  /** Where another version is, or undefined where the page has only this one. */
  readonly href?: (workflowId: string) => string;
  /** Default h1. */
  readonly heading?: 'h1' | 'h2';
}

/** One version of a workflow, and the way to the others. */
export function workflowPage(data: WorkflowData, { footer }: PageOptions): string {
  const body = <WorkflowDetails data={data} id="workflow" href={(id) => `/workflows/${id}`} />;
  const { name, version } = data.workflow;
  return page({ title: `${clip(name, 255)} ${clip(version, 50)}`, current: 'workflows', body, footer });
}

/** Characters of the document that are shown. */
const mostContent = 32_000;
const mostVersions = 60;

export function WorkflowDetails({ data, id, href, heading = 'h1' }: WorkflowProps) {
  const { workflow, served, graph } = data;
  const title = clip(workflow.name, 255);
  return (
    <>
      {heading === 'h1' ? <h1>{title}</h1> : <h2 class="big">{title}</h2>}
      <p class="lead">
        <Name text={workflow.workflow_name} /> {clip(workflow.version, 50)}{' '}
        <StatusBadge status={workflow.status} />{' '}
        {workflow.is_latest_version && <span class="badge plain">latest</span>}
      </p>
      <Card id={`${id}-graph`} title="Task graph">
        {graph === undefined ? (
          <p class="quiet">
            The Pipeline cannot be shown: {clip(served.note ?? 'its bundle cannot be read now', 500)}.
          </p>
        ) : (
          <Graph graph={graph} id={`${id}-svg`} />
        )}
      </Card>
      <div class="columns">
        <div>
          <Card id={`${id}-about`} title="What it does">
            <p>{clip(workflow.description, 5_000)}</p>
            <MandatoryChips labels={workflow.labels} />
            <CustomLabels data={data} />
          </Card>
          <Parameters data={data} id={`${id}-parameters`} />
          <Card id={`${id}-content`} title="Workflow schema">
            <details>
              <summary>Show the document</summary>
              <pre tabindex={0}>
                <code>{clip(workflow.content, mostContent)}</code>
              </pre>
            </details>
          </Card>
        </div>
        <div>
          <BundleCard data={data} id={`${id}-bundle`} />
          <Versions data={data} id={`${id}-versions`} href={href} />
          <Events data={data} id={`${id}-events`} />
        </div>
      </div>
    </>
  );
}

interface PartProps {
  readonly data: WorkflowData;
  readonly id: string;
}

function Card({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children?: unknown;
}) {
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children as string}
    </section>
  );
}

/** What people copy is selected as a whole by one click: see `.whole` in the style. */
function BundleCard({ data: { workflow, served }, id }: PartProps) {
  return (
    <Card id={id} title="Bundle">
      <dl>
        <dt>Image</dt>
        <dd>
          <code class="whole">{clip(workflow.container_image ?? 'none', 1_000)}</code>
        </dd>
        <dt>Registry</dt>
        <dd>
          <ServedBadge served={served} />
          {served.note !== undefined && <div class="under">{clip(served.note, 500)}</div>}
        </dd>
        <dt>Engine</dt>
        <dd>{clip(workflow.execution_engine, 60)}</dd>
        <dt>Content hash</dt>
        <dd>
          <code class="whole">{clip(workflow.content_hash, 64)}</code>
        </dd>
        <dt>Id</dt>
        <dd>
          <code class="whole">{workflow.workflow_id}</code>
        </dd>
        <dt>Registered</dt>
        <dd>
          <Time time={workflow.created_at} />
        </dd>
        {workflow.disabled_at !== undefined && (
          <>
            <dt>Disabled</dt>
            <dd>
              <Time time={workflow.disabled_at} /> {clip(workflow.disabled_by ?? '', 255)}{' '}
              <div class="under">{clip(workflow.disabled_reason ?? '', 1_000)}</div>
            </dd>
          </>
        )}
      </dl>
    </Card>
  );
}

function Versions({ data, id, href }: PartProps & { readonly href: WorkflowProps['href'] }) {
  const { workflow, versions } = data;
  return (
    <Card id={id} title="Versions">
      <Scroll label="Table of versions">
        <table class="narrow">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Status</th>
              <th scope="col">Registered</th>
            </tr>
          </thead>
          <tbody>
            {versions.slice(0, mostVersions).map((version) => (
              <tr>
                <th scope="row">
                  {version.workflow_id === workflow.workflow_id || href === undefined ? (
                    <b>{clip(version.version, 50)}</b>
                  ) : (
                    <a href={href(version.workflow_id)}>{clip(version.version, 50)}</a>
                  )}
                </th>
                <td>
                  <StatusBadge status={version.status} />
                </td>
                <td>
                  <Time time={version.created_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {versions.length > mostVersions && (
        <p class="quiet">{versions.length - mostVersions} older versions are not shown.</p>
      )}
    </Card>
  );
}

function Events({ data: { events }, id }: PartProps) {
  return (
    <Card id={id} title="Audit trail">
      {events.length === 0 ? (
        <p class="quiet">No event names it.</p>
      ) : (
        <Scroll label="Table of events">
          <table class="narrow">
            <thead>
              <tr>
                <th scope="col">Event</th>
                <th scope="col">Outcome</th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => (
                <tr>
                  <th scope="row">
                    <Name text={event.event_type} />
                    <div class="under">
                      <Time time={event.event_timestamp} />
                    </div>
                  </th>
                  <td>
                    <OutcomeBadge outcome={event.event_outcome} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  );
}

function CustomLabels({ data: { workflow } }: { readonly data: WorkflowData }) {
  const entries = Object.entries(workflow.custom_labels ?? {});
  if (entries.length === 0) return null;
  return (
    <>
      <h3>Labels of its own</h3>
      <Chips labels={Object.fromEntries(entries.map(([name, values]) => [name, values.join(', ')]))} />
    </>
  );
}

type Fields = Readonly<Record<string, unknown>>;
const mostParameters = 80;

function Parameters({ data: { workflow }, id }: PartProps) {
  const { schema } = (workflow.parameters ?? {}) as { readonly schema?: { readonly parameters?: unknown } };
  const listed = Array.isArray(schema?.parameters) ? (schema.parameters as readonly unknown[]) : [];
  const parameters = listed.filter((one): one is Fields => typeof one === 'object' && one !== null);
  return (
    <Card id={id} title="Parameters">
      {parameters.length === 0 ? (
        <p class="quiet">None are registered.</p>
      ) : (
        <Scroll label="Table of parameters">
          <table>
            <thead>
              <tr>
                {['Name', 'Type', 'Required', 'Rules'].map((heading) => (
                  <th scope="col">{heading}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {parameters.slice(0, mostParameters).map((parameter) => (
                <tr>
                  <th scope="row">
                    <code>
                      <Name text={clip(text(parameter.name), 100)} />
                    </code>
                    <div class="under">{clip(text(parameter.description), 200)}</div>
                  </th>
                  <td>{clip(text(parameter.type), 30)}</td>
                  <td>{parameter.required === true ? 'yes' : 'no'}</td>
                  <td>{clip(rules(parameter).join('; ') || '–', 300)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {parameters.length > mostParameters && (
        <p class="quiet">{parameters.length - mostParameters} more are not shown.</p>
      )}
    </Card>
  );
}

function rules(parameter: Fields): string[] {
  const names = ['default', 'enum', 'pattern', 'minimum', 'maximum', 'depends_on'] as const;
  return names.flatMap((name) => {
    const value = parameter[name];
    if (value === undefined || value === null) return [];
    const shown = Array.isArray(value) ? value.map(text).join(', ') : text(value);
    return [clip(`${name.replace('_', ' ')} ${shown}`, 300)];
  });
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
