/** What each exit status means, as `help exit-codes` and docs/reference/exit-codes.md list them. */
export const exitStatuses: readonly (readonly [status: number, meaning: string])[] = [
  [0, 'done, also by fallback'],
  [1, 'unexpected: please report it'],
  [2, 'usage or configuration'],
  [3, '`check`: there is work to do; `list`: not there'],
  [4, 'content differs: the tag holds other content, or a frozen lock would change'],
  [5, 'denied, or pushing is not allowed and no fallback is allowed'],
  [6, 'unreachable or rate limited'],
  [7, 'invalid bundle, schema or source'],
  [8, 'the workflow catalog refused or did not answer; bundles, lock and schemas are in order'],
  [9, 'this machine: disk, permissions, a taken port'],
  [10, 'a signature is missing, would be misread, or could not be made'],
  [130, 'interrupted'],
];
