import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TempDir, tempDir } from '../temp-dir.js';

export interface SampleProject extends AsyncDisposable {
  readonly directory: string;
  /** Path of its bundles.yaml. */
  readonly config: string;
  /** Replaces a file of the project. */
  write(path: string, text: string): void;
}

export interface SampleProjectOptions {
  readonly repository: string;
  /** Names of the bundles. Default one, `alpha`. */
  readonly bundles?: readonly string[];
  /** Further lines of bundles.yaml, e.g. `publish: never`. */
  readonly settings?: readonly string[];
  /** Give each bundle a workflow. Default true. */
  readonly workflow?: boolean;
}

/** A project of small bundles in a directory of its own. */
export function sampleProject(options: SampleProjectOptions): SampleProject {
  const { repository, bundles = ['alpha'], settings = [], workflow = true } = options;
  const directory: TempDir = tempDir();
  const write = (path: string, text: string) => {
    const file = join(directory.path, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  };
  for (const name of bundles) write(`pipelines/${name}.yaml`, samplePipeline(name));
  const entries = bundles.flatMap((name) => [
    `  ${name}:`,
    `    files: [pipelines/${name}.yaml]`,
    ...(workflow
      ? [
          '    workflow:',
          `      id: test-${name}`,
          `      name: ${name}`,
          '      description: A test',
          '      labels: {signal_type: test, severity: low, component: deployment, environment: test, priority: P3, risk_tolerance: low}',
        ]
      : []),
  ]);
  const head = ['version: 1', `repository: ${repository}`, 'tag: v1.0.0', ...settings, 'bundles:'];
  write('bundles.yaml', `${[...head, ...entries].join('\n')}\n`);
  return {
    directory: directory.path,
    config: join(directory.path, 'bundles.yaml'),
    write,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** A project of one bundle, `alpha`, whose workflow is described by a RemediationWorkflow. */
export function remediationProject(options: SampleProjectOptions): SampleProject {
  const project = sampleProject({
    ...options,
    workflow: false,
    settings: [
      ...(options.settings ?? []),
      'schemas: {format: remediation-workflow}',
      'actionTypes: {RestartPod: {what: Restarts a pod, whenToUse: It hangs}}',
    ],
  });
  const workflow = [
    '    workflow:',
    '      id: test-alpha',
    '      description: {what: A test, whenToUse: In tests}',
    '      actionType: RestartPod',
    '      labels: {severity: [info, high], component: v1/Pod, environment: "*", priority: P3, team: blue}',
    '      detectedLabels: {stateful: true}',
    '      serviceAccountName: runner',
  ];
  appendFileSync(project.config, `${workflow.join('\n')}\n`);
  return project;
}

/** A Pipeline named `workflow`, whose content depends on `text`. */
export function samplePipeline(text: string): string {
  return [
    'apiVersion: tekton.dev/v1',
    'kind: Pipeline',
    'metadata:',
    '  name: workflow',
    'spec:',
    `  description: ${text}`,
    '  params:',
    '    - {name: MESSAGE, type: string, default: hello, description: what to say}',
    '  tasks:',
    '    - name: say',
    '      taskSpec:',
    '        steps:',
    `          - {name: say, image: "docker.io/library/busybox:1.36", script: "echo ${text}"}`,
    '',
  ].join('\n');
}
