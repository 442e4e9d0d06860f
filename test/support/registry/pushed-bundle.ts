import { join } from 'node:path';
import { runInProcess } from '../program/run-in-process.js';
import { type SampleProject, samplePipeline, sampleProject } from '../samples/sample-project.js';
import { type GuardedRegistry, startGuardedRegistry } from './guarded-registry.js';

export interface PushedBundle extends AsyncDisposable {
  readonly registry: GuardedRegistry;
  readonly project: SampleProject;
  /** `HOST/acme/pushed:v1`. */
  readonly reference: string;
  readonly digest: string;
}

export const sampleTask = `apiVersion: tekton.dev/v1beta1
kind: Task
metadata: {name: build}
spec:
  description: builds it
  params:
    - {name: flags, type: array, default: [-v]}
    - {name: target, description: what to build}
  workspaces:
    - {name: source}
    - {name: cache, optional: true}
  results:
    - {name: digest}
  stepTemplate: {image: "docker.io/library/busybox@sha256:${'a'.repeat(64)}"}
  steps:
    - {name: a, image: busybox}
    - {image: "$(params.target)"}
  sidecars:
    - {name: s, image: registry:2}
`;

/** A bundle of the sample pipeline and a task, pushed to a registry of its own by our push. */
export async function pushedBundle(words: readonly string[] = []): Promise<PushedBundle> {
  const registry = await startGuardedRegistry();
  const project = sampleProject({ repository: `${registry.host}/acme` });
  project.write('p.yaml', samplePipeline('pushed'));
  project.write('t.yaml', sampleTask);
  const reference = `${registry.host}/acme/pushed:v1`;
  const at = (name: string) => join(project.directory, name);
  const push = ['push', reference, '-f', at('p.yaml'), '-f', at('t.yaml'), ...words, '-o', 'json'];
  const { digest } = JSON.parse((await runInProcess(push)).stdout) as { digest: string };
  return {
    registry,
    project,
    reference,
    digest,
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}
