import type { MandatoryLabels } from '../catalog/data-storage/data-storage-api.js';
import type { Served } from './page-data.js';

/**
 * Limits a registered text, which may have any length, to a number of characters. With the limits on lists, a page
 * stays below 2 MiB whatever the catalog holds.
 */
export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** A name of the machine kind, such as `restart-pod`. It stays on one line unless no screen is wide enough for it. */
export function Name({ text, className = '' }: { readonly text: string; readonly className?: string }) {
  return (
    <span class={`${text.length <= 40 ? 'name' : 'name long'} ${className}`.trim()}>{clip(text, 255)}</span>
  );
}

const servedTexts = {
  served: ['served', 'good'],
  kept: ['kept here', 'fair'],
  absent: ['not served', 'bad'],
  denied: ['access denied', 'fair'],
  unreachable: ['no answer', 'fair'],
  unpinned: ['not pinned', 'bad'],
  unknown: ['not asked', 'plain'],
} as const satisfies Readonly<Record<Served['state'], readonly [string, string]>>;

const statusTones: Readonly<Record<string, string>> = {
  active: 'good',
  disabled: 'bad',
  deprecated: 'fair',
  archived: 'plain',
};
const outcomeTones: Readonly<Record<string, string>> = { success: 'good', failure: 'bad', pending: 'fair' };

export function ServedBadge({ served: { state, note } }: { readonly served: Served }) {
  const [text, tone] = servedTexts[state];
  return (
    <span class={`badge ${tone}`} title={note && clip(note, 500)}>
      {text}
    </span>
  );
}

export function StatusBadge({ status }: { readonly status: string }) {
  return <span class={`badge ${statusTones[status] ?? 'plain'}`}>{clip(status, 40)}</span>;
}

export function OutcomeBadge({ outcome }: { readonly outcome: string }) {
  return <span class={`badge ${outcomeTones[outcome] ?? 'plain'}`}>{clip(outcome, 40)}</span>;
}

/** The mandatory labels in the order in which people ask for them, whatever order the database gives. */
export function MandatoryChips({ labels }: { readonly labels: MandatoryLabels }) {
  const { signal_type, severity, component, environment, priority } = labels;
  return <Chips labels={{ signal_type, severity, component, environment, priority }} />;
}

const mostChips = 50;

/** Labels as name and value. */
export function Chips({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(labels);
  return (
    <ul class="chips">
      {entries.slice(0, mostChips).map(([name, value]) => (
        <li>
          <span>{clip(name.replaceAll('_', ' '), 60)}</span> {value === '' ? '(empty)' : clip(value, 120)}
        </li>
      ))}
      {entries.length > mostChips && <li>{entries.length - mostChips} more</li>}
    </ul>
  );
}

/** To the minute, in UTC; the whole is in the attribute. */
export function Time({ time }: { readonly time: string | undefined }) {
  if (time === undefined) return <span class="quiet">unknown</span>;
  return <time datetime={clip(time, 40)}>{time.slice(0, 16).replace('T', ' ')}</time>;
}

/** The first digits of a digest, with the whole in the title. */
export function DigestText({ image }: { readonly image: string | undefined }) {
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(image ?? '')?.[1];
  if (digest === undefined) return <span class="quiet">no digest</span>;
  return <code title={digest}>{digest.slice(7, 19)}</code>;
}

export interface PagerProps {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
}

/** Links to the page before and after; nothing where one page holds all. */
export function Pager({ path, parameters, page, pageSize, total }: PagerProps) {
  const last = Math.max(1, Math.ceil(total / pageSize));
  if (last === 1) return null;
  const link = (to: number, text: string) => {
    if (to < 1 || to > last) return <span />;
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''));
    if (to > 1) query.set('page', String(to));
    return <a href={query.size > 0 ? `${path}?${query}` : path}>{text}</a>;
  };
  return (
    <nav class="pages" aria-label="Pages">
      {link(page - 1, '← Newer')}
      <span>
        page {page} of {last}
      </span>
      {link(page + 1, 'Older →')}
    </nav>
  );
}

/** What may be wider than the screen scrolls by itself, with the keyboard too. */
export function Scroll({ label, children }: { readonly label: string; readonly children?: unknown }) {
  return (
    <div class="scroll" tabindex={0} role="group" aria-label={`${label}, scrollable`}>
      {children as string}
    </div>
  );
}
