import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../../test/support/random/property-runs.js';
import { readTaskGraph } from './task-graph.js';
import { writeMermaid } from './write-mermaid.js';
import { writeSvg } from './write-svg.js';

const text = fc.string({ unit: 'binary', maxLength: 30 });
const pipelines = fc
  .array(
    fc.record({
      name: text,
      taskRef: fc.record({ name: text }),
      after: fc.array(fc.nat(9)),
      when: fc.option(
        fc.array(fc.record({ input: text, operator: text, values: fc.array(text) }), { maxLength: 2 }),
      ),
    }),
    { maxLength: 10 },
  )
  .chain((tasks) => fc.record({ tasks: fc.constant(tasks), split: fc.nat(tasks.length) }))
  .map(({ tasks, split }) => {
    const named = tasks.map(({ after, ...task }) => ({
      ...task,
      runAfter: after.flatMap((index) => tasks[index]?.name ?? []),
    }));
    return { spec: { tasks: named.slice(0, split), finally: named.slice(split) } };
  });

test('SVG of any Pipeline is well-formed, holds each task once and no markup of its names', patient, () => {
  fc.assert(
    fc.property(pipelines, (pipeline) => {
      const graph = readTaskGraph(pipeline);
      const svg = writeSvg(graph, 'a title').join('\n');
      const open: string[] = [];
      const rest = svg.replaceAll(
        /<(\/?)(\w+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g,
        (_, closes, name, __, alone) => {
          if (closes) expect(open.pop()).toBe(name);
          else if (!alone) open.push(name);
          return '';
        },
      );
      expect(open).toEqual([]);
      expect(rest).not.toMatch(/[<>]|&(?!#\d+;)/);
      expect(svg.match(/<rect /g)?.length ?? 0).toBe(graph.tasks.length);
    }),
    { numRuns: Math.ceil(numRuns / 5) },
  );
});

test('Mermaid of any Pipeline: a line for each task and edge, whatever their names hold', patient, () => {
  fc.assert(
    fc.property(pipelines, (pipeline) => {
      const graph = readTaskGraph(pipeline);
      const lines = writeMermaid(graph);
      expect(lines.every((line) => !/[\n\r]/.test(line))).toBe(true);
      const nodes = lines.filter((line) =>
        /^ +t\d+(?:\["[^"<>[\]{}`]*"\]|\{\{"[^"]*"\}\})$/.test(line.replaceAll('<br/>', '')),
      );
      expect(nodes.length).toBe(graph.tasks.length);
      const edges = lines.filter((line) => /^ {2}t\d+ -(?:\.-|-)> t\d+$/.test(line));
      expect(edges.length).toBe(graph.tasks.reduce((sum, { after }) => sum + after.length, 0));
      const finals = graph.tasks.filter(({ final }) => final).length;
      expect(lines.filter((line) => line.startsWith('  subgraph ')).length).toBe(finals > 0 ? 2 : 0);
    }),
    { numRuns: Math.ceil(numRuns / 5) },
  );
});
