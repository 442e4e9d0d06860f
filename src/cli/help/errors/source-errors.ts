import type { ErrorFamily } from './error-family.js';

export const sourceErrors = {
  page: 'sources',
  title: 'Sources, bundles, schemas and images',
  intro: 'Something that you wrote, or that a registry holds, is not valid and has to be corrected.',
  errors: {
    SOURCE_NOT_FOUND: {
      means: 'A declared file, directory or glob, or a file given with `-f`, matches nothing.',
      example: 'Cannot read the sources of "hello": there is no source at "pipelines/helo.yaml"',
      remedy: 'Correct the path. Paths in `bundles.yaml` are relative to that file.',
    },
    SOURCE_TOO_LARGE: {
      means: 'A source is larger than 4 MiB, or a glob visits more than 50,000 names.',
      example: 'Cannot read standard input: more than 4194304 bytes',
      remedy: 'Split the file (a cluster stores objects up to about 1 MiB), or name a directory before `**`.',
    },
    YAML_INVALID: {
      means:
        'A source is neither YAML nor JSON, or uses a feature that is refused, such as alias bombs or mappings as keys. The message names the file, document, line and column.',
      example: 'Cannot read "hello.yaml", document 1, line 2, column 1: found a tab that indents a line',
      remedy: 'Correct the file. [How sources are read](explanation/yaml.md) lists the rules.',
    },
    OBJECT_INVALID: {
      means:
        'A document is not a Tekton object that a bundle can hold. It is of another kind, has no name, or has a field of the wrong type.',
      example:
        'Cannot use "hello.yaml", document 1, line 3 as a Tekton object: metadata.name is missing, wanted a name',
      remedy:
        'Correct the document or remove it. A bundle holds Tekton objects only, so a ConfigMap cannot be part of one.',
    },
    OBJECT_DUPLICATE: {
      means: 'Two objects have the same kind and name. A cluster would only ever find one of them.',
      example:
        'Cannot bundle task "build" twice: found it in "a.yaml", document 1, line 1 and in "b.yaml", document 1, line 1',
      remedy: 'Rename or remove one. `push --tkn-compat` allows duplicates.',
    },
    TOO_MANY_OBJECTS: {
      means: "The bundle has more than 20 objects, and Tekton's resolver refuses such a bundle.",
      example: "Cannot make a bundle of 21 files: found 21 objects, Tekton's resolver takes at most 20",
      remedy: 'Split it into two bundles.',
    },
    IMAGE_NOT_FOUND: {
      means:
        'The sources name an image by a tag that its registry does not have, so it cannot be pinned. The bundle is unchanged.',
      example: 'Cannot pin the image "quay.io/acme/tool:v9": there is no such tag',
      remedy: 'Correct the image in the sources: a step that uses it could not run either.',
    },
    LINT_FAILED: {
      means:
        'A source breaks a rule of severity error, or there are more warnings than `--max-warnings` allows. A cluster would refuse such a source. `ensure`, `check` and `build` report it before they contact a registry. `details.findings` lists every finding.',
      example:
        'Cannot bundle "hello", which a cluster would refuse: pipelines/hello.yaml:6:7: found taskRef and taskSpec, wanted exactly one of taskRef and taskSpec (no-ambiguous-task)',
      remedy:
        "`npx tekton-bundles lint` prints each finding with its line. [Lint](reference/lint.md) describes how to correct or suppress a finding, and how to declare the cluster's feature flags.",
    },
    BUNDLE_INVALID: {
      means:
        'A registry or layout holds an image that a cluster cannot read as a bundle: its layers have no annotations, or its manifest or config is malformed.',
      example: 'Cannot read the bundle sha256:2fda…: layer 0 has no annotation dev.tekton.image.apiVersion',
      remedy: 'Push the bundle again from its sources.',
    },
    PREFLIGHT_FAILED: {
      means:
        "Tekton's resolver would refuse the bundle, or could not reach its registry from inside a cluster. `details.problems` names each rule; [run](reference/commands/run.md) lists them.",
      example:
        'Cannot run "hello" as 127.0.0.1:5055/acme/hello:v1.0.0@sha256:2fda…: 127.0.0.1:5055 is the resolver\'s own pod there, not this machine',
      remedy:
        'The hint gives a name for the registry that the cluster can reach. `--no-preflight` prints the run without these checks.',
    },
    SCHEMA_INVALID: {
      means:
        'A workflow schema breaks a rule. The message names the rule and the parameter. The schema follows from the Pipeline and the declaration.',
      example:
        'Cannot derive the workflow schema of "hello": pipelines/hello.yaml:1: the parameter "DELAY": the default is 1, wanted at least 5',
      remedy:
        'Correct the declaration in `bundles.yaml` or the Pipeline. [Workflows](reference/workflows.md) lists the rules.',
    },
    SCHEMA_MISMATCH: {
      means:
        'The declaration of a workflow and its Pipeline contradict each other. A declared parameter is not a param of the Pipeline, the Pipeline is not named `workflow`, or a param is not of type string.',
      example:
        'Cannot derive the workflow schema of "hello": bundles.yaml: bundles.hello.workflow.parameters.DELAY_SECONDS: the Pipeline has no param "DELAY_SECONDS", wanted one of DELAY',
      remedy: 'Change one of the two so that they agree.',
    },
    CONTAINERFILE_INVALID: {
      means:
        "A service image's Containerfile is not valid. It has no FROM, its base is not an image, or a variable in FROM has no value.",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the message quotes a variable of a Containerfile
      example: 'Cannot build from "api/Containerfile": line 2 takes "${BASE}", and BASE has no value',
      remedy: 'Correct the named line, or give the variable a value under `args:`.',
    },
    CONTEXT_INVALID: {
      means:
        'The build context of a service image contains a socket, a FIFO or a device, or its ignore file has an invalid pattern. Such files cannot be copied into an image. `details.path` is the path of the file.',
      example: 'Cannot read the ignore file "api/.containerignore": one of its patterns is invalid',
      remedy: 'Remove the file or list it in `.containerignore`; correct the pattern.',
    },
    SOURCE_CHANGED: {
      means:
        'The build context of a service image changed during the build, so the content of the image is unknown. The image was discarded.',
      example:
        'Cannot use what was built of "api": its context changed during the build (all output: .bundles/images/api.log)',
      remedy:
        'Run again when no program writes into the context. List generated files in `.containerignore`. The state directory and the logs of bundles never count.',
    },
    BUILD_FAILED: {
      means:
        'The container engine failed to build a service image, for example because a RUN failed or COPY did not find a file. The build is not retried, because it would fail again. The message ends with the last line of the output and names the file that holds all of it.',
      example:
        'Cannot build the image "api": building at STEP "RUN make": while running runtime: exit status 2 (all output: .bundles/images/api.log)',
      remedy: 'Read the output; `details.lastLines` holds the end of it.',
    },
  },
} as const satisfies ErrorFamily;
