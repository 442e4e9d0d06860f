// node --import ./scripts/typescript.mjs scripts/release/publish-release.ts TAG DIRECTORY NOTES: makes the release of a tag at
// GitHub with the files of a directory: as a draft, then published. Again it changes nothing.
// GITHUB_REPOSITORY, GITHUB_TOKEN and, elsewhere than at github.com, GITHUB_API_URL are variables.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../src/oci/digest.js';
import { thisMachine } from '../../src/open/machine.js';
import { openConnection } from '../../src/open/open-connection.js';
import { createGitHub } from '../../src/release/github/github.js';
import { ensureGitHubRelease } from '../../src/release/github-release.js';

const [tag = '', directory = '', notesFile = ''] = process.argv.slice(2);
const { GITHUB_REPOSITORY: repository = '', GITHUB_TOKEN: token = '', GITHUB_API_URL: url } = process.env;
const machine = thisMachine();
const { signal } = new AbortController();
const stderr = { line: (text: string) => console.error(text) };
const connection = await openConnection(
  { ...machine, signal, stderr },
  { options: {}, patience: 'full', registries: [] },
);
try {
  const github = await createGitHub({ send: connection.send, clock: machine.clock, url, token, repository });
  const files = readdirSync(directory)
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(directory, name));
      return { name, bytes, digest: digestOf(bytes) };
    });
  const result = await ensureGitHubRelease(
    github,
    {
      ...{ tag, title: tag, notes: readFileSync(notesFile, 'utf8'), files },
      ...{ prerelease: false, draft: false, replace: false, dryRun: false },
    },
    { signal },
  );
  console.log(JSON.stringify(result, null, 2));
} finally {
  await connection.close();
}
