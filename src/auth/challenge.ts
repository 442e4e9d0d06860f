/** One way in which a server requests a credential. */
export interface Challenge {
  /** In lower case, e.g. `bearer`. */
  readonly scheme: string;
  /** Names in lower case; of a name given twice the first counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Reads a WWW-Authenticate header: several challenges in one line, quoted strings with commas and escapes, odd case,
 * values that should have been quoted. Never throws; what is not a challenge is skipped.
 *
 * RFC 9110 section 11.6.1.
 */
export function parseChallenges(header: string): Challenge[] {
  const text = header.slice(0, longestHeader);
  const found: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  let at = 0;
  while (at < text.length) {
    const name = match(token, text, at);
    if (name === '') {
      at += match(noToken, text, at).length;
      continue;
    }
    at += name.length;
    const equals = match(equalsSign, text, at);
    const current = found.at(-1);
    if (equals === '') {
      found.push({ scheme: name.toLowerCase(), parameters: new Map() });
      at += match(token68, text, at).length;
      continue;
    }
    at += equals.length;
    const raw = text[at] === '"' ? match(quoted, text, at) : match(bare, text, at);
    at += raw.length;
    const key = name.toLowerCase();
    if (current && !current.parameters.has(key)) current.parameters.set(key, unquote(raw));
  }
  return found;
}

/**
 * The challenge to answer: Bearer, else Basic. Some of several Bearer challenges may come from a proxy or from another
 * service behind the same host: `fitness` rates how well each realm fits the registry; the first of equals is taken.
 */
export function chooseChallenge(
  challenges: readonly Challenge[],
  fitness: (challenge: Challenge) => number = () => 0,
): Challenge | undefined {
  const bearers = challenges.filter(
    ({ scheme, parameters }) => scheme === 'bearer' && parameters.get('realm'),
  );
  const [best] = bearers.toSorted((one, other) => fitness(other) - fitness(one));
  return best ?? challenges.find(({ scheme }) => scheme === 'basic');
}

/** What a refusal states beside how to get in, as RFC 6750 has it; undefined where it states nothing. */
export function refusalIn(
  challenges: readonly Challenge[],
): { readonly code: string; readonly message: string } | undefined {
  for (const { parameters } of challenges) {
    const code = parameters.get('error');
    if (code !== undefined) return { code, message: parameters.get('error_description') ?? '' };
  }
  return undefined;
}

const longestHeader = 16 * 1024;

const token = /[!#$%&'*+\-.^_`|~\dA-Za-z]+/y;
const equalsSign = /[ \t]*=(?!=*[ \t]*(?:,|$))[ \t]*|[ \t]*=(?=[ \t]*(?:,|$))/y;
const noToken = /[^!#$%&'*+\-.^_`|~\dA-Za-z]/y;
/** One opaque value behind a scheme, as Negotiate has; it ends at a comma, which a name with a value does not. */
const token68 = /[ \t]+[\w\-.~+/]+=*[ \t]*(?=,|$)/y;
const quoted = /"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)/y;
const bare = /[^\s,]*/y;

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function unquote(raw: string): string {
  if (!raw.startsWith('"')) return raw;
  const inner = raw.length > 1 && raw.endsWith('"') ? raw.slice(1, -1) : raw.slice(1);
  return inner.replace(/\\([\s\S])/g, '$1');
}
