import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addressFields } from '../scripts/release/addresses.js';
import { changelogSections, releaseChangelog, sectionFindings } from '../scripts/release/changelog.js';
import { filesThatMention, mentions } from '../scripts/release/mentions.js';
import { toBundlesError } from './errors.js';
import { issuesUrl, repository, version } from './version.js';

const root = new URL('..', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Record<string, unknown>;

test("the version and the address of the project are the package's", () => {
  expect(manifest).toMatchObject({ version, ...addressFields(repository) });
  expect(manifest.bugs).toEqual({ url: issuesUrl });
  expect(toBundlesError(new Error('what nobody expects')).hint).toContain(issuesUrl);
});

test.each(['repository', 'version'] as const)(
  'every file that names the %s names the current one',
  (kind) => {
    const wanted = { repository, version }[kind];
    const found = mentions[kind].map((pattern) =>
      [...filesThatMention(root)].flatMap(([path, text]) =>
        [...text.matchAll(pattern)].map(([name]) => ({ path, name })),
      ),
    );
    expect(found.flat().filter(({ name }) => name !== wanted)).toEqual([]);
    // Links of documents, the workflow of the action, the GitLab component and the preset of Renovate are seen.
    expect(found.flat().length).toBeGreaterThan(5);
  },
);

test('releaseChangelog() makes what was unreleased a version and links it to the one before', () => {
  const address = 'acme/bundles';
  const text = `# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A.\n\n[Unreleased]: https://github.com/${address}\n`;
  const first = releaseChangelog(text, { version: '0.1.0', date: '2026-12-01', repository: address });
  expect([...changelogSections(first)]).toEqual([
    ['Unreleased', ''],
    ['0.1.0', '### Added\n\n- A.'],
  ]);
  expect(first).toContain(`[0.1.0]: https://github.com/${address}/releases/tag/v0.1.0\n`);
  const more = first.replace('## [Unreleased]\n', '## [Unreleased]\n\n### Fixed\n\n- B.\n');
  const second = releaseChangelog(more, { version: '0.2.0', date: '2027-01-01', repository: address });
  expect([...changelogSections(second).entries()]).toEqual([
    ['Unreleased', ''],
    ['0.2.0', '### Fixed\n\n- B.'],
    ['0.1.0', '### Added\n\n- A.'],
  ]);
  expect(second.slice(second.indexOf('[Unreleased]:'))).toBe(
    [
      `[Unreleased]: https://github.com/${address}/compare/v0.2.0...HEAD`,
      `[0.2.0]: https://github.com/${address}/compare/v0.1.0...v0.2.0`,
      `[0.1.0]: https://github.com/${address}/releases/tag/v0.1.0\n`,
    ].join('\n'),
  );
});

test('sectionFindings() accepts what Keep a Changelog describes, and the changelog has an unreleased section', () => {
  expect(sectionFindings('### Added\n\n- A.\n\n### Security\n\n- B.')).toEqual([]);
  expect(sectionFindings('')).toEqual(['the section is empty']);
  expect(sectionFindings('- A.\n\n### Added\n\n- B.')).toEqual(['there are entries above the first heading']);
  expect(sectionFindings('### New\n\n- A.')).toHaveLength(1);
  const text = readFileSync(`${root}CHANGELOG.md`, 'utf8');
  expect([...changelogSections(text).keys()][0]).toBe('Unreleased');
  expect(text).toMatch(/^\[Unreleased\]: https:/m);
});
