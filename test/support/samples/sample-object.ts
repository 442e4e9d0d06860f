import { fromJson } from '../../../src/tekton/objects/from-json.js';
import type { TektonObject } from '../../../src/tekton/objects/object.js';

/** A small Tekton object made in code; by default a Task called `sample`. */
export function sampleObject({
  apiVersion = 'tekton.dev/v1',
  kind = 'Task',
  name = 'sample',
  script = 'echo hello',
} = {}): TektonObject {
  const spec = { steps: [{ image: 'docker.io/library/busybox:1.36', name: 'main', script }] };
  const json = JSON.stringify({ apiVersion, kind, metadata: { name }, spec });
  return {
    apiVersion,
    kind,
    name,
    json: Buffer.from(json),
    value: fromJson(json),
    origin: { file: `${name}.yaml`, document: 1, line: 1 },
  };
}
