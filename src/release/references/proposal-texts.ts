/** Longest lists in a description: GitHub takes 65,536 characters of it. */
const mostLines = 100;

/** The commit's message. Its trailers let a later run distinguish its own commits from others. */
export function messageOf({
  bundles,
  tree,
  edits,
}: {
  readonly bundles: readonly string[];
  /** Of the commit: a commit that was changed by hand has another one. */
  readonly tree: string;
  readonly edits: string;
}): string {
  const list = capped(bundles).map((line) => `- ${line}`);
  const head = ['chore: update references to Tekton bundles', '', ...list, ''];
  return [...head, `Bundles-Tree: ${tree}`, `Bundles-Edits: ${edits}`].join('\n');
}

/** Whether a commit is one that `messageOf` described, as it was made. */
export function isOurCommit({ message, tree }: { readonly message: string; readonly tree: string }): boolean {
  return /^Bundles-Tree: (\w+)$/m.exec(message)?.[1] === tree;
}

/** The edits that a message or a description represents. */
export function readEdits(text: string): string | undefined {
  return /\bBundles-Edits: ([0-9a-f]{64})\b/.exec(text)?.[1];
}

/** What the pull request states. */
export function descriptionOf({
  bundles,
  files,
  edits,
}: {
  readonly bundles: readonly string[];
  readonly files: readonly string[];
  readonly edits: string;
}): string {
  const code = (line: string) => `- \`${line.replaceAll('`', "'")}\``;
  return [
    'References to these bundles are updated to `bundles.lock`:',
    '',
    ...capped(bundles).map(code),
    '',
    'Files:',
    '',
    ...capped(files).map(code),
    '',
    'This pull request is updated until another author commits to its branch. If it is closed, it is not opened again for the same changes.',
    '',
    `<!-- Bundles-Edits: ${edits} -->`,
  ].join('\n');
}

function capped(lines: readonly string[]): string[] {
  const shown = lines.slice(0, mostLines).map((line) => line.replace(/\s+/g, ' ').slice(0, 300));
  return lines.length > mostLines ? [...shown, `and ${lines.length - mostLines} more`] : shown;
}
