import type { ErrorText } from './error-text.js';

/** Of signatures, the catalog, stored content, this machine and clusters. */
export const environmentErrorTexts = {
  SIGNATURE_MISSING: {
    section: 'Signatures',
    means:
      'No signature of the digest holds by any of the keys given. `details.signatures` lists what was found: signatures by other keys, attestations (which never count as signatures), and what cannot be read. Nothing was copied.',
    example:
      'Cannot verify "quay.io/acme/hello:v1.0.0": no signature of sha256:2fda… by cosign.pub; found none',
    remedy: 'Sign the bundle with the private half of that key, or give the key that signed it.',
  },
  ATTESTATION_MISSING: {
    means:
      'No attestation of a type that `--type` wants holds by what was given. `details.missing` lists the types, `details.signatures` what was found.',
    example:
      'Cannot verify "quay.io/acme/hello:v1.0.0": no attestation https://slsa.dev/provenance/v1 of sha256:2fda… by cosign.pub; found none',
    remedy: 'Attest it with `attest`, or give the key that attested it.',
  },
  SIGNATURE_HIDDEN: {
    means:
      'The signature would have made another one invisible, or would have been invisible itself: cosign does not look at the tags `sha256-….sig` and `sha256-….att` where any sigstore bundle refers to the image. Nothing was signed.',
    example:
      'Cannot sign quay.io/acme/hello:v1.0.0: cosign would no longer see the signature in the tag sha256-2fda….sig',
    remedy: 'Give the other `--signature-storage`, as the hint says.',
  },
  SIGNATURE_FAILED: {
    means:
      'The bundle is on its registry and recorded, and it could not be signed. The message holds the reason.',
    example: 'Cannot sign "quay.io/acme/hello:v1.0.0": the registry denies the push',
    remedy: 'Remove the reason and run the command again: what is signed is not signed twice.',
  },
  SIGSTORE_FAILED: {
    means:
      'A service of a keyless signature (`details.service`: Fulcio, Rekor, the timestamp authority, the token service of the job) refused, redirected, or gave an answer that is not one of it or does not verify by the trusted root. Nothing was stored.',
    example: 'Cannot use Fulcio at "https://fulcio.sigstore.dev/api/v2/signingCert": it answers 401',
    remedy:
      'Check `--fulcio-url`, `--rekor-url`, `--tsa-url` and `--trusted-root`: they have to be of one sigstore, which has to trust the issuer of the token.',
  },
  CATALOG_UNREACHABLE: {
    section: 'The workflow catalog',
    intro:
      'Bundles, lock and schemas are in order when one of these stands in a result: registering comes last.',
    means:
      'The catalog gave no answer worth trusting: nothing listens, the connection broke, it is overloaded, or what answers is no workflow catalog (`details.reason`: `network`, `server-error`, `rate-limited`, `not-a-catalog`, `redirect`, `too-large`). Whether a lost registration arrived is checked before anything is sent again; what stays open is noted in the state directory, and the next run asks first.',
    example: 'Cannot register "hello" 1.0.0: nothing listens on http://127.0.0.1:8081',
    remedy:
      'Check the address and that the service runs, then run `npx tekton-bundles ensure` or `npx tekton-bundles register` again.',
  },
  CATALOG_REFUSED: {
    means:
      'The catalog refused: it wants a token or another one (`unauthorized`, `forbidden`), the workflow breaks one of its rules (`invalid`, its own words are in the message), or it is of another generation than the one this program speaks (`generation`; the hint says which).',
    example: 'Cannot register "hello" 1.0.0: the catalog wants a token (unauthorized)',
    remedy: 'Do what the message and the hint say; nothing was registered.',
  },
  CATALOG_CONFLICT: {
    means:
      'The catalog has this version of the workflow with other content. A registered version never changes.',
    example: 'Cannot register "hello" 1.0.0: "https://catalog.example" has this version with other content',
    remedy: "Raise the workflow's `version` (or the tag it comes from) and run again.",
  },
  DATABASE_UNAVAILABLE: {
    means:
      'The embedded catalog cannot begin: its PostgreSQL server does not answer or refuses the user, or the data in the state directory cannot be opened (`details.place`). Once it runs, a database that goes away ends nothing: audit records are kept aside, everything else is answered with 503.',
    example: 'Cannot open the database "localhost:5432": the connection was refused',
    remedy:
      'Check the address, user and password of `--database`; without one, move `.bundles/catalog/data` away, which begins an empty catalog.',
  },
  NOT_FOUND: {
    section: 'Stored content',
    means:
      'Something asked for explicitly is certainly not there: a reference in `list`, an object in a bundle, the directory of `registry gc`.',
    example: 'Cannot find "v9.9.9" in quay.io/acme/hello',
    remedy: 'Check the spelling; the hint of `list` names what the bundle holds.',
  },
  DIGEST_MISMATCH: {
    means:
      'Bytes that were received or stored do not have the digest by which they were asked for. They were not used.',
    example: 'Cannot accept sha256:2fda…: found sha256:9c1e…',
    remedy:
      'Try again. If it stays, the registry or the disk is damaged: push the bundle again, or remove the layout.',
  },
  TOO_LARGE: {
    means: 'An answer, a layer or what it decompresses to is larger than its limit.',
    example: 'Cannot read the bundle sha256:2fda…: its layers have more than 67108864 bytes together',
    remedy: 'Check that the reference names a Tekton bundle.',
  },
  LAYOUT_INVALID: {
    means: 'A layout directory of this machine is damaged or belongs to something else.',
    example: 'Cannot read the layout file ".bundles/registry/hello/index.json": it is not JSON',
    remedy: 'Remove the directory that the message names; `ensure` writes it again.',
  },
  ARCHIVE_INVALID: {
    means:
      'A file that was named as an archive is no tar file, is cut short, lacks what its kind must hold, or holds what no such archive needs: devices, names that lead out of it, a link where a file is wanted.',
    example: 'Cannot read the archive "hello.tar": it is no tar file',
    remedy: 'Write it again, or name it by its own kind: [places](locations.md) says what each is.',
  },
  DISK_FULL: {
    section: 'This machine',
    means: 'No space, or the quota is used up. What was there before is unchanged.',
    example: 'Cannot write "bundles.lock": no space is left on the device',
    remedy: 'Make room, or move the state with `--state-dir`.',
  },
  NOT_WRITABLE: {
    means: 'A file or directory cannot be written.',
    example: 'Cannot write "bundles.lock": permission denied',
    remedy: 'Give the permission; in a read-only checkout use `--frozen --state-dir DIRECTORY`.',
  },
  NOT_READABLE: {
    means: 'A file or directory exists and cannot be read, or is of a kind that is not read.',
    example: 'Cannot read "pipelines": it is a directory, a file is wanted',
    remedy: 'Give the permission, or name another file.',
  },
  BUSY: {
    means: 'Another process holds a lock for longer than is waited for.',
    example: 'Cannot take the lock ".bundles/lock": process 4711 on ci-7 still holds it after 60 s',
    remedy: 'Wait until it has ended, then run again. Locks of dead processes are taken over.',
  },
  ADDRESS_IN_USE: {
    means: 'The port of `registry serve` is taken.',
    example: 'Cannot listen on 127.0.0.1:5055: another program does',
    remedy: 'End what listens there, or choose another with `--port`; 0 takes a free one.',
  },
  PACKAGE_MISSING: {
    means:
      'The command needs a package that is not part of every installation, and that is not installed beside the program (`details.package`): `@kubernetes/client-node` for clusters, `@electric-sql/pglite` and `pg` for the embedded catalog. The GitHub Action has none of the three.',
    example: 'Cannot load the package "@kubernetes/client-node": it is not installed here',
    remedy:
      'Install the package in the project that has `tekton-bundles` (`npm install NAME`) and run `npx tekton-bundles` there; in a workflow, a step with `npm ci` and one with `npx tekton-bundles COMMAND` in place of the action.',
  },
  ENGINE_NOT_FOUND: {
    means: 'None of podman, buildah and docker is on the PATH, or the one that `--engine` names is not.',
    example: 'Cannot find a container engine: none of podman, buildah and docker is on the PATH',
    remedy: 'Install one, or name one that is there.',
  },
  ENGINE_FAILED: {
    means:
      'The container engine did not do its work, and the image is not at fault: no connection to its service, a server that quit in the middle (`unexpected EOF`, exit status 125), a storage lock that never came free, a killed process. It was tried again while that made sense.',
    example: 'Cannot load into the kind cluster "test": kind knows no such cluster',
    remedy: 'See that the engine answers (`podman info`; on a Mac `podman machine start`), and run again.',
  },
  ENGINE_UNSUPPORTED: {
    means:
      'The container engine is too old: it does not support an option that the build needs. `details` has the option, the version that was found and the version that is required.',
    example:
      'Cannot build the image "api": unknown flag: --ignorefile (found podman 2.2.1, wanted podman 3.0 or later)',
    remedy: 'Install that version or a later one, or use another engine with `--engine`.',
  },
  RESOURCES_LOW: {
    means:
      'Too little disk or memory is free for a build, so none was started; `details` holds what is free, what is wanted and which limit counts (a control group, the podman machine, the disk).',
    example: 'Cannot start a build: 512 MiB of memory are free, wanted 1024 MiB',
    remedy:
      'Free some (`npx tekton-bundles images prune` shows what would go), run fewer builds, give the podman machine more, or lower what is asked for with `--min-disk` and `--min-memory`.',
  },
  BUILD_TIMEOUT: {
    means: 'A build took longer than `--build-timeout` and was ended.',
    example: 'Cannot build the image "api": it took longer than 3600 s and was ended',
    remedy: 'Look at the end of its output; give it more time if it needs more.',
  },
  SLOT_TIMEOUT: {
    means:
      'No build slot became free within `--wait-timeout`. `details.holders` are the processes that hold the slots, `details.stopped` those of them that are stopped.',
    example: 'Cannot wait longer for a build slot: none became free within 60 s, held by the process 4711',
    remedy: 'Continue a stopped process (`kill -CONT PID`) or end it, or wait longer.',
  },
  SLOTS_UNSAFE: {
    means:
      "The directory of the build slots is no place to share: it is missing, a symbolic link, owned by somebody else, or open to all without the sticky bit; or root's file `limit` in it holds no number.",
    example: 'Cannot use the build slots in "/tmp/slots": it is a symbolic link',
    remedy:
      'Let an administrator make it once: `install -d -m 1777 DIRECTORY`, or name a directory of your own.',
  },
  INTERRUPTED: {
    section: 'The rest',
    means: 'SIGINT or SIGTERM ended the run. No half-written file is left, and a rerun completes the work.',
    example: 'Interrupted by SIGINT',
    remedy: 'Run it again.',
  },
  CLUSTER_CONFIG_INVALID: {
    means:
      "There is no kubeconfig, it is none, or it has no context of the name; or, within a pod without a kubeconfig, the service account's token or authority is not mounted.",
    example: 'Cannot find a kubeconfig: looked for ~/.kube/config',
    remedy:
      'Name the file in `KUBECONFIG` and a context of `kubectl config get-contexts`. In a pod, mount a service account (`automountServiceAccountToken`).',
  },
  CLUSTER_UNREACHABLE: {
    means:
      'The API server of a cluster does not answer, or answers that it cannot. `details.reason` has the cause.',
    example:
      'Cannot read the ConfigMap local-registry-hosting: no answer from https://127.0.0.1:6443: the connection was refused',
    remedy: 'Look whether the cluster runs: `kubectl --context NAME version`.',
  },
  CLUSTER_REFUSED: {
    means: 'The API server refuses what was asked: no login, a missing right, or an object is not valid.',
    example: 'Cannot apply the registry: https://127.0.0.1:6443 answers 403',
    remedy: 'Log in as for kubectl, or use a context that has the right.',
  },
  CLUSTER_NO_REGISTRY: {
    means:
      'No registry was found that the bundles resolver in the cluster can read. `details.ways` gives the reason for each way.',
    example: 'Cannot find a registry that the cluster of the context "kind-kind" can read',
    remedy:
      '`npx tekton-bundles registry deploy --context NAME`, or declare `fallback: {registry, clusterReference}`.',
  },
  GITHUB_UNREACHABLE: {
    means:
      "GitHub's API does not answer, answers with a failure of its own, or what answers is not that API. `details.reason` is `network`, `server-error` or `not-github`. What had been done by then stays: the next run looks before it creates anything.",
    example: 'Cannot read the branch "main": GitHub answered 502',
    remedy: 'Check the network, the proxy and `GITHUB_API_URL`, and run the command again.',
  },
  GITHUB_DENIED: {
    means:
      'GitHub refuses the token: it is not valid (`unauthorized`), lacks a permission (`forbidden`), or the repository does not exist for it (`not-found`; GitHub answers so for private repositories too).',
    example: 'Cannot create the pull request: GitHub answered 403, "Resource not accessible by integration"',
    remedy: 'Give the job the permissions that the command needs, or another token.',
  },
  GITHUB_REFUSED: {
    means:
      'GitHub understood the request and refuses it: the content is not acceptable (`invalid`), something else changed at the same time (`conflict`), or its answer names a host that does not belong to it (`foreign-origin`).',
    example:
      'Cannot create the pull request: GitHub answered 422, "Validation Failed: No commits between main and bundles/update-refs"',
    remedy: 'The message has the reason. After a conflict, run the command again.',
  },
  PHASE_FAILED: {
    means:
      "Library only: a phase of `runPhases` failed, and what was set up before it was taken down; or something could not be taken down. `cause` is the phase's own failure, `details.trace` tells when each phase ran.",
    example: 'The phase "registry" failed: Cannot listen on 127.0.0.1:5055',
    remedy: 'Look at the failure of the phase that is named; [phases](phases.md).',
  },
  UNEXPECTED: {
    means: 'A defect of `bundles`, or a failure of the system that it does not know.',
    example: 'Unexpected failure: Cannot read properties of undefined',
    remedy: 'Report it with the stack that is printed.',
  },
} as const satisfies Readonly<Record<string, ErrorText>>;
