import { cutText, textWidth } from '../../bytes/text-width.js';
import type { HttpRequest } from '../../http/message.js';
import { formatByteSize, formatDuration } from './amounts.js';
import type { Screen } from './screen.js';

/** One thing that is waited for. */
export interface Waiting {
  since: number;
  /** Of anything that is not a request. */
  text?: string;
  readonly request?: Pick<HttpRequest, 'method' | 'url'>;
  /** Bytes of the request that went, of all it has. */
  sent: number;
  readonly toSend: number;
  received: number;
  toReceive: number;
  /** The progress of anything that is not a request; called each time it is drawn. */
  progress?: (() => Progress | undefined) | undefined;
}

/** A part of a whole, and both in words. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly text: string;
}

export interface WaitsView {
  readonly now: number;
  /** How often it was drawn before. */
  readonly frame: number;
  readonly head: string;
  /** Bytes of transfers that have ended. */
  readonly past: Bytes;
  readonly form: 'spinner' | 'lines';
  readonly screen: Screen;
}

export interface Bytes {
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
}

/** One line that names what has been waited for longest, with its bytes and its time, and how much else there is. */
export function showWaits(
  waiting: readonly Waiting[],
  { now, frame, head, past, form, screen }: WaitsView,
): string {
  const requests = waiting.filter(({ request }) => request);
  const first = requests[0] ?? waiting.at(-1);
  if (!first) return '';
  const { paint, clean, unicode, width } = screen;
  const others = requests.length > 1 ? `and ${requests.length - 1} more` : '';
  const progress = first.progress?.() ?? bytesOf(sumOf(requests, past));
  const bar = form === 'spinner' ? barOf(progress, unicode) : '';
  const before = [head, form === 'lines' ? 'waiting:' : ''];
  const after = [others, bar, progress.text, `(${formatDuration(now - first.since)})`];
  const joined = (parts: readonly string[]) => parts.filter((part) => part !== '').join(' ');
  // The last column stays free: some terminals begin a new line behind it. What is cut is the subject.
  const room = width - 5 - textWidth(joined(before)) - textWidth(joined(after));
  const subject = cutText(
    clean(subjectOf(first)),
    form === 'lines' ? Number.POSITIVE_INFINITY : Math.max(1, room),
  );
  const line = joined([...before, subject, ...after]);
  if (form === 'lines') return line;
  const signs = unicode ? '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏' : '|/-\\';
  return `${paint('cyan', signs[frame % signs.length] ?? '')} ${paint('dim', cutText(line, width - 3))}`;
}

const barWidth = 16;

/** How much is done; none where that is not known. */
function barOf({ done, total }: Progress, unicode: boolean): string {
  if (total === 0) return '';
  const full = Math.min(barWidth, Math.floor((done / total) * barWidth));
  const [on, off] = unicode ? ['█', '░'] : ['#', '.'];
  return on.repeat(full) + off.repeat(barWidth - full);
}

/** A smaller transfer ends before anyone could read its bar. */
const barFrom = 64 * 1024;

function bytesOf({ done, total }: Bytes): Progress {
  if (total >= barFrom) return { done, total, text: `${formatByteSize(done)} of ${formatByteSize(total)}` };
  return { done, total: 0, text: done >= barFrom ? formatByteSize(done) : '' };
}

/** Of nothing where nothing large is under way. */
function sumOf(requests: readonly Waiting[], past: Bytes): Bytes {
  let done = 0;
  let total = 0;
  for (const { sent, toSend, received, toReceive } of requests) {
    done += Math.min(sent, toSend) + received;
    total += toSend + toReceive;
  }
  if (Math.max(done, total) < barFrom) return { done: 0, total: 0 };
  return { done: done + past.done, total: total === 0 ? 0 : Math.max(total, done) + past.total };
}

/** What a request is for, by the API that its path belongs to. */
function subjectOf({ text, request, toSend }: Waiting): string {
  if (!request) return text ?? '';
  const { method, url } = request;
  const [, repository, kind, name = ''] =
    /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)(?:\/(.*))?$/.exec(url.pathname) ?? [];
  if (repository === undefined) return `waiting for ${url.host}`;
  if (kind === 'manifests' && /^sha(?:256|512)-/.test(name))
    return `asking ${url.host} for what is attached to ${repository}`;
  if (kind === 'manifests') {
    const tag = /^sha(?:256|512):/.test(name) ? repository : `${repository}:${name}`;
    return method === 'PUT' ? `putting ${tag} on ${url.host}` : `asking ${url.host} for ${tag}`;
  }
  if (toSend > 0) return `sending ${repository} to ${url.host}`;
  return method === 'GET'
    ? `reading ${repository} from ${url.host}`
    : `asking ${url.host} about ${repository}`;
}
