import type { Outcome } from '../../src/ensure/result.js';
import type { VerdictName } from '../../src/publish/verdict.js';

/** One way from a verdict to an outcome. */
export interface VerdictWay {
  /** Under which condition; undefined where there is only one way. */
  readonly when?: string;
  readonly outcome: Exclude<Outcome, 'planned'>;
}

export interface VerdictBranch {
  readonly verdict: VerdictName;
  /** What the registry answered, in lines. */
  readonly answer: readonly string[];
  readonly ways: readonly VerdictWay[];
}

/** The six verdicts in the order in which an answer is judged, and what follows under the usual policy. */
export const verdictBranches: readonly VerdictBranch[] = [
  { verdict: 'present', answer: ['The tag holds our digest.'], ways: [{ outcome: 'reused' }] },
  {
    verdict: 'equivalent',
    answer: ['Another digest,', 'the same content.'],
    ways: [{ outcome: 'reused' }],
  },
  {
    verdict: 'different',
    answer: ['The tag holds', 'other content.', 'You choose with', '--on-different.'],
    ways: [
      { when: 'fail (default)', outcome: 'failed' },
      { when: 'fallback', outcome: 'fallback' },
      { when: 'reuse', outcome: 'reused' },
      { when: 'overwrite', outcome: 'published' },
    ],
  },
  {
    verdict: 'absent',
    answer: ['The tag is certainly', 'not there.'],
    ways: [
      { when: 'you may push', outcome: 'published' },
      { when: 'you may not', outcome: 'fallback' },
    ],
  },
  {
    verdict: 'denied',
    answer: ['Missing or private:', 'the registry does', 'not let you know.'],
    ways: [
      { when: 'no credential', outcome: 'fallback' },
      { when: 'push granted', outcome: 'published' },
      { when: 'push refused', outcome: 'failed' },
    ],
  },
  {
    verdict: 'unreachable',
    answer: ['There is no answer', 'to rely on.'],
    ways: [{ outcome: 'fallback' }],
  },
];

const width = 480;
const spine = 24;
const pill = { left: 44, width: 122, height: 28 };
const branch = { from: 196, fork: 212, to: 228 };
const line = 30;
const answerLine = 19;
const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  reused: ['#1a7f37', '#3fb950'],
  published: ['#0969da', '#4493f8'],
  fallback: ['#9a6700', '#d29922'],
  failed: ['#cf222e', '#f85149'],
};

/** Draws the way from the question to each outcome; readable when shown 350 pixels wide. */
export function drawVerdicts(branches: readonly VerdictBranch[] = verdictBranches): string {
  const parts: string[] = [];
  let y = 84;
  let last = y;
  for (const { verdict, answer, ways } of branches) {
    const middle = y + pill.height / 2;
    last = middle;
    parts.push(
      `<path class="way" d="M${spine} ${middle}H${pill.left}"/>`,
      `<rect class="pill" x="${pill.left}" y="${y}" width="${pill.width}" height="${pill.height}" rx="14"/>`,
      text(pill.left + pill.width / 2, y + 19, verdict, 'strong', 'middle'),
      ...answer.map((words, index) =>
        text(pill.left, y + pill.height + 18 + index * answerLine, words, 'soft'),
      ),
    );
    ways.forEach(({ when, outcome }, index) => {
      const at = middle + index * line;
      const turn = index === 0 ? '' : `M${branch.fork} ${middle}V${at}`;
      const start = index === 0 ? pill.left + pill.width : branch.fork;
      parts.push(
        `<path class="way" d="${turn}M${start} ${at}H${branch.to - 4}"/>`,
        `<path class="tip" d="M${branch.to} ${at}l-8 -4.5v9z"/>`,
      );
      const x = branch.to + 8;
      if (when !== undefined) parts.push(text(x, at + 5, when, 'soft'));
      const place = when === undefined ? x + 6 : 364;
      parts.push(
        `<circle class="${outcome}" cx="${place}" cy="${at}" r="5.5"/>`,
        text(place + 12, at + 5, outcome, 'strong'),
      );
    });
    const left = pill.height + answer.length * answerLine;
    y += Math.max(left, ways.length * line) + 24;
  }
  const height = y + 24;
  const style = (shade: 0 | 1) =>
    Object.entries(colours)
      .map(([name, shades]) => `.${name} { fill: ${shades[shade]} }`)
      .join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">From the answer of a registry to an outcome</title>
<desc id="desc">${toXml(describeVerdicts(branches))}</desc>
<style>
text { font: 15px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.strong { font-weight: 600 }
.soft { fill: #59636e; font-size: 14px }
.card { fill: #ffffff; stroke: #d1d9e0 }
.pill { fill: #f6f8fa; stroke: #818b98 }
.way { fill: none; stroke: #818b98; stroke-width: 1.5 }
.tip { fill: #818b98 }
${style(0)}
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.soft { fill: #9198a1 }
.card { fill: #0d1117; stroke: #3d444d }
.pill { fill: #151b23; stroke: #656c76 }
.way { stroke: #656c76 }
.tip { fill: #656c76 }
${style(1)}
}
</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${text(16, 30, 'What does the registry have at this tag?', 'strong')}
${text(16, 52, 'One HEAD request, and more only where it proves nothing.', 'soft')}
<path class="way" d="M${spine} 62V${last}"/>
${parts.join('\n')}
${text(16, height - 16, 'With --no-fallback, each fallback is a failure.', 'soft')}
</svg>
`;
}

/** The drawing in sentences. */
function describeVerdicts(branches: readonly VerdictBranch[] = verdictBranches): string {
  return branches
    .map(({ verdict, answer, ways }) => {
      const outcomes = ways.map(({ when, outcome }) =>
        when === undefined ? outcome : `${when}: ${outcome}`,
      );
      return `${verdict} (${answer.join(' ').replace(/\.$/, '')}): ${outcomes.join('; ')}.`;
    })
    .join(' ');
}

const toXml = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function text(x: number, y: number, words: string, look: string, anchor = 'start'): string {
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text class="${look}" x="${x}" y="${y}"${anchored}>${toXml(words)}</text>`;
}
