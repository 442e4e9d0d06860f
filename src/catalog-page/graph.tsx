import { box, layoutGraph, type PlacedTask } from '../tekton/graph/layout-graph.js';
import { type GraphTask, marksOf, type TaskGraph } from '../tekton/graph/task-graph.js';
import { clip, Scroll } from './parts.js';

/** A picture up to this width is scaled to fit; a wider one scrolls, so that it stays readable. */
const widest = 1700;

/** The graph as a picture, and as a list for who does not see it; `id` is unique in the page. */
export function Graph({ graph, id }: { readonly graph: TaskGraph; readonly id: string }) {
  if (graph.tasks.length === 0) return <p class="quiet">This Pipeline has no tasks.</p>;
  const { width, height, tasks, edges, finalX } = layoutGraph(graph);
  const divide = finalX === undefined ? undefined : finalX - box.columnGap / 2;
  return (
    <figure class={width > widest ? 'graph wide' : 'graph'}>
      <Scroll label="Picture of the task graph">
        <svg
          role="img"
          aria-labelledby={`${id}-title`}
          aria-describedby={`${id}-list`}
          viewBox={`0 0 ${width} ${height}`}
          width={width}
          height={height}
        >
          <title id={`${id}-title`}>Tasks of the Pipeline, in the order in which they run</title>
          <defs>
            <marker
              id={`${id}-arrow`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path class="tip" d="M0 0 L8 4 L0 8 Z" />
            </marker>
          </defs>
          {divide !== undefined && <line class="divide" x1={divide} y1="8" x2={divide} y2={height - 8} />}
          {edges.map(({ from, to }) => (
            <path class="edge" marker-end={`url(#${id}-arrow)`} d={curve(from, to)} />
          ))}
          {tasks.map((placed) => (
            <TaskBox placed={placed} />
          ))}
        </svg>
      </Scroll>
      <figcaption>
        {graph.omitted > 0 && <p class="quiet">{graph.omitted} more tasks are not drawn.</p>}
        <details>
          <summary>The graph in words</summary>
          <ol id={`${id}-list`}>
            {graph.tasks.map((task) => (
              <li>
                <b>{clip(task.name, 63)}</b> {inWords(task)}
              </li>
            ))}
          </ol>
        </details>
      </figcaption>
    </figure>
  );
}

function TaskBox({ placed: { task, x, y } }: { readonly placed: PlacedTask }) {
  const kind = task.final ? 'task final' : task.conditional ? 'task conditional' : 'task';
  return (
    <g class={kind} transform={`translate(${x} ${y})`}>
      <title>{`${clip(task.name, 63)} runs ${clip(task.runs, 60)}`}</title>
      <rect width={box.width} height={box.height} rx="10" />
      <text class="name" x="14" y="24">
        {clip(task.name, 20)}
      </text>
      <text class="runs" x="14" y="42">
        {clip([task.runs, ...marksOf(task)].join(' · '), 26)}
      </text>
    </g>
  );
}

const mostNamed = 3;

function inWords({ runs, after, final, conditional, matrix, retries }: GraphTask): string {
  const named = after.slice(0, mostNamed).map((name) => clip(name, 63));
  if (after.length > mostNamed) named.push(`${after.length - mostNamed} others`);
  const parts = [
    final && ' at the end, whatever became of the others',
    after.length > 0 && ` after ${named.join(' and ')}`,
    conditional && ' if its condition holds',
    matrix && ' once for each combination of its matrix',
    retries > 0 && ` with ${retries} retries`,
  ];
  return `runs ${clip(runs, 60)}${parts.filter((part) => typeof part === 'string').join(',')}`;
}

function curve(from: PlacedTask, to: PlacedTask): string {
  const [startX, startY] = [from.x + box.width, from.y + box.height / 2];
  const [endX, endY] = [to.x - 2, to.y + box.height / 2];
  const bend = Math.max(24, (endX - startX) / 2);
  return `M${startX} ${startY} C${startX + bend} ${startY} ${endX - bend} ${endY} ${endX} ${endY}`;
}
