/** Every form in which a `Retry-After` header has been seen, for a server whose clock shows `now` (milliseconds). */
export function retryAfterForms(now: number): Readonly<Record<RetryAfterForm, string>> {
  return {
    seconds: '3',
    date: new Date(now + 5_000).toUTCString(),
    past: new Date(now - 60_000).toUTCString(),
    negative: '-30',
    fraction: '1.5',
    garbage: 'soon',
    empty: '',
    huge: '86400',
    enormous: '99999999999999999999',
  };
}

export type RetryAfterForm =
  | 'seconds'
  | 'date'
  | 'past'
  | 'negative'
  | 'fraction'
  | 'garbage'
  | 'empty'
  | 'huge'
  | 'enormous';
