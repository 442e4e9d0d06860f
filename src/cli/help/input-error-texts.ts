import type { ErrorText } from './error-text.js';

/** Of what was asked for, of registries and of sources. */
export const inputErrorTexts = {
  USAGE: {
    section: 'Usage and configuration',
    means:
      'The command line cannot be understood: an unknown command or option, a value out of its choices, contradicting options, nothing to work on.',
    example: "Cannot read the command line: unknown option '--dryrun'",
    remedy: 'Read the hint; `bundles COMMAND --help` lists what there is.',
  },
  CONFIG_NOT_FOUND: {
    means: 'There is no `bundles.yaml` here, or not where `--config` says. No directory above is searched.',
    example: 'Cannot read "bundles.yaml": there is no such file or directory',
    remedy: "Go to the project's directory, name the file with `--config`, or make one with `init`.",
  },
  CONFIG_INVALID: {
    means:
      '`bundles.yaml` is not YAML, or something in it is unknown, missing or of a wrong form. The message names the first problem with line and column; `details.problems` of the JSON result names all.',
    example: 'Cannot read the project, bundles.yaml: found 2 mistakes',
    remedy: 'Correct the file; [configuration](configuration.md) describes every key.',
  },
  REFERENCE_INVALID: {
    means:
      'A text that should name a bundle is no reference, or lacks the tag or digest that the command needs; or a bundle would be published to a repository of one letter, which tkn and the bundles resolver of a cluster cannot name.',
    example: 'Cannot read the reference "quay.io/acme/hello": it has no tag',
    remedy: 'Write `registry/repository:tag`. `latest` is never implied.',
  },
  LOCK_INVALID: {
    means: '`bundles.lock` cannot be read: not its format, or it holds a merge conflict.',
    example: 'Cannot read the lock, bundles.lock: found the markers of a merge conflict',
    remedy: 'After a merge take either side as a whole; then run `ensure`, which writes what is missing.',
  },
  LOCK_PART_INVALID: {
    means:
      'A part of a lock, as `ensure --shard` writes it, cannot be read: not its format, or an artifact of another kind.',
    example: 'Cannot read the part of a lock, "oci:quay.io/acme/hello:v1.0.0": its type is "application/…"',
    remedy: 'Name what `ensure --part` wrote (`part.location` of its JSON result), or run the shard again.',
  },
  CREDENTIALS_INVALID: {
    means:
      'A credential was configured and cannot be used: a file that is not JSON, an entry for this registry that is not base64 where no other credential is found for it, a credential helper that failed; or the file of `registry serve --htpasswd` is none. It is never passed over in silence, also where a fallback is allowed. An empty file is no file, and files behind the place that holds the credential are not read; with `--offline`, and where a registry wants none, none is.',
    example: 'Cannot use the credential of quay.io in ~/.docker/config.json: it is not base64',
    remedy: 'The message names the file or helper. Correct it, or log in again.',
  },
  TRUST_REQUIRED: {
    means:
      "A credential, a token or a client certificate would go to a host that only bundles.yaml names, or to one for which bundles.yaml weakens or redirects the connection. Nothing was sent. In the job of a pull request that file may be anybody's.",
    example:
      'Cannot send the token of the catalog to "https://catalog.example": only bundles.yaml names that host, and anybody may have written it',
    remedy:
      'If the host is the right one, say so on this machine: `BUNDLES_CATALOG=URL` or `--catalog URL` for the token of a catalog (`login --catalog URL` once, on your own machine), `--trust-registry HOST` or `BUNDLES_TRUST_REGISTRY=HOST` for what `registries` says of a registry and for the client certificate (on your own machine `login HOST --trust-config bundles.yaml` once; `details.hasChanged` tells that it has agreed to other settings). The hint names the line. Else change bundles.yaml.',
  },
  KEY_INVALID: {
    means:
      'A key file cannot be used: not PEM, another algorithm than ECDSA with P-256 or Ed25519, a private key where the public one is wanted or the reverse, a wrong password, or a public key within the checkout that it is to judge. `details.file` names it; nothing of its content is repeated.',
    example: 'Cannot use the key "cosign.pub": it is not a PEM file',
    remedy:
      'Make a pair with `generate-key-pair`, or with cosign or openssl. The password of an encrypted key comes from `COSIGN_PASSWORD`, or is asked for at a terminal.',
  },
  TRUSTED_TASKS_INVALID: {
    means:
      'A list of trusted Tasks cannot be read: not YAML, an entry without `ref` or with another key than `expires_on` and `effective_on`, a date that is not RFC 3339, or an image without exactly one layer of policy data. The message names the first problem with line and column; `details.problems` of the JSON result names all. Nothing was written.',
    example: 'Cannot read the list of trusted tasks, trusted_tasks.yaml: found 2 mistakes',
    remedy: 'Correct the list, or leave `--input` out and name a new place with `--to`.',
  },
  IDENTITY_MISSING: {
    means:
      'Signing without a key needs a token of OpenID Connect that says who signs, and there is none here, or what was given is none. Nothing of a token is repeated.',
    example: 'Cannot sign without a key: this environment has no identity token',
    remedy:
      'GitHub Actions: give the job `permissions: {id-token: write}`; pull requests from forks never get a token. GitLab CI: declare `id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}` in the job itself. Elsewhere: `--identity-token FILE`.',
  },
  TAG_DIFFERS: {
    section: 'Content differs from what was asked for',
    means:
      'The tag holds other content than the sources give. `details.differences` names the objects, annotations and labels.',
    example: 'Cannot publish "quay.io/acme/hello:v1.0.0": the tag holds other content (pipeline workflow)',
    remedy:
      'Raise the tag. Or choose `--on-different`: `fallback` serves your bytes elsewhere, `reuse` takes what the tag holds, `overwrite` replaces it for bundles that you name. For `push`, leave out `--no-overwrite`. For `copy` and `promote`, use a new tag, or `--force`. For `images ensure`: where the local store holds an image of somebody else under that name (`details.found`), choose another name, or take it with `--replace`.',
  },
  TAG_IMMUTABLE: {
    means: 'The registry keeps the tag as it is and it holds other content.',
    example: 'Cannot push "quay.io/acme/hello:v1.0.0": the tag is immutable and holds sha256:2fda…',
    remedy: 'Use a new tag.',
  },
  RACE_LOST: {
    means: 'Another client moved the tag during our push.',
    example: 'Cannot put the tag "v1.0.0": it holds sha256:9c1e…, wanted sha256:2fda…',
    remedy: 'Look at what it holds (`list`), then run again.',
  },
  ANCHOR_FAILED: {
    means:
      'A tag was to leave a digest, and that digest cannot be kept under its anchor, `TAG-<12 hex>`: the registry refuses that tag, it holds another digest, or it does not hold this one after it was put. The tag is unchanged. `details` has `tag`, `anchor` and `digest`.',
    example:
      'Cannot move the tag "v1.0.0": sha256:2fda…, which it holds, cannot be kept as "v1.0.0-2fdaa1f6adcf": the registry refuses the tag',
    remedy:
      'Let the account put the anchor, use a new tag, or give `--no-keep-old`, which may lose the old digest.',
  },
  DIGEST_NOT_OURS: {
    means: '`push` was given `repository@digest`, and the files give another digest. Nothing was uploaded.',
    example: 'Cannot push to "quay.io/acme/hello@sha256:2fda…": the files give sha256:9c1e…',
    remedy: 'Check files, annotations, labels and `--ctime`; or push to a tag.',
  },
  FROZEN: {
    means:
      'Under `--frozen`, the lock or a workflow schema would have changed. Nothing was pushed for that bundle.',
    example: 'Cannot ensure "hello" frozen: the lock would change, to sha256:2fda…',
    remedy: 'Run `ensure` without `--frozen`, review the change, and commit it.',
  },
  SOURCES_UNCOMMITTED: {
    means:
      'Under `--require-clean`, a bundle would have been published from files that the last commit does not hold as they are (`details.reason: uncommitted`, `details.files`), or git could not tell (`no-git`). It was not published; other bundles were.',
    example: 'Cannot publish "hello": pipelines/hello.yaml is not committed as it is',
    remedy:
      'Commit the files, or leave out `--require-clean`. Where git cannot tell: install git, and run in a working tree.',
  },
  LOCK_STALE: {
    means:
      'The bundle has no entry in the lock, or its sources or its reference changed since the entry was written, so that there is no digest to work with.',
    example:
      'Cannot use the pinned bundle "hello": its sources or its reference changed since the lock was written',
    remedy: 'Run `ensure` for the bundle and commit the lock.',
  },
  LOCK_PARTS_MISMATCH: {
    means:
      'The parts given to `lock merge` do not make one lock, and it was left as it is. `details.reason` is `missing-shard`, `missing-bundle` (a declared bundle without an entry: it failed in its shard), `contradiction` (two parts of one shard differ), `other-configuration` (another bundles.yaml), `other-count` (another number of shards), `other-reference` (another repository or tag), `undeclared` or `wrong-shard`.',
    example: 'Cannot merge the parts of a lock: 3/16 is missing',
    remedy:
      'Run the shard that is named again, all shards from one commit, and give the parts of one run alone.',
  },
  RELEASE_DIFFERS: {
    means:
      'The release is published on GitHub and has files of the same names with other content (`details.files`). Nothing was changed.',
    example:
      'Cannot change the release "v1.0.0": it is published, and has files of other content: bundles.lock',
    remedy:
      'Release what changed under a new tag. Replace the files with `--replace` only where nobody relies on them yet.',
  },
  RELEASE_IMMUTABLE: {
    means:
      'The repository has immutable releases: GitHub lets nobody add, replace or remove a file of a published one, and this one lacks files or has others (`details.files`).',
    example:
      'Cannot change the release "v1.0.0": it is immutable, and its files differ from those of this commit: bundles.lock',
    remedy: 'Release what changed under a new tag.',
  },
  REGISTRY_DENIED: {
    section: 'The registry refuses',
    means:
      "The registry refused. `reason` says more: `no-credential`, `bad-credential` (it refused what was sent), `denied` (known, and without the right), `write-denied` (reading was allowed, writing is not), `quota` (the namespace is full), `read-only` (nothing can be pushed at the moment), `policy` (another 4xx than 401, 403, 404 and 429 in the registry's own words: a rule, a payment or a law). Many registries, Quay among them, answer 401 or 403 for a repository that does not exist.",
    example: 'Cannot read "quay.io/acme/hello:v1.0.0": the registry denies it',
    remedy:
      'The hint says what belongs to the reason, with a line to paste where a login would help. Log in, create the repository, or give the account its right; a proxy that refused is named by its address (`REGISTRY_UNREACHABLE`, `proxy`). `--verbose` names the credential that was used. For `quota`, `read-only` and `policy`, ask the administrators of the registry: a fallback never hides these.',
  },
  PUSH_NOT_ALLOWED: {
    means:
      'The bundle has to be published, publishing is not allowed (`publish: never`, `--no-push`, no credential), and no fallback is allowed.',
    example: 'Cannot publish "quay.io/acme/hello:v1.0.0": it is absent, and pushing is not allowed',
    remedy: 'Allow publishing and log in, or allow a fallback.',
  },
  REGISTRY_UNREACHABLE: {
    section: 'The registry gives no answer worth trusting',
    means:
      "No connection, no answer in time, no valid TLS, an answer of 500 or above, or an answer that is no registry's: a login page, a proxy, a digest that contradicts its body. `reason` names which.",
    example: 'Cannot reach quay.io: the name has no address (DNS)',
    remedy: 'The hint says what to look at. With a fallback allowed `ensure` goes on without the registry.',
  },
  RATE_LIMITED: {
    means: 'The registry answered 429 until patience ran out, or GitHub limits the requests of the token.',
    example: 'Cannot read "quay.io/acme/hello:v1.0.0": quay.io answers 429 (too many requests)',
    remedy: 'Wait, or log in: most registries allow more to known accounts.',
  },
  REQUEST_LIMIT: {
    means:
      'The run sent as many requests as `--max-requests` allows, and would have needed one more. It stopped where it was, as on an interruption: lock and schemas are as before.',
    example: 'Cannot send another request: no more than 100 are allowed',
    remedy: 'Raise the limit, or name fewer bundles; `--verbose` tells what the requests were for.',
  },
  NO_FALLBACK: {
    means:
      'No registry was asked (`--offline`) or the fallback registry cannot be asked, and nothing else is allowed.',
    example: 'Cannot ensure "hello": no registry was asked and no fallback is allowed',
    remedy: 'Leave out `--offline`, or allow a fallback.',
  },
  IMAGE_NOT_PINNED: {
    means:
      'An image is to be pinned, no registry may be asked (`--offline`, `build`), and the lock has no digest for it.',
    example: 'Cannot pin the image "alpine:3.20" offline: the lock has no digest for it',
    remedy: 'Run `pin` or `ensure` once with a network, and commit the lock.',
  },
  SOURCE_NOT_FOUND: {
    section: 'Sources, bundles and schemas that cannot be right',
    means: 'A declared file, directory or glob, or a file behind `-f`, leads to nothing.',
    example: 'Cannot read the sources of hello: no source lies at pipelines/helo.yaml',
    remedy: 'Correct the path. Paths in `bundles.yaml` are relative to that file.',
  },
  SOURCE_TOO_LARGE: {
    means: 'A source is larger than 4 MiB, or a glob walks over more than 50,000 names.',
    example: 'Cannot read standard input: more than 4194304 bytes',
    remedy: 'Split the file (a cluster stores no object above 1 MiB or so), or name a directory before `**`.',
  },
  YAML_INVALID: {
    means:
      'A source is neither YAML nor JSON, or uses what is refused on purpose (alias bombs, mappings as keys). The message names file, document, line and column.',
    example: 'Cannot read "pipelines/hello.yaml", line 12: found a tab, wanted blanks',
    remedy: 'Correct it; [how sources are read](yaml.md) lists the rules.',
  },
  OBJECT_INVALID: {
    means: 'A document is no Tekton resource of a bundle: another kind, no name, or a field of a wrong type.',
    example: 'Cannot use "pipelines/hello.yaml", document 1, line 1 as a Tekton object: it has no name',
    remedy:
      'Correct or leave out the document. A bundle holds Tekton resources only, so a ConfigMap has no place in it.',
  },
  OBJECT_DUPLICATE: {
    means: 'Two objects have the same kind and name. A cluster would only ever see one of them.',
    example: 'Cannot bundle task "build" twice: found it in a.yaml and in b.yaml',
    remedy: 'Rename or remove one. `--tkn-compat` lifts this in `push`.',
  },
  TOO_MANY_OBJECTS: {
    means: "The bundle has more than 20 objects, which a cluster's resolver refuses.",
    example: "Cannot make a bundle of pipelines/: found 21 objects, Tekton's resolver takes at most 20",
    remedy: 'Make two bundles of it.',
  },
  IMAGE_NOT_FOUND: {
    means:
      'The sources name an image by a tag that its registry does not have, so that it cannot be pinned. The bundle stays as it is.',
    example: 'Cannot pin the image "alpine:3.99": there is no such tag',
    remedy: 'Correct the image in the sources: a step that names it could not run either.',
  },
  LINT_FAILED: {
    means:
      'A source breaks a rule that a cluster would refuse it by, or there are more warnings than `--max-warnings` allows. `ensure`, `check` and `build` say so before they ask any registry, with the first place and all of them in `details.findings`.',
    example: 'Cannot accept hello: found 1 error',
    remedy:
      "`npx tekton-bundles lint` shows each with its line; [lint](lint.md) says what would be right, how the cluster's feature flags are named, and how a rule is left out.",
  },
  BUNDLE_INVALID: {
    means:
      'What a registry or a layout holds is no bundle that a cluster could read: layers without annotations, a manifest or config that breaks its format.',
    example: 'Cannot read the bundle "quay.io/acme/hello:v1.0.0": a layer has no annotations',
    remedy: 'Push it again from its sources.',
  },
  PREFLIGHT_FAILED: {
    means:
      "Tekton's resolver would refuse the bundle, or could not reach its registry from inside a cluster; `details.problems` names each rule. [run](commands.md#run) lists them.",
    example: 'Cannot run "hello" as localhost:5055/hello: inside a cluster, localhost is the pod itself',
    remedy:
      'The hint says how to name the registry so that a cluster reaches it. `--no-preflight` prints the run all the same.',
  },
  SCHEMA_INVALID: {
    means:
      'The workflow schema that follows from Pipeline and declaration breaks a rule; the message names the rule and the parameter.',
    example:
      'Cannot write the schema of hello: the name of the parameter "delay" has small letters, wanted DELAY',
    remedy:
      'Correct the declaration in `bundles.yaml` or the Pipeline; [workflows](configuration.md#workflows) lists the rules.',
  },
  SCHEMA_MISMATCH: {
    means:
      'Declaration and Pipeline contradict each other: a declared parameter that the Pipeline has not, a Pipeline that is not named `workflow`, a param that is not text.',
    example:
      'Cannot describe hello: it declares the parameter DELAY_SECONDS, which the Pipeline does not have',
    remedy: 'Make the two agree.',
  },
  CONTAINERFILE_INVALID: {
    means:
      "A service image's Containerfile cannot be read: no FROM, a base that is no image, a variable in FROM that has no value.",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shown as it is
    example: 'Cannot find the base image "${BASE}": the variable has no value',
    remedy: 'Correct the line named, or give the variable a value under `args:`.',
  },
  CONTEXT_INVALID: {
    means:
      'The build context of a service image contains a socket, a FIFO or a device, which cannot be copied into an image, or its ignore file contains an invalid pattern. `details.path` is the path of that file.',
    example: 'Cannot read the ignore file ".containerignore": one of its patterns is invalid',
    remedy: 'Remove the file or list it in `.containerignore`; correct the pattern.',
  },
  SOURCE_CHANGED: {
    means:
      'The build context of a service image changed while the image was built, so its content is unknown. The image was thrown away.',
    example: 'Cannot use what was built of "api": its context changed meanwhile',
    remedy:
      'Run again when nothing writes into the context; leave out what tools write there by `.containerignore`. The state directory and the logs of bundles never count.',
  },
  BUILD_FAILED: {
    means:
      'The container engine refused to build a service image: a RUN that failed, a file that COPY does not find. It is not tried again, since it would fail again. The message ends with the last line of the engine, and names the file that holds all of its output.',
    example: 'Cannot build the image "api": exit status 1, npm ci failed',
    remedy: 'Read the output; `details.lastLines` holds the end of it.',
  },
} as const satisfies Readonly<Record<string, ErrorText>>;
