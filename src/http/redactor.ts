/** Finds the secrets of a run in text from outside. */
export interface Redactor {
  /** Takes over the secrets of a source; what it gives later is taken over before the next text. */
  hide(source: () => Iterable<string>): void;
  /** Names, references and words of our own: a secret that is a part of them changes none of them. */
  keep(values: Iterable<string>): void;
  /** Each secret as `***`. `key`: the name of the field that holds the text. */
  redact(text: string, options?: { readonly key?: string }): string;
}

/** Shorter ones would hide half the text: they are replaced only where they are in the place of a credential. */
const shortest = 8;

/** Of a secret that was cut off, this much is enough to be hidden. */
const shortestPart = 6;

interface Source {
  readonly give: () => Iterable<string>;
  /** What it gave the last time. */
  count: number;
  last: string | undefined;
}

/** A redactor without secrets, which costs nothing until one is added. */
export function createRedactor(): Redactor {
  const sources: Source[] = [];
  const known = new Set<string>();
  const kept = new Set<string>();
  const long = new Map<number, string[]>();
  const short = new Set<string>();
  /** Whether a secret begins with two characters of this hash: a quick look at each place of a text. */
  let starts: Uint8Array | undefined;

  const add = (text: string) => {
    if (text.length < shortest) {
      if (text !== '') short.add(text);
      return;
    }
    const hash = hashAt(text, 0);
    const needles = long.get(hash);
    if (needles) needles.push(text);
    else long.set(hash, [text]);
    starts ??= new Uint8Array(65_536);
    starts[pairHash(text.charCodeAt(0), text.charCodeAt(1))] = 1;
  };
  const refresh = () => {
    const before = known.size;
    for (const source of sources) {
      const given = source.give();
      const secrets: readonly string[] = Array.isArray(given) ? given : [...given];
      // Sources only grow, and this is called for each line: an unchanged source is skipped.
      if (secrets.length === source.count && secrets.at(-1) === source.last) continue;
      source.count = secrets.length;
      source.last = secrets.at(-1);
      for (const secret of secrets) {
        if (known.has(secret)) continue;
        known.add(secret);
        for (const form of new Set(formsOf(secret))) add(form);
      }
    }
    if (known.size === before) return;
    // The longest first, so that no rest of it is left behind a shorter one.
    for (const needles of long.values()) needles.sort((one, other) => other.length - one.length);
  };
  const isKept = (text: string, start: number, end: number) =>
    withinDigest(text, start, end) || within(kept, text, { start, end });

  const redactLong = (text: string): string => {
    if (!starts) return text;
    let out = '';
    let done = 0;
    let code = text.charCodeAt(0);
    for (let at = 0; at <= text.length - shortest; at++) {
      const next = text.charCodeAt(at + 1);
      const isStart = starts[pairHash(code, next)] === 1;
      code = next;
      if (!isStart) continue;
      const found = long.get(hashAt(text, at))?.find((needle) => text.startsWith(needle, at));
      if (found === undefined) continue;
      const end = at + found.length;
      if (isKept(text, at, end) && !isCredential(text, at, end)) continue;
      out += `${text.slice(done, at)}***`;
      done = end;
      at = end - 1;
      code = text.charCodeAt(end);
    }
    return done === 0 ? text : out + text.slice(done);
  };
  const redactShort = (text: string): string => {
    let safe = text;
    for (const secret of short) {
      for (let at = safe.indexOf(secret); at >= 0; at = safe.indexOf(secret, at + 1)) {
        if (!isCredential(safe, at, at + secret.length)) continue;
        safe = `${safe.slice(0, at)}***${safe.slice(at + secret.length)}`;
        at += 2;
      }
    }
    return safe;
  };
  return {
    hide: (give) => void sources.push({ give, count: 0, last: undefined }),
    keep(values) {
      for (const value of values) if (value.length >= shortest) kept.add(value);
    },
    redact(text, { key } = {}) {
      if (sources.length === 0) return text;
      refresh();
      if (known.size === 0) return text;
      if (key !== undefined && credentialKey.test(key) && (short.has(text) || known.has(text))) return '***';
      const whole = redactLong(text);
      const parts = whole.includes('…') ? redactParts(whole, long.values()) : whole;
      return short.size === 0 ? parts : redactShort(parts);
    },
  };
}

/** Takes the secrets of one source out of texts. */
export function hiding(source: () => Iterable<string>): (text: string) => string {
  const redactor = createRedactor();
  redactor.hide(source);
  return (text) => redactor.redact(text);
}

function pairHash(one: number, next: number): number {
  return (one * 127 + next) & 0xffff;
}

/** Hashes some of the first eight characters, which is enough to distinguish tokens. */
function hashAt(text: string, at: number): number {
  const first = Math.imul(text.charCodeAt(at), 31) + text.charCodeAt(at + 1);
  const next = Math.imul(text.charCodeAt(at + 3), 7) + Math.imul(text.charCodeAt(at + 5), 3);
  return (Math.imul(first, 127) + next + text.charCodeAt(at + 7)) & 0xffff;
}

/** A secret as it may come back: itself, within JSON, in a URL or form, in base64 alone or behind something else. */
function* formsOf(secret: string): Iterable<string> {
  for (const line of secret.split(/[\r\n]+/)) {
    if (line.trim() === '') continue;
    // As it is after controls were taken out of the text around it.
    const shown = line.replace(/\p{Surrogate}/gu, '\ufffd');
    const percent = encodeURIComponent(shown);
    yield line;
    yield JSON.stringify(line).slice(1, -1);
    yield percent;
    yield percent.replace(/%../g, (code) => code.toLowerCase());
    yield percent.replace(/%20/g, '+');
  }
  const bytes = Buffer.from(secret);
  for (const offset of [0, 1, 2]) {
    // Behind other text, the characters at both ends hold bits of that too.
    const base64 = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const start = offset === 0 ? 0 : offset + 1;
    const text = base64.slice(start, (offset + bytes.length) % 3 === 0 ? undefined : base64.indexOf('=') - 1);
    yield text;
    yield text.replaceAll('+', '-').replaceAll('/', '_');
  }
  yield bytes.toString('base64');
}

/** Whether the place is a part of a digest, or of the twelve digits that stand for one: those are computed here. */
function withinDigest(text: string, start: number, end: number): boolean {
  if (end - start > 15 || !/^[0-9a-f]+$/.test(text.slice(start, end))) return false;
  let first = start;
  let last = end;
  while (isHex(text.charCodeAt(first - 1))) first--;
  while (isHex(text.charCodeAt(last))) last++;
  // Twelve digits that are the whole secret are the secret.
  if (first === start && last === end) return false;
  return last - first === 64 || last - first === 12;
}

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
}

/** Whether one of the values is around the place. */
function within(
  values: ReadonlySet<string>,
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  const secret = text.slice(start, end);
  for (const value of values) {
    for (let at = value.indexOf(secret); at >= 0; at = value.indexOf(secret, at + 1)) {
      if (start >= at && text.startsWith(value, start - at)) return true;
    }
  }
  return false;
}

const credentialKey = /^(?:authorization|pass(?:word|wd|phrase)?|pwd|.*(?:token|secret))$/i;

const beforeCredential =
  /(?:authorization["']?\s*[:=]\s*["']?(?:[a-z]+\s+)?|\b(?:basic|bearer)\s+|(?:pass(?:word|wd|phrase)?|pwd|token|secret|api[-_]?key)["']?\s*[:=]\s*["']?|:\/\/[^\s/@:]*:)$/i;

/** Whether the place is where a credential is: `Authorization: Basic …`, `password=…`, `user:…@`. */
function isCredential(text: string, start: number, end: number): boolean {
  if (/^\w/.test(text.slice(end, end + 1))) return false;
  const before = text.slice(Math.max(0, start - 80), start);
  if (beforeCredential.test(before)) return true;
  return text.charAt(end) === '@' && /[\w.%+-]:$/.test(before);
}

/** What is left of a secret beside the `…` where a text was cut off. */
function redactParts(text: string, needles: Iterable<readonly string[]>): string {
  const all = [...needles].flat();
  let safe = text;
  for (let at = safe.indexOf('…'); at >= 0; at = safe.indexOf('…', at + 1)) {
    for (const secret of all) {
      const before = endOverlap(safe.slice(Math.max(0, at - secret.length), at), secret);
      if (before > 0) {
        safe = `${safe.slice(0, at - before)}***${safe.slice(at)}`;
        at += 3 - before;
      }
      const behind = startOverlap(safe.slice(at + 1, at + 1 + secret.length), secret);
      if (behind > 0) safe = `${safe.slice(0, at + 1)}***${safe.slice(at + 1 + behind)}`;
    }
  }
  return safe;
}

/** How long the beginning of the secret is with which the text ends. */
function endOverlap(text: string, secret: string): number {
  const start = secret.slice(0, shortestPart);
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1))
    if (secret.startsWith(text.slice(at))) return text.length - at;
  return 0;
}

/** How long the end of the secret is with which the text begins. */
function startOverlap(text: string, secret: string): number {
  const end = secret.slice(-shortestPart);
  for (let at = text.lastIndexOf(end); at >= 0; at = text.lastIndexOf(end, at - 1)) {
    const length = at + shortestPart;
    if (secret.endsWith(text.slice(0, length))) return length;
    if (at === 0) break;
  }
  return 0;
}
