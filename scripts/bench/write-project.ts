import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface BenchProject {
  readonly directory: string;
  readonly repository: string;
  readonly tag: string;
  readonly names: readonly string[];
}

/** A project of many bundles, each a Pipeline of its own of the size that people have. */
export function writeProject(
  parent: string,
  { repository, bundles }: { readonly repository: string; readonly bundles: number },
): BenchProject {
  const directory = mkdtempSync(join(parent, 'project-'));
  const tag = 'v1.0.0';
  const names = Array.from({ length: bundles }, (_, index) => `bundle-${String(index).padStart(4, '0')}`);
  for (const name of names) writeFileSync(join(directory, `${name}.yaml`), pipeline(name));
  const entries = names.map((name) => `  ${name}: {files: [${name}.yaml]}\n`).join('');
  writeFileSync(
    join(directory, 'bundles.yaml'),
    `version: 1\nrepository: ${repository}\ntag: ${tag}\nbundles:\n${entries}`,
  );
  return { directory, repository, tag, names };
}

function pipeline(name: string): string {
  const tasks = Array.from(
    { length: 6 },
    (_, index) => `    - name: step-${index}
      params: [{name: TARGET, value: $(params.TARGET)}]
      taskSpec:
        params: [{name: TARGET, type: string}]
        steps:
          - name: run
            image: docker.io/library/busybox:1.36
            script: |
              #!/bin/sh
              set -eu
              echo "${name} ${index}: $(params.TARGET)"
              sleep ${index}
`,
  );
  return `apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  name: ${name}
  labels: {app.kubernetes.io/version: "0.1"}
spec:
  params:
    - {name: TARGET, type: string, default: "${name}"}
  tasks:
${tasks.join('')}`;
}
