import { type Html, html } from './html.js';
import { box, layoutGraph, type PlacedTask } from './layout-graph.js';
import type { GraphTask, TaskGraph } from './task-graph.js';

/** The graph as a picture, and as a list for who does not see it. */
export function graphSvg(graph: TaskGraph, { id }: { readonly id: string }): Html {
  if (graph.tasks.length === 0) return html`<p class="quiet">This Pipeline has no tasks.</p>`;
  const { width, height, tasks, edges, finalX } = layoutGraph(graph);
  return html`<figure class="${width > widest ? 'graph wide' : 'graph'}">
<div class="scroll" tabindex="0" role="group" aria-label="Picture of the task graph, scrollable">
<svg role="img" aria-labelledby="${id}-title" aria-describedby="${id}-list" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title id="${id}-title">Tasks of the Pipeline, in the order in which they run</title>
<defs><marker id="${id}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0 L8 4 L0 8 Z"/></marker></defs>
${finalX !== undefined && html`<line class="divide" x1="${finalX - box.columnGap / 2}" y1="8" x2="${finalX - box.columnGap / 2}" y2="${height - 8}"/>`}
${edges.map(({ from, to }) => html`<path class="edge" marker-end="url(#${id}-arrow)" d="${curve(from, to)}"/>`)}
${tasks.map(taskBox)}
</svg>
</div>
<figcaption><details><summary>The graph in words</summary>
<ol id="${id}-list">${graph.tasks.map((task) => html`<li><b>${task.name}</b> runs ${task.runs}${inWords(task)}</li>`)}</ol>
</details></figcaption>
</figure>`;
}

/** A picture up to this width is made to fit; a wider one is scrolled, or nobody could read it. */
const widest = 1700;

function taskBox({ task, x, y }: PlacedTask): Html {
  const marks = marksOf(task);
  const kind = task.final ? 'task final' : task.conditional ? 'task conditional' : 'task';
  return html`<g class="${kind}" transform="translate(${x} ${y})"><title>${task.name}: runs ${task.runs}${inWords(task)}</title>
<rect width="${box.width}" height="${box.height}" rx="10"/>
<text class="name" x="14" y="24">${shorten(task.name, 20)}</text>
<text class="runs" x="14" y="42">${shorten([task.runs, ...marks].join(' · '), 26)}</text></g>
`;
}

function marksOf({ conditional, matrix, retries }: GraphTask): string[] {
  return [conditional && 'when', matrix && 'matrix', retries > 0 && `${retries} retries`].filter(
    (mark) => typeof mark === 'string',
  );
}

function inWords({ after, final, conditional, matrix, retries }: GraphTask): string {
  const parts = [
    final && ' at the end, whatever became of the others',
    after.length > 0 && ` after ${after.join(' and ')}`,
    conditional && ' if its condition holds',
    matrix && ' once for each combination of its matrix',
    retries > 0 && ` with ${retries} retries`,
  ];
  return parts.filter((part) => typeof part === 'string').join(',');
}

function curve(from: PlacedTask, to: PlacedTask): string {
  const [startX, startY] = [from.x + box.width, from.y + box.height / 2];
  const [endX, endY] = [to.x - 2, to.y + box.height / 2];
  const bend = Math.max(24, (endX - startX) / 2);
  return `M${startX} ${startY} C${startX + bend} ${startY} ${endX - bend} ${endY} ${endX} ${endY}`;
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
