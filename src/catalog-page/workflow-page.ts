import { labelChips, mandatoryChips, outcomeBadge, servedBadge, statusBadge, timeText } from './badges.js';
import { graphSvg } from './graph-svg.js';
import { type Html, html } from './html.js';
import type { WorkflowData } from './page-data.js';

export interface WorkflowBodyOptions {
  /** Unique in the page. */
  readonly id: string;
  /** Where another version is, or undefined where the page has only this one. */
  readonly href?: (workflowId: string) => string;
  /** Default h1. */
  readonly heading?: 'h1' | 'h2';
}

/** One version of a workflow. */
export function workflowBody(data: WorkflowData, { id, href, heading = 'h1' }: WorkflowBodyOptions): Html {
  const { workflow, versions, served, graph, events } = data;
  return html`${heading === 'h1' ? html`<h1>${workflow.name}</h1>` : html`<h2 class="big">${workflow.name}</h2>`}
<p class="lead">${workflow.workflow_name} ${workflow.version} ${statusBadge(workflow.status)} ${
    workflow.is_latest_version && html`<span class="badge plain">latest</span>`
  }</p>
<section class="card" aria-labelledby="${id}-graph"><h2 id="${id}-graph">Task graph</h2>
${
  graph === undefined
    ? html`<p class="quiet">The Pipeline cannot be shown: ${served.note ?? 'its bundle cannot be read now'}.</p>`
    : graphSvg(graph, { id: `${id}-svg` })
}</section>
<div class="columns"><div>
<section class="card" aria-labelledby="${id}-about"><h2 id="${id}-about">What it does</h2><p>${workflow.description}</p>${mandatoryChips(workflow.labels)}${customLabels(data)}</section>
${parameterCard(data, id)}
<section class="card" aria-labelledby="${id}-content"><h2 id="${id}-content">Workflow schema</h2><details><summary>Show the document</summary><pre tabindex="0"><code>${workflow.content.slice(0, 200_000)}</code></pre></details></section>
</div><div>
<section class="card" aria-labelledby="${id}-bundle"><h2 id="${id}-bundle">Bundle</h2><dl>
<dt>Image</dt><dd><code>${workflow.container_image ?? 'none'}</code></dd>
<dt>Registry</dt><dd>${servedBadge(served)}${served.note !== undefined && html`<div class="under">${served.note}</div>`}</dd>
<dt>Engine</dt><dd>${workflow.execution_engine}</dd>
<dt>Content hash</dt><dd><code>${workflow.content_hash}</code></dd>
<dt>Id</dt><dd><code>${workflow.workflow_id}</code></dd>
<dt>Registered</dt><dd>${timeText(workflow.created_at)}</dd>
${workflow.disabled_at !== undefined && html`<dt>Disabled</dt><dd>${timeText(workflow.disabled_at)} ${workflow.disabled_by} <div class="under">${workflow.disabled_reason}</div></dd>`}
</dl></section>
<section class="card" aria-labelledby="${id}-versions"><h2 id="${id}-versions">Versions</h2><table class="narrow"><thead><tr><th scope="col">Version</th><th scope="col">Status</th><th scope="col">Registered</th></tr></thead><tbody>${versions.map(
    (version) =>
      html`<tr><th scope="row">${
        version.workflow_id === workflow.workflow_id || href === undefined
          ? html`<b>${version.version}</b>`
          : html`<a href="${href(version.workflow_id)}">${version.version}</a>`
      }</th><td>${statusBadge(version.status)}</td><td>${timeText(version.created_at)}</td></tr>`,
  )}</tbody></table></section>
<section class="card" aria-labelledby="${id}-events"><h2 id="${id}-events">Audit trail</h2>${
    events.length === 0
      ? html`<p class="quiet">No event names it.</p>`
      : html`<table class="narrow"><thead><tr><th scope="col">Time (UTC)</th><th scope="col">Event</th><th scope="col">Outcome</th></tr></thead><tbody>${events.map(
          (event) =>
            html`<tr><td>${timeText(event.event_timestamp)}</td><td>${event.event_type}</td><td>${outcomeBadge(event.event_outcome)}</td></tr>`,
        )}</tbody></table>`
  }</section>
</div></div>`;
}

function customLabels({ workflow: { custom_labels = {} } }: WorkflowData): Html | undefined {
  const entries = Object.entries(custom_labels);
  if (entries.length === 0) return undefined;
  return html`<h3>Labels of its own</h3>${labelChips(Object.fromEntries(entries.map(([name, values]) => [name, values.join(', ')])))}`;
}

type Fields = Readonly<Record<string, unknown>>;

function parameterCard({ workflow }: WorkflowData, id: string): Html {
  const { schema } = (workflow.parameters ?? {}) as { readonly schema?: { readonly parameters?: unknown } };
  const listed = Array.isArray(schema?.parameters) ? (schema.parameters as readonly unknown[]) : [];
  const parameters = listed.filter((one): one is Fields => typeof one === 'object' && one !== null);
  return html`<section class="card" aria-labelledby="${id}-parameters"><h2 id="${id}-parameters">Parameters</h2>${
    parameters.length === 0
      ? html`<p class="quiet">None are registered.</p>`
      : html`<div class="scroll" tabindex="0" role="group" aria-label="Table of parameters, scrollable"><table><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Required</th><th scope="col">Rules</th></tr></thead><tbody>${parameters.map(
          (
            parameter,
          ) => html`<tr><th scope="row"><code>${text(parameter.name)}</code><div class="under">${text(parameter.description)}</div></th>
<td>${text(parameter.type)}</td><td>${parameter.required === true ? 'yes' : 'no'}</td><td>${rules(parameter).join('; ') || '–'}</td></tr>`,
        )}</tbody></table></div>`
  }</section>`;
}

function rules(parameter: Fields): string[] {
  const names = ['default', 'enum', 'pattern', 'minimum', 'maximum', 'depends_on'] as const;
  return names.flatMap((name) => {
    const value = parameter[name];
    if (value === undefined || value === null) return [];
    const shown = Array.isArray(value) ? value.map(text).join(', ') : text(value);
    return [`${name.replace('_', ' ')} ${shown}`.slice(0, 500)];
  });
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
