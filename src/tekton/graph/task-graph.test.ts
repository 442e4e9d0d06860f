import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Graph } from '../../catalog-page/graph.js';
import { layoutGraph } from './layout-graph.js';
import { readTaskGraph } from './task-graph.js';

const pipeline = (tasks: unknown, last: unknown = undefined) => ({ spec: { tasks, finally: last } });

test('a task waits by runAfter, by results it uses and by from, each once', () => {
  const { tasks } = readTaskGraph(
    pipeline([
      { name: 'a', taskRef: { name: 'one' } },
      { name: 'b', runAfter: ['a', 'a', 'gone'], taskSpec: {} },
      {
        name: 'c',
        params: [
          { name: 'X', value: '$(tasks.a.results.out) and $(tasks.b.results.list[*]) $(tasks.c.status)' },
        ],
        resources: { inputs: [{ from: ['b'] }] },
        when: [{}],
        matrix: {},
        retries: 3,
        taskRef: { resolver: 'bundles', params: [{ name: 'name', value: 'two' }] },
      },
    ]),
  );
  expect(tasks.map(({ name, runs, after }) => [name, runs, after])).toEqual([
    ['a', 'one', []],
    ['b', 'inline', ['a']],
    ['c', 'bundles: two', ['b', 'a']],
  ]);
  expect(tasks[2]).toMatchObject({ conditional: true, matrix: true, retries: 3, final: false });
});

test('what waits is to the right of what it waits for, and the end is last', () => {
  const graph = readTaskGraph(
    pipeline(
      [
        { name: 'c', runAfter: ['b'] },
        { name: 'a' },
        { name: 'b', runAfter: ['a'] },
        { name: 'd', runAfter: ['a'] },
      ],
      [{ name: 'z' }],
    ),
  );
  const { tasks, edges, finalX } = layoutGraph(graph);
  const x = Object.fromEntries(tasks.map(({ task, x }) => [task.name, x]));
  expect(x.a).toBeLessThan(x.b!);
  expect([x.b, x.z]).toEqual([x.d, finalX]);
  expect(x.c).toBeLessThan(x.z!);
  expect(edges.map(({ from, to }) => `${from.task.name}${to.task.name}`).sort()).toEqual(['ab', 'ad', 'bc']);
});

test('a circle, which Tekton refuses, is still a picture', () => {
  const graph = readTaskGraph(
    pipeline([
      { name: 'a', runAfter: ['b'] },
      { name: 'b', runAfter: ['a'] },
    ]),
  );
  expect(String(Graph({ graph, id: 'g' }))).toContain('</svg>');
});

test('whatever is in the place of a Pipeline, there is a picture or a sentence', () => {
  const task = fc.record(
    {
      name: fc.string(),
      runAfter: fc.array(fc.string()),
      taskRef: fc.anything(),
      when: fc.anything(),
      retries: fc.anything(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything(),
        fc.array(task).map((tasks) => pipeline(tasks, tasks)),
      ),
      (value) => {
        expect(String(Graph({ graph: readTaskGraph(value), id: 'g' }))).not.toMatch(/NaN|undefined/);
      },
    ),
    { examples: [[null], [[]], [pipeline({})], [pipeline([null, 1, {}])]] },
  );
});

test('of a Pipeline with too many tasks, and too many edges between them, the first are drawn', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `task-${index}`);
  const graph = readTaskGraph(
    pipeline(names.map((name, index) => ({ name, runAfter: names.slice(0, index % 300) }))),
  );
  expect(graph.tasks).toHaveLength(200);
  expect(graph.omitted).toBe(19_800);
  const markup = String(Graph({ graph, id: 'g' }));
  expect(markup).toContain('19800 more tasks are not drawn');
  expect(markup.match(/class="edge"/g)).toHaveLength(1_000);
  expect(markup.length).toBeLessThan(500_000);
});

test('names longer than any that Kubernetes takes are cut', () => {
  const name = 'x'.repeat(1_000_000);
  const graph = readTaskGraph(pipeline([{ name, taskRef: { name } }]));
  const markup = String(Graph({ graph, id: 'g' }));
  expect(markup.length).toBeLessThan(10_000);
});
