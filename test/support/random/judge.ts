import { spawnSync } from 'node:child_process';

/** What Tekton reports of one object. */
export interface Judgement {
  /** Why it is none; then nothing else was looked at. */
  readonly decode?: string;
  /** Fields that it drops, e.g. `unknown field "spec.foo"`. */
  readonly unknown: readonly string[];
  readonly errors: readonly {
    readonly message: string;
    readonly details?: string;
    readonly paths: readonly string[];
  }[];
}

/** Asks Tekton's own defaults and validation about JSON objects, each without line breaks; `flags` are `name=value`. */
export function judge(
  program: string,
  objects: readonly string[],
  flags: readonly string[] = [],
): Judgement[] {
  const input = objects.map((object) => `${object}\n`).join('');
  const ran = spawnSync(program, [...flags], { input, encoding: 'utf8', maxBuffer: 1 << 30 });
  if (ran.status !== 0) throw new Error(`the judge failed: ${ran.stderr}`);
  const lines = ran.stdout.trimEnd().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Judgement);
}

/** For each thing that Tekton refuses, the rules of ours that can mean it: one of them has to be reported. */
export function rulesOf({ errors }: Judgement): string[][] {
  return errors.flatMap(({ message, paths }) =>
    (paths.length > 0 ? paths : ['']).map((path) => {
      const found = table.filter(([text, place]) => text.test(message) && place.test(path));
      if (found.length === 0) throw new Error(`no rule means: ${message} at ${path}`);
      return found.flatMap(([, , rules]) => rules.split(' '));
    }),
  );
}

const anywhere = /^/;

/** Tekton's message, the path it names, and the rules that mean it. */
const table: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^cannot be marshalled/, anywhere, 'no-missing-param-value'],
  [/^error merging step template and steps/, anywhere, 'no-unmergeable-step'],
  [/default value references param/, anywhere, 'no-undefined-param'],
  [/default value has a circular dependency/, anywhere, 'no-param-cycle'],
  [/^invalid resource name|^Invalid resource name/, anywhere, 'no-invalid-name'],
  [/^missing field/, /steps$/, 'no-missing-steps'],
  [/^missing field/, /(?:^|\.)[iI]mage$/, 'no-missing-image'],
  [/^missing field/, /\.resolver$|\.name$/, 'no-invalid-ref'],
  [/^missing field/, /results\[\d+\]\..*\.properties$/, 'no-invalid-result'],
  [/^missing field/, /\.properties$/, 'no-invalid-param-type'],
  [/^missing field/, /when\[\d+\]$/, 'no-invalid-when'],
  [/^expected exactly one, got both/, /steps\[\d+\]\.name$/, 'no-duplicate-step no-invalid-ref'],
  [/^expected exactly one, got both/, /(?:tasks|finally)\[\d+\]\.name$/, 'no-duplicate-task'],
  [/^expected exactly one, got both/, /\[[^\]]*\]\.name$/, 'no-duplicate-param'],
  [
    /^expected exactly one, got both/,
    /(?:ref|Ref)\.(?:name|params)$|steps\[\d+\]\.(?:name|params)$/,
    'no-invalid-ref',
  ],
  [/^expected exactly one, got both/, /(?:matrix|params)\[.*\]$/, 'no-invalid-matrix'],
  [/^expected exactly one, got (?:neither|multiple)/, /(?:task|pipeline)(?:Ref|Spec)$/, 'no-ambiguous-task'],
  [/^expected at least one, got none/, anywhere, 'no-empty-pipeline'],
  [/^must not set the field/, anywhere, 'no-removed-field'],
  [/^multiple volumes with same name/, anywhere, 'no-duplicate-volume'],
  [/^workspace mount path .* must be unique/, anywhere, 'no-duplicate-mount-path'],
  [/^workspace name .* must be unique/, anywhere, 'no-duplicate-workspace'],
  [/^invalid value: workspace with name .* appears more than once/, anywhere, 'no-duplicate-workspace'],
  [/^invalid value: workspace \d+ has empty name/, anywhere, 'no-invalid-workspace'],
  [/^undefined workspace|expects workspace with name/, anywhere, 'no-missing-workspace'],
  [/cannot be used with Ref$|cannot be used without Ref$/, anywhere, 'no-invalid-step-ref'],
  [/^script cannot be used with command/, anywhere, 'no-script-with-command'],
  [/^invalid value "/, /steps\[\d+\]\.name$/, 'no-invalid-step-name'],
  [/^invalid value "/, /(?:tasks|finally)\[\d+\]\.name$/, 'no-invalid-task-name'],
  [/^invalid value: -/, /negative timeout$/, 'no-negative-timeout'],
  [/^volumeMount /, anywhere, 'no-reserved-mount'],
  [/^invalid value: "/, /\.onError$/, 'no-invalid-on-error'],
  [/^invalid value: /, /\.OnError$/, 'no-invalid-on-error'],
  [/^PipelineTask OnError cannot be set/, anywhere, 'no-invalid-on-error'],
  [/feature flag|feature gate/, anywhere, 'no-disabled-feature'],
  [/^(?:stepResult|stepArtifact) substitutions/, anywhere, 'no-misplaced-step-result'],
  [/^Invalid: cannot use reserved sidecar name/, anywhere, 'no-reserved-sidecar'],
  [/^parameter appears more than once|^parameter names must be unique/, anywhere, 'no-duplicate-param'],
  [/^enum can only|^parameter enum value|^param default value/, anywhere, 'no-invalid-param-enum'],
  [
    /^The format of following array and string|^Object param name and key name/,
    anywhere,
    'no-invalid-param-name',
  ],
  [
    /^invalid value: /,
    /(?:^|\.)params\.(?:.*\.)?type$|^spec\.(?:tasks|finally)\.params\..*\.type$|Spec\.params\..*\.type$/,
    'no-invalid-param-type',
  ],
  [/type does not match default value's type/, anywhere, 'no-invalid-param-type'],
  [/^The value type specified for these keys .* is invalid$/, anywhere, 'no-invalid-param-type'],
  [/^[tT]he value type specified for these keys .*the type must be string$/, anywhere, 'no-invalid-result'],
  [/^Invalid referencing of parameters/, anywhere, 'no-invalid-reference'],
  [/^non-existent variable/, anywhere, 'no-undefined-param no-undefined-context no-undefined-result'],
  [/^variable type invalid|^variable is not properly isolated/, anywhere, 'no-invalid-param-use'],
  [/^invalid key name/, /results?\[/, 'no-invalid-result'],
  [/^invalid value: /, /results\[[^.]*\]\.type$/, 'no-invalid-result'],
  [
    /^Invalid Type\. Wanted string|^Could not extract step name|^invalid extracted/,
    anywhere,
    'no-invalid-result',
  ],
  [/^invalid value: /, /[rR]ef\.name$/, 'no-invalid-ref'],
  [/^invalid value: /, /steps\[\d+\]\.name$/, 'no-invalid-ref no-duplicate-step'],
  [/^invalid value: operator|^invalid value: expecting non-empty values/, anywhere, 'no-invalid-when'],
  [/^cel and input|^invalid cel/, anywhere, 'no-invalid-when'],
  [
    /^invalid value: custom task|^invalid value: invalid apiVersion format/,
    anywhere,
    'no-invalid-custom-task',
  ],
  [/^taskSpec\.(?:apiVersion|kind) cannot be specified/, anywhere, 'no-invalid-custom-task'],
  [/^invalid value: cycle detected/, anywhere, 'no-pipeline-task-cycle'],
  [/^invalid value: couldn't add link/, anywhere, 'no-pipeline-missing-task'],
  [/^invalid value: task .* is already present in Graph/, anywhere, 'no-duplicate-task'],
  [/^invalid value: spec\.tasks is empty/, anywhere, 'no-empty-pipeline'],
  [
    /no runAfter allowed under spec\.finally|^invalid value: invalid task result reference/,
    anywhere,
    'no-invalid-finally',
  ],
  [
    /pipeline tasks can not refer to execution status|^invalid value: pipeline task .* is not defined/,
    anywhere,
    'no-misplaced-status',
  ],
  [
    /expected pipeline results to be|expected all of the expressions|referencing a nonexistent task/,
    anywhere,
    'no-invalid-pipeline-result',
  ],
  [/^invalid value: result reference to pipelineTask/, anywhere, 'no-child-pipeline-result'],
  [/^expected 0 <= /, anywhere, 'no-invalid-matrix'],
  [/^A matrixed pipelineTask|Matrixed PipelineTasks emitting results/, anywhere, 'no-invalid-matrix'],
  [/^invalid value: invalid variable reference/, anywhere, 'no-unknown-variable'],
  [/^param substitution in scripts/, anywhere, 'no-param-in-script'],
  [/^invalid value: /, /volumeMounts\[\d+\]\.name$/, 'no-fixed-volume'],
];

/** Why Go cannot decode documents, each undefined where it can. */
export function decodeProblems(program: string, documents: readonly string[]): (string | undefined)[] {
  const answers: (string | undefined)[] = [];
  // A part at a time: the output of one run has to fit into one string.
  for (let at = 0; at < documents.length; at += 100_000) {
    const input = documents.slice(at, at + 100_000).map((document) => `${JSON.stringify(document)}\n`);
    const ran = spawnSync(program, ['decode-only'], {
      input: input.join(''),
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    });
    if (ran.status !== 0) throw new Error(`the judge failed: ${ran.stderr}`);
    for (const line of ran.stdout.trimEnd().split('\n')) answers.push((JSON.parse(line) as Judgement).decode);
  }
  return answers;
}
