import type { ErrorFamily } from './error-family.js';

export const usageErrors = {
  page: 'usage',
  title: 'Usage and configuration',
  intro:
    'The command line, a file of the project, a credential or a key cannot be used as given. These errors come before the registry is changed.',
  errors: {
    USAGE: {
      means:
        'The command line is not valid. It has an unknown command or option, a value outside its choices, options that contradict each other, or nothing to work on.',
      example: "Cannot read the command line: unknown option '--dryrun'",
      remedy: 'Read the hint. `npx tekton-bundles COMMAND --help` lists the options of a command.',
    },
    CONFIG_NOT_FOUND: {
      means:
        '`bundles.yaml` is not in this directory, or `--config` names a file that does not exist. Parent directories are not searched.',
      example: 'Cannot read "bundles.yaml": there is no such file or directory',
      remedy:
        "Change to the project's directory, name the file with `--config`, or create one with `npx tekton-bundles init`.",
    },
    CONFIG_INVALID: {
      means:
        '`bundles.yaml` is not YAML, or a key in it is unknown, missing or has the wrong form. The message lists every mistake with its line and column (at most 50). The JSON result has the same list in `details.problems`.',
      example:
        'Cannot read the project, "bundles.yaml:3:6": tag found the number 1.1, wanted a tag: letters, digits, "_", "." and "-", at most 128',
      remedy: 'Correct the file. [Configuration](reference/configuration.md) describes every key.',
    },
    REFERENCE_INVALID: {
      means:
        'A reference is malformed, or lacks the tag or digest that the command needs. The same error rejects a repository whose name is one letter, because tkn and the bundles resolver of a cluster cannot address it.',
      example: 'Cannot read "quay.io/acme/hello": no tag and no digest given',
      remedy: 'Write `registry/repository:tag`. The tag `latest` is never implied.',
    },
    LOCK_INVALID: {
      means: '`bundles.lock` cannot be read. Its format is wrong, or it contains a merge conflict.',
      example:
        'Cannot read the lock, "bundles.lock:1:1": found a merge conflict of git, wanted one side of it',
      remedy:
        'After a merge conflict, take either side as a whole. Then run `npx tekton-bundles ensure`, which writes what is missing.',
    },
    LOCK_PART_INVALID: {
      means:
        'A part of a lock cannot be read. Its format is wrong, or the artifact on the registry is of another type.',
      example:
        'Cannot read the part of a lock, "parts/1.yaml:2:1": tab characters must not be used in indentation',
      remedy:
        'Name what `ensure --shard K/N --part` wrote (`part.location` in its JSON result), or run that shard again.',
    },
    CREDENTIALS_INVALID: {
      means:
        'A configured credential cannot be used. The file is not JSON, the entry for this registry is not base64 and no other credential is found, a credential helper failed, or the file of `registry serve --htpasswd` is not an htpasswd file. The error is reported even where a fallback is allowed. An empty file counts as no file. Files that come after the one with the credential are not read, and with `--offline`, or where a registry needs no credential, none is read.',
      example: 'Cannot use the credential of ~/.docker/config.json (quay.io): its auth is not base64',
      remedy:
        'The message names the file or helper. Correct it, or log in again with `npx tekton-bundles login`.',
    },
    TRUST_REQUIRED: {
      means:
        'A credential, a token or a client certificate would go to a host that only `bundles.yaml` names, or over a connection that `bundles.yaml` weakens or redirects. Nothing was sent. In the job of a pull request, anybody may have written that file.',
      example:
        'Cannot send the token of the catalog to "https://catalog.example": only bundles.yaml names that host, and anybody may have written it',
      remedy:
        'If the host is the right one, confirm it outside the checkout; the hint has the exact line. For the token of a catalog, use `BUNDLES_CATALOG=URL` or `--catalog URL`. For a registry and for the client certificate, use `--trust-registry HOST` or `BUNDLES_TRUST_REGISTRY=HOST`. On your own machine you confirm once with `login --catalog URL` or `login HOST --trust-config bundles.yaml`; `details.hasChanged` is true where the settings have changed since. Otherwise, correct `bundles.yaml`.',
    },
    KEY_INVALID: {
      means:
        'A key file cannot be used. It is not PEM, its algorithm is neither ECDSA with P-256 nor Ed25519, it is private where a public key is needed (or the reverse), the password is wrong, or it is a public key inside the checkout that it is meant to verify. `details.file` names the file. Its content is never printed.',
      example: 'Cannot use the key "cosign.pub": it contains no PEM block',
      remedy:
        'Create a pair with `npx tekton-bundles generate-key-pair`, cosign or openssl. The password of an encrypted key is read from `COSIGN_PASSWORD`, or prompted for at a terminal.',
    },
    IDENTITY_MISSING: {
      means:
        'Signing without a key needs an OpenID Connect token that identifies the signer, and this environment has none or an invalid one. The token is never printed.',
      example: 'Cannot sign without a key: this environment has no identity token',
      remedy:
        'GitHub Actions: give the job `permissions: {id-token: write}`; pull requests from forks never get a token. GitLab CI: declare `id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}` in the job. Elsewhere: `--identity-token FILE`.',
    },
    TRUSTED_TASKS_INVALID: {
      means:
        'A list of trusted Tasks cannot be read. It is not YAML, an entry has no `ref` or has a key other than `expires_on` and `effective_on`, a date is not RFC 3339, or the image does not have exactly one layer of policy data. The message names the first problem with its line and column; `details.problems` in the JSON result lists all. Nothing was written.',
      example:
        'Cannot read the list of trusted tasks, "trusted_tasks.yaml:2:24": trusted_tasks.hello[0].expires_on found "2026-12-01", wanted a time such as "2026-01-29T00:00:00Z" (and 1 more)',
      remedy: 'Correct the list, or leave out `--input` and name a new location with `--to`.',
    },
  },
} as const satisfies ErrorFamily;
