import type { ErrorFamily } from './error-family.js';

export const contentErrors = {
  page: 'content',
  title: 'The content differs',
  intro:
    'A tag, a lock or a release holds something other than what the sources give. Nothing was overwritten.',
  errors: {
    TAG_DIFFERS: {
      means:
        'The tag holds content that differs from what the sources give. `details.differences` names the objects, annotations and labels.',
      example:
        'Cannot ensure "quay.io/acme/hello:v1.0.0": the tag holds other content, sha256:9c1e… (pipeline workflow: changed)',
      remedy:
        'Raise the tag. Or choose `--on-different`: `fallback` serves your bytes elsewhere, `reuse` takes what the tag holds, and `overwrite` replaces it for the bundles that you name. For `push`, leave out `--no-overwrite`. For `copy` and `promote`, use a new tag, or `--force`. For `images ensure`, where another image already has that name in the local store (`details.found`), choose another name, or take the name over with `--replace`.',
    },
    TAG_IMMUTABLE: {
      means: 'The registry has made the tag immutable, and it holds other content.',
      example: 'Cannot push "quay.io/acme/hello:v1.0.0": the tag is immutable and holds sha256:9c1e…',
      remedy: 'Use a new tag.',
    },
    RACE_LOST: {
      means: 'Another client moved the tag during our push.',
      example: 'Cannot push "quay.io/acme/hello:v1.0.0": it holds sha256:9c1e…, wanted sha256:2fda…',
      remedy: 'See what the tag holds now (`npx tekton-bundles list REFERENCE`), then run the command again.',
    },
    ANCHOR_FAILED: {
      means:
        'A tag would have moved away from a digest that cannot be kept under its anchor, `TAG-<12 hex>`. The registry refuses the anchor tag, the anchor holds another digest, or it does not hold this digest after the push. The tag is unchanged. `details` has `tag`, `anchor` and `digest`.',
      example:
        'Cannot move the tag "v1.0.0": sha256:2fda…, which it holds, cannot be kept as "v1.0.0-2fdaa1f6adcf": Cannot push "quay.io/acme/hello:v1.0.0-2fdaa1f6adcf": PUT "https://quay.io/v2/acme/hello/manifests/v1.0.0-2fdaa1f6adcf" answered 403, DENIED requested access to the resource is denied',
      remedy:
        'Allow the account to push the anchor, use a new tag, or pass `--no-keep-old`, which may lose the old digest.',
    },
    DIGEST_NOT_OURS: {
      means:
        '`push` was given `repository@digest`, and the files build to another digest. Nothing was uploaded.',
      example: 'Cannot push to "quay.io/acme/hello@sha256:2fda…": the files give sha256:9c1e…',
      remedy: 'Check the files, annotations, labels and `--ctime`; or push to a tag.',
    },
    FROZEN: {
      means:
        'With `--frozen`, the lock or a workflow schema would have changed. Nothing was pushed for that bundle.',
      example: 'Cannot ensure "hello" frozen: the lock would change, to sha256:2fda…',
      remedy: 'Run `npx tekton-bundles ensure` without `--frozen`, review the change, and commit it.',
    },
    SOURCES_UNCOMMITTED: {
      means:
        'With `--require-clean`, a bundle would have been published from files that differ from the last commit. `details.reason` is `uncommitted` (with `details.files`), or `no-git` where git is not available. The bundle was not published; other bundles were.',
      example: 'Cannot publish "hello" with --require-clean: not committed are pipelines/hello.yaml',
      remedy:
        'Commit the files, or leave out `--require-clean`. For `no-git`, install git and run in a working tree.',
    },
    LOCK_STALE: {
      means:
        'The bundle has no entry in the lock, or its sources or reference changed since the entry was written. The command has no digest to work with.',
      example: 'Cannot use the pinned bundle "hello": it has no entry in the lock',
      remedy: 'Run `npx tekton-bundles ensure NAME` and commit the lock.',
    },
    LOCK_PARTS_MISMATCH: {
      means:
        'The parts given to `lock merge` do not form one lock. The lock is unchanged. `details.reason` is `missing-shard`, `missing-bundle` (a declared bundle has no entry: it failed in its shard), `contradiction` (two parts of one shard differ), `other-configuration` (another `bundles.yaml`), `other-count` (another number of shards), `other-reference` (another repository or tag), `undeclared` or `wrong-shard`.',
      example: 'Cannot merge the parts of a lock: 3/3 is missing',
      remedy:
        'Run the named shard again. Run all shards from one commit, and pass only the parts of one run.',
    },
    RELEASE_DIFFERS: {
      means:
        'The release is already published on GitHub, with files of the same names and other content. `details.files` lists them. Nothing was changed.',
      example:
        'Cannot change the release "v1.0.0": it is published, and has files of other content: bundles.lock',
      remedy:
        'Release the change under a new tag. Replace the files with `--replace` only if they are not in use yet.',
    },
    RELEASE_IMMUTABLE: {
      means:
        'The GitHub release is immutable, and its files are incomplete or differ. GitHub does not let anybody add, replace or remove a file of such a release. `details.files` lists the files.',
      example:
        'Cannot change the release "v1.0.0": it is immutable, and its files differ from those of this commit: bundles.lock',
      remedy: 'Release the change under a new tag.',
    },
  },
} as const satisfies ErrorFamily;
