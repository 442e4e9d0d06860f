import { expect, test } from 'vitest';
import { readSources } from '../sources/read-sources.js';
import { objectPart } from './object-part.js';

const text = `apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t}
spec:
  params:
    - {name: a, default: [x, 1.5, true, 12345678901234567890]}
    - {name: __proto__}
  steps: [{image: i}]
`;
const [task] = readSources([{ path: 't.yaml', bytes: Buffer.from(text) }]).objects;
if (task === undefined) throw new Error('no object');

test('objectPart() gives what JSON.parse gives, from the value and from the bytes', () => {
  const { spec } = JSON.parse(Buffer.from(task.json).toString());
  expect(objectPart(task, ['spec'])).toEqual(spec);
  expect(objectPart({ json: task.json }, ['spec'])).toEqual(spec);
});

test('objectPart() takes the value that stays on the object and does not read its bytes again', () => {
  expect(objectPart({ value: task.value, json: Buffer.from('broken') }, ['spec', 'params', 0, 'name'])).toBe(
    'a',
  );
});

test('objectPart() gives undefined where the path leads nowhere', () => {
  expect(objectPart(task, ['spec', 'results', 0])).toBeUndefined();
  expect(objectPart(task, ['spec', 'steps', 'image'])).toBeUndefined();
});
