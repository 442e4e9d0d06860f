/** What a run of the benchmark measured, in seconds. */
export interface BenchFigures {
  readonly bundles: number;
  /** Version of Node. */
  readonly node: string;
  /** A start of Node that does nothing. */
  readonly nodeSeconds: number;
  readonly distances: readonly BenchDistance[];
}

export interface BenchDistance {
  readonly roundTripMs: number;
  /** `bundles ensure` where the registry has nothing yet. */
  readonly cold: number;
  /** `bundles ensure` where the registry has everything. */
  readonly warm: number;
  /** One HEAD for each bundle by curl, all at once. */
  readonly curl: number;
  readonly skopeo: number;
  readonly tkn: number;
}

const width = 480;
const left = 176;
const right = 416;
const row = 26;

interface Row {
  readonly label: string;
  readonly seconds: number;
  readonly kind: 'ours' | 'theirs' | 'floor';
}

interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Draws the figures as dots on a logarithmic scale, a panel for each distance; readable when shown 350 pixels wide. */
export function drawBench(figures: BenchFigures): string {
  const parts: string[] = [];
  let y = 30;
  const { bundles, node } = figures;
  const decades = decadesOf(figures);
  const place = (seconds: number) => placeOn(decades, seconds);
  parts.push(text(16, y, `Seconds for ${bundles} bundles, logarithmic scale`, 'strong'));
  for (const distance of figures.distances) {
    y += 34;
    parts.push(text(16, y, panelTitle(distance), 'strong'));
    for (const { title, rows } of groupsOf(figures, distance)) {
      y += 26;
      parts.push(text(16, y, title, 'soft'));
      const bottom = y + 8 + rows.length * row;
      parts.push(...decades.map((decade) => grid(place(decade), y + 8, bottom)));
      for (const { label, seconds, kind } of rows) {
        y += row;
        const [x, line] = [place(seconds), y - 5];
        const look = kind === 'ours' ? 'strong' : 'plain';
        parts.push(
          text(28, y, label, look),
          `<line class="${kind} bar" x1="${left}" x2="${x}" y1="${line}" y2="${line}"/>`,
          `<circle class="${kind}" cx="${x}" cy="${line}" r="5.5"/>`,
          text(x + 11, y, shown(seconds), look),
        );
      }
      y = bottom;
    }
    y += 16;
    parts.push(...decades.map((decade) => text(place(decade), y, `${decade} s`, 'soft', 'middle')));
    y += 6;
  }
  const height = y + 14;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">Seconds for ${bundles} bundles by bundles, skopeo and tkn</title>
<desc id="desc">${toXml(describeBench(figures))} Measured with Node ${node.replace(/^v/, '')}.</desc>
<style>
text { font: 15px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.strong { font-weight: 600 }
.soft { fill: #59636e; font-size: 14px }
.card { fill: #ffffff; stroke: #d1d9e0 }
.grid { stroke: #d1d9e0 }
.bar { stroke-width: 3; fill: none }
.ours { fill: #0a69da; stroke: #0a69da }
.theirs { fill: #bc4c00; stroke: #bc4c00 }
.floor { fill: #59636e; stroke: #59636e }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.soft { fill: #9198a1 }
.card { fill: #0d1117; stroke: #3d444d }
.grid { stroke: #3d444d }
.ours { fill: #4493f8; stroke: #4493f8 }
.theirs { fill: #f0883e; stroke: #f0883e }
.floor { fill: #9198a1; stroke: #9198a1 }
}
</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${parts.join('\n')}
</svg>
`;
}

/** The figures in sentences: what the plot is to those who do not see it. */
export function describeBench(figures: BenchFigures): string {
  const parts = figures.distances.map((distance) => {
    const groups = groupsOf(figures, distance).map(({ title, rows }) => {
      const words = rows.map(({ label, seconds }) => `${label} ${shown(seconds)}`);
      return `${title.toLowerCase()}: ${words.join(', ')}`;
    });
    return `${panelTitle(distance)}, ${groups.join('; ')}.`;
  });
  return `Time for ${figures.bundles} bundles. ${parts.join(' ')}`;
}

/** Documents that show the plot, with its figures in words. */
export const benchDocuments = ['README.md', 'docs/guides/from-tkn.md'];

/** A document with these figures in the text of its plot and in the paragraph that compares them. */
export function withFigures(document: string, figures: BenchFigures): string {
  return document
    .replace(/(<img src="[^"]*bench\.svg"[^>]* alt=")[^"]*"/g, `$1${describeBench(figures)}"`)
    .replace(/^For [\d,]+ bundles, [\s\S]*?\n(?=\n)/m, `${compareBench(figures)}\n`);
}

/** How many times faster it is, in a paragraph. */
function compareBench({ bundles, distances }: BenchFigures): string {
  const parts = distances.map(({ roundTripMs, skopeo, warm, tkn, cold }) => {
    const where = roundTripMs === 0 ? 'on the same machine' : `at a round trip of ${roundTripMs} ms`;
    const [once, first] = [Math.round(skopeo / warm), Math.round(tkn / cold)];
    return `with a registry ${where},\n\`ensure\` is ${once} times faster than a loop over \`skopeo inspect\` and ${first} times faster than a loop over \`tkn bundle push\``;
  });
  return `For ${bundles} bundles, ${parts.join(';\n')}.`;
}

function groupsOf({ nodeSeconds }: BenchFigures, distance: BenchDistance): readonly Group[] {
  const { cold, warm, curl, skopeo, tkn } = distance;
  return [
    {
      title: 'Everything is published already',
      rows: [
        { label: 'bundles ensure', seconds: warm, kind: 'ours' },
        { label: 'skopeo loop', seconds: skopeo, kind: 'theirs' },
        { label: 'curl + node (floor)', seconds: curl + nodeSeconds, kind: 'floor' },
      ],
    },
    {
      title: 'Nothing is published yet',
      rows: [
        { label: 'bundles ensure', seconds: cold, kind: 'ours' },
        { label: 'tkn loop', seconds: tkn, kind: 'theirs' },
      ],
    },
  ];
}

function panelTitle({ roundTripMs }: BenchDistance): string {
  return roundTripMs === 0 ? 'Registry on this machine' : `Registry at a round trip of ${roundTripMs} ms`;
}

function grid(x: number, top: number, bottom: number): string {
  return `<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
}

/** The powers of ten between which all figures are. */
function decadesOf(figures: BenchFigures): readonly number[] {
  const all = figures.distances.flatMap((distance) =>
    groupsOf(figures, distance).flatMap(({ rows }) => rows),
  );
  const powers = all.map(({ seconds }) => Math.log10(seconds));
  const lowest = Math.floor(Math.min(...powers));
  const highest = Math.max(Math.ceil(Math.max(...powers)), lowest + 1);
  return Array.from({ length: highest - lowest + 1 }, (_, index) => Number(`1e${lowest + index}`));
}

function placeOn(decades: readonly number[], seconds: number): number {
  const share = Math.log10(seconds / decades[0]!) / Math.log10(decades.at(-1)! / decades[0]!);
  return Math.round((left + share * (right - left)) * 10) / 10;
}

const shown = (seconds: number) => `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
const toXml = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function text(x: number, y: number, words: string, look: string, anchor = 'start'): string {
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text class="${look}" x="${x}" y="${y}"${anchored}>${toXml(words)}</text>`;
}
