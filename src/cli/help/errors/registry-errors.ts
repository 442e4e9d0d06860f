import type { ErrorFamily } from './error-family.js';

export const registryErrors = {
  page: 'registry',
  title: 'Registries',
  intro:
    'The registry refuses, does not answer, or may not be contacted. [Registry answers](reference/registry-answers.md) lists which answer leads to which error.',
  errors: {
    REGISTRY_DENIED: {
      means:
        "The registry refused the request. `reason` is `no-credential`, `bad-credential` (the credential was refused), `denied` (the account is known and lacks the right), `write-denied` (reading is allowed, writing is not), `quota` (the namespace is full), `read-only` (the registry accepts no pushes at the moment) or `policy` (any 4xx status other than 401, 403, 404 and 429, with the registry's own message: a rule, a payment or a legal restriction). Many registries, Quay among them, answer 401 or 403 for a repository that does not exist.",
      example:
        'Cannot resolve "quay.io/acme/hello:v1.0.0": GET "https://quay.io/v2/acme/hello/manifests/v1.0.0" answered 403, DENIED requested access to the resource is denied',
      remedy:
        'Follow the hint, which depends on the reason and includes the login command where a login helps. Log in, create the repository, or grant the account the right. `--verbose` prints which credential was used. For `quota`, `read-only` and `policy`, ask the administrators of the registry: a fallback never hides these. A proxy that refuses is a different error, `REGISTRY_UNREACHABLE` with `reason: proxy`.',
    },
    PUSH_NOT_ALLOWED: {
      means:
        'The bundle is missing from the registry, and neither pushing nor a fallback is allowed. Pushing is not allowed with `publish: never`, with `--no-push` or without a credential.',
      example: 'Cannot publish "quay.io/acme/hello:v1.0.0": it is absent, and pushing is not allowed',
      remedy: 'Allow publishing and log in, or allow a fallback.',
    },
    REGISTRY_UNREACHABLE: {
      means:
        "The registry did not give a usable answer. The connection failed, the answer came too late, TLS is not valid, the status is 500 or above, or the answer is not a registry's: a login page, a proxy's message, or a digest that contradicts its body. `reason` gives the cause.",
      example:
        'Cannot resolve "127.0.0.1:1/acme/hello:v1.0.0": connection refused (ECONNREFUSED) at "127.0.0.1:1"',
      remedy:
        'The hint names what to check. Where a fallback is allowed, `ensure` continues without the registry.',
    },
    RATE_LIMITED: {
      means:
        'The registry kept answering 429 (too many requests) until the time limit, or GitHub limits the requests of the token.',
      example:
        'Cannot resolve "quay.io/acme/hello:v1.0.0": HEAD "https://quay.io/v2/acme/hello/manifests/v1.0.0" answered 429, it requests a wait of 60 s',
      remedy: 'Wait, or log in: most registries allow more requests with an account.',
    },
    REQUEST_LIMIT: {
      means:
        'The run reached `--max-requests` and needed another request. It stopped as if interrupted: lock and schemas are unchanged.',
      example: 'Cannot send another request: no more than 2 are allowed',
      remedy: 'Raise the limit, or name fewer bundles. `--verbose` prints what the requests were for.',
    },
    NO_FALLBACK: {
      means:
        'No registry can be used: the run is `--offline` or the fallback registry does not answer, and nothing else is allowed.',
      example:
        'Cannot ensure "quay.io/acme/hello:v1.0.0": no registry was contacted and no fallback is allowed',
      remedy: 'Leave out `--offline`, or allow a fallback.',
    },
    IMAGE_NOT_PINNED: {
      means:
        'An image has to be pinned, the run may not contact registries, and the lock has no digest for it. `--offline` and `build` never contact a registry.',
      example: 'Cannot pin the image "alpine:3.20" offline: the lock has no digest for it',
      remedy: 'Run `npx tekton-bundles pin` or `ensure` once with a network, and commit the lock.',
    },
  },
} as const satisfies ErrorFamily;
