import type { ErrorFamily } from './error-family.js';

export const catalogErrors = {
  page: 'catalog',
  title: 'The workflow catalog',
  intro:
    'Registering is the last step, so bundles, lock and schemas are complete when one of these errors occurs.',
  errors: {
    CATALOG_UNREACHABLE: {
      means:
        'The catalog did not give a usable answer. `details.reason` is `network`, `server-error`, `rate-limited`, `not-a-catalog`, `redirect` or `too-large`. If the answer to a registration was lost, the run looks up whether it arrived before it sends anything again. What remains open is noted in the state directory, and the next run looks it up first.',
      example:
        'Cannot look for "hello" in the catalog: connection refused (ECONNREFUSED) at "http://127.0.0.1:8081"',
      remedy:
        'Check the address and that the service runs. Then run `npx tekton-bundles ensure` or `npx tekton-bundles register` again.',
    },
    CATALOG_REFUSED: {
      means:
        "The catalog refused the registration. `details.reason` is `unauthorized` or `forbidden` (it needs a token, or another one), `invalid` (the workflow breaks one of the catalog's rules; the message quotes it), `generation` (its API version is not supported; the hint names it) or `status` (any other refusal). Nothing was registered.",
      example: 'Cannot look for "hello" in the catalog: "https://catalog.example" answers 401',
      remedy: 'Follow the message and the hint.',
    },
    CATALOG_CONFLICT: {
      means:
        'The catalog has this version of the workflow with other content. A registered version never changes.',
      example:
        'Cannot register "hello" 1.0.0: "https://catalog.example" has this version with other content, 9c1e…, wanted 2fda…',
      remedy: "Raise the workflow's `version` (or the tag it comes from) and run again.",
    },
    DATABASE_UNAVAILABLE: {
      means:
        'The embedded catalog cannot start. Its PostgreSQL server does not answer or refuses the user, or the data in the state directory cannot be opened (`details.place`). A database that fails later does not end the catalog: audit records are kept on disk, and all other requests get 503.',
      example:
        'Cannot open the database "postgres://127.0.0.1:5432/catalog": connect ECONNREFUSED 127.0.0.1:5432',
      remedy:
        'Check the address, user and password of `--database`. Without `--database`, move `.bundles/catalog/data` away to start with an empty catalog.',
    },
  },
} as const satisfies ErrorFamily;
