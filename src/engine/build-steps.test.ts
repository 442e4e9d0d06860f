import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BuildStep, createStepReader } from './build-steps.js';

function stepsOf(chunks: readonly Uint8Array[]): BuildStep[] {
  const steps: BuildStep[] = [];
  const read = createStepReader((step) => steps.push(step));
  for (const chunk of chunks) read(chunk);
  return steps;
}

const output = Buffer.from(
  [
    '[1/2] STEP 1/3: FROM docker.io/library/golang@sha256:1 AS build',
    'STEP 9 is not a step, nor is',
    ' STEP 1/2: this, printed by a program — ünd so weiter',
    '[2/2] STEP 2/2: COPY --from=build /go /go',
    '--> 3f2a',
    'Step 2/7 : RUN make',
    '#7 [build 4/12] RUN go build ./...',
    '#7 0.312 [1/5] downloading',
    'STEP 3/3: CMD ["/go"]',
    '',
  ].join('\r\n'),
);
const steps = [
  { step: 1, of: 3, stage: 1, stages: 2 },
  { step: 2, of: 2, stage: 2, stages: 2 },
  { step: 2, of: 7, stage: 1, stages: 1 },
  { step: 4, of: 12, stage: 1, stages: 1 },
  { step: 3, of: 3, stage: 1, stages: 1 },
];

test('steps are found as podman, buildah, docker and BuildKit print them, wherever the output is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(output.length), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.sort((one, other) => one - other), output.length];
      const chunks = places.slice(1).map((end, index) => output.subarray(places[index], end));
      expect(stepsOf(chunks)).toEqual(steps);
    }),
  );
});

test('a line without an end takes no memory', () => {
  expect(
    stepsOf([
      ...Array.from({ length: 50 }, () => Buffer.alloc(100_000, 'x')),
      Buffer.from('\nSTEP 1/1: FROM scratch\n'),
    ]),
  ).toEqual([{ step: 1, of: 1, stage: 1, stages: 1 }]);
});
