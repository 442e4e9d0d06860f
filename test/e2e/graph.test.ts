import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

const pipeline = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: release}
spec:
  params: [{name: lint, default: "true"}]
  tasks:
    - {name: publish, runAfter: [lint], taskRef: {name: push}, retries: 2, params: [{name: image, value: $(tasks.build.results.image)}]}
    - {name: fetch, taskRef: {name: git-clone}}
    - {name: build, runAfter: [fetch], taskRef: {resolver: bundles, params: [{name: name, value: kaniko}]}}
    - name: lint
      runAfter: [fetch]
      when: [{input: $(params.lint), operator: in, values: ["true", "yes"]}]
      taskSpec: {steps: [{name: a, image: busybox}]}
  finally:
    - {name: notify, taskRef: {name: send}}
`;

const text = `1        fetch    git-clone
2        build    bundles: kaniko after fetch
         lint     inline after fetch
                  when $(params.lint) in [true, yes]
3        publish  push after lint, build, 2 retries
finally  notify   send
Pipeline release: 4 tasks in 3 steps, 1 finally
`;

good('graph', 'of a declared bundle, a file and a registry, in every form', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, workflow: false });
  project.write('pipelines/alpha.yaml', pipeline);
  const config = ['--config', project.config];
  expect((await runInProcess(['ensure', '--push', ...config])).code).toBe(0);
  const file = join(project.directory, 'pipelines/alpha.yaml');
  for (const word of ['alpha', file, `${registry.host}/acme/alpha:v1.0.0`]) {
    expect((await inProcess([word, ...config])).stdout, word).toBe(text);
  }
  expect((await inProcess([file, 'release', '-o', 'mermaid'])).stdout).toBe(`flowchart LR
  subgraph main["tasks"]
    t0["publish<br/>push"]
    t1["fetch<br/>git-clone"]
    t2["build<br/>bundles: kaniko"]
    t3{{"lint<br/>inline<br/>when #36;(params.lint) in #91;true, yes#93;"}}
  end
  t3 --> t0
  t2 --> t0
  t1 --> t2
  t1 -.-> t3
  subgraph last["finally"]
    t4["notify<br/>send"]
  end
  main ==> last
`);
  const svg = (await inProcess([file, '-o', 'svg'])).stdout;
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*>\n[\s\S]*<\/svg>\n$/);
  expect([svg.match(/class="edge"/g)?.length, svg.match(/<rect /g)?.length]).toEqual([4, 5]);
  const json = JSON.parse((await inProcess([file, '-o', 'json'])).stdout);
  expect(json).toMatchObject({ version: 1, pipeline: 'release', omitted: 0, error: null });
  expect(json.tasks[3]).toEqual({
    name: 'lint',
    runs: 'inline',
    after: ['fetch'],
    final: false,
    conditional: true,
    conditions: ['$(params.lint) in [true, yes]'],
    matrix: false,
    retries: 0,
  });
});

bad('graph', 'no Pipeline, several, or none of that name', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme', workflow: false });
  const other = pipeline.replace('name: release', 'name: other');
  project.write('two.yaml', `${pipeline}---\n${other}`);
  project.write(
    'task.yaml',
    'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec: {steps: [{name: a, image: b}]}\n',
  );
  const [two, task] = [join(project.directory, 'two.yaml'), join(project.directory, 'task.yaml')];
  for (const [words, exit, code] of [
    [[two], 2, 'USAGE'],
    [[two, 'third'], 3, 'NOT_FOUND'],
    [[task], 3, 'NOT_FOUND'],
    [['./nowhere.yaml'], 7, 'SOURCE_NOT_FOUND'],
    [[two, '-o', 'png'], 2, 'USAGE'],
  ] as const) {
    const ran = await inProcess(words);
    expect([ran.code, ran.stderr], words.join(' ')).toEqual([
      exit,
      expect.stringContaining(`error[${code}]`),
    ]);
  }
  expect((await inProcess([two, 'other'])).code).toBe(0);
});
