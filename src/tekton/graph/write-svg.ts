import { box, layoutGraph, type PlacedTask } from './layout-graph.js';
import { marksOf, type TaskGraph } from './task-graph.js';

const style = [
  'text{font:13px system-ui,sans-serif;fill:#16202c}',
  '.name{font-weight:600}',
  '.runs{font-size:11.5px;fill:#55616f}',
  'rect{fill:#fff;stroke:#1857b8;stroke-width:1.5}',
  '.conditional rect{stroke-dasharray:6 4}',
  '.final rect{stroke:#55616f}',
  '.edge{fill:none;stroke:#55616f;stroke-width:1.6}',
  '.tip{fill:#55616f}',
  '.divide{stroke:#dde2e8;stroke-width:1.5;stroke-dasharray:5 5}',
  '@media(prefers-color-scheme:dark){text{fill:#e6ebf1}.runs{fill:#9aa7b5}rect{fill:#171e27;stroke:#7fb0ff}.final rect,.edge{stroke:#9aa7b5}.tip{fill:#9aa7b5}.divide{stroke:#2a3440}}',
].join('');

/** A graph as a standalone picture, with the layout of the catalog's page. */
export function writeSvg(graph: TaskGraph, title: string): string[] {
  const { width, height, tasks, edges, finalX } = layoutGraph(graph);
  const divide = finalX === undefined ? undefined : finalX - box.columnGap / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `  <title>${escapeXml(title)}</title>`,
    `  <style>${style}</style>`,
    '  <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0L8 4L0 8Z"/></marker></defs>',
    ...(divide === undefined
      ? []
      : [`  <line class="divide" x1="${divide}" y1="8" x2="${divide}" y2="${height - 8}"/>`]),
    ...edges.map(({ from, to }) => `  <path class="edge" marker-end="url(#arrow)" d="${curve(from, to)}"/>`),
    ...tasks.map(taskBox),
    ...(graph.omitted > 0
      ? [
          `  <text class="runs" x="${box.margin}" y="${height - 6}">${graph.omitted} more tasks are not drawn</text>`,
        ]
      : []),
    '</svg>',
  ];
}

/** From the right edge of one to the left edge of the other. */
function curve(from: PlacedTask, to: PlacedTask): string {
  const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
  const [x2, y2] = [to.x, to.y + box.height / 2];
  const bend = Math.max(24, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 2} ${y2}`;
}

function taskBox({ task, x, y }: PlacedTask): string {
  const kind = task.final ? 'final' : task.conditional ? 'conditional' : 'task';
  const more = [task.runs, ...task.conditions.map((condition) => `when ${condition}`)];
  return [
    `  <g class="${kind}" transform="translate(${x} ${y})">`,
    `<title>${escapeXml([task.name, ...more].join(', '))}</title>`,
    `<rect width="${box.width}" height="${box.height}" rx="10"/>`,
    `<text class="name" x="14" y="24">${escapeXml(clip(task.name, 20))}</text>`,
    `<text class="runs" x="14" y="42">${escapeXml(clip([task.runs, ...marksOf(task)].join(' · '), 26))}</text></g>`,
  ].join('');
}

function clip(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** On one line; characters that XML 1.0 cannot hold are replaced. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, ' ')
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
