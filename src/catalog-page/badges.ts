import type { MandatoryLabels } from '../catalog/data-storage-api.js';
import { type Html, html } from './html.js';
import type { Served } from './page-data.js';

const servedWords: Readonly<Record<Served['state'], string>> = {
  served: 'served',
  kept: 'kept here',
  absent: 'not served',
  denied: 'access denied',
  unreachable: 'no answer',
  unpinned: 'not pinned',
  unknown: 'not asked',
};
const servedTones: Readonly<Record<Served['state'], string>> = {
  served: 'good',
  kept: 'fair',
  absent: 'bad',
  denied: 'fair',
  unreachable: 'fair',
  unpinned: 'bad',
  unknown: 'plain',
};
const statusTones: Readonly<Record<string, string>> = {
  active: 'good',
  disabled: 'bad',
  deprecated: 'fair',
  archived: 'plain',
};
const outcomeTones: Readonly<Record<string, string>> = { success: 'good', failure: 'bad', pending: 'fair' };

export function servedBadge({ state, note }: Served): Html {
  return html`<span class="badge ${servedTones[state]}"${note !== undefined && html` title="${note}"`}>${servedWords[state]}</span>`;
}

export function statusBadge(status: string): Html {
  return html`<span class="badge ${statusTones[status] ?? 'plain'}">${status}</span>`;
}

export function outcomeBadge(outcome: string): Html {
  return html`<span class="badge ${outcomeTones[outcome] ?? 'plain'}">${outcome}</span>`;
}

/** The mandatory labels in the order in which people ask for them, whatever order the database gives. */
export function mandatoryChips(labels: MandatoryLabels): Html {
  const { signal_type, severity, component, environment, priority } = labels;
  return labelChips({ signal_type, severity, component, environment, priority });
}

/** Labels as name and value. */
export function labelChips(labels: Readonly<Record<string, string>>): Html {
  return html`<ul class="chips">${Object.entries(labels).map(
    ([name, value]) =>
      html`<li><span>${name.replaceAll('_', ' ')}</span> ${value === '' ? '(empty)' : value}</li>`,
  )}</ul>`;
}

/** To the minute, in UTC; the whole is in the attribute. */
export function timeText(time: string | undefined): Html {
  if (time === undefined) return html`<span class="quiet">unknown</span>`;
  return html`<time datetime="${time}">${time.slice(0, 16).replace('T', ' ')}</time>`;
}

/** The first digits of a digest, with the whole in the title. */
export function digestText(image: string | undefined): Html {
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(image ?? '')?.[1];
  if (digest === undefined) return html`<span class="quiet">no digest</span>`;
  return html`<code title="${digest}">${digest.slice(7, 19)}</code>`;
}
