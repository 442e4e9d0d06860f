/** `1 object`, `2 objects`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `41 ms`, `0.8 s`, `12 s`, `2 min 5 s`, `1 h 2 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 95) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return withRest(`${minutes} min`, seconds % 60, 's');
  return withRest(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min');
}

function withRest(text: string, rest: number, unit: string): string {
  return rest === 0 ? text : `${text} ${rest} ${unit}`;
}

/** `123.4 MiB`. */
export function formatByteSize(bytes: number): string {
  const names = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let step = 0;
  while (size >= 1024 && step < names.length - 1) {
    size /= 1024;
    step++;
  }
  return `${step === 0 ? size : size.toFixed(1)} ${size === 1 && step === 0 ? 'byte' : names[step]}`;
}

/** The first 12 hex digits of a digest, as registries' pages show them. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** A text with its digests and hashes shortened. */
export function withShortDigests(text: string): string {
  return text.replace(/\b(?:sha256:)?([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1');
}

export interface Totals {
  /** What was gone through, e.g. `4 bundles`. */
  readonly what: string;
  readonly durationMs?: number;
  readonly requests?: number;
  /** Sent. */
  readonly bytes?: number;
  /** How many came to what; those with none are left out. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The last line of a result: `4 bundles in 0.8 s, 7 requests: 1 reused, 3 published`. */
export function totalsLine({ what, durationMs, requests, bytes, counts }: Totals): string {
  const head = [
    durationMs === undefined ? what : `${what} in ${formatDuration(durationMs)}`,
    ...(bytes === undefined ? [] : [`${formatByteSize(bytes)} sent`]),
    ...(requests === undefined ? [] : [count(requests, 'request')]),
  ].join(', ');
  const parts = Object.entries(counts).filter(([, number]) => number > 0);
  return parts.length === 0
    ? head
    : `${head}: ${parts.map(([word, number]) => `${number} ${word}`).join(', ')}`;
}
