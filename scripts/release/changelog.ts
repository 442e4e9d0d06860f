/** The sections of CHANGELOG.md, by version; what is not released yet under `Unreleased`. */
export function changelogSections(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^## \[([^\]]+)\].*$/m).slice(1);
  const sections = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) {
    const [body = ''] = (parts[at + 1] ?? '').split(/^\[[^\]]+\]: /m);
    sections.set(parts[at] as string, body.trim());
  }
  return sections;
}

/** The changelog in which what was unreleased is the release of a version, with the link to its differences. */
export function releaseChangelog(
  text: string,
  {
    version,
    date,
    repository,
  }: { readonly version: string; readonly date: string; readonly repository: string },
): string {
  const [former] = [...changelogSections(text).keys()].filter((name) => name !== 'Unreleased');
  const url = `https://github.com/${repository}`;
  const [body = ''] = text.split(/^\[Unreleased\]: /m);
  const links = [...text.matchAll(/^\[(?!Unreleased\])([^\]]+)\]: .*$/gm)].map(([line]) => line);
  const own =
    former === undefined
      ? `[${version}]: ${url}/releases/tag/v${version}`
      : `[${version}]: ${url}/compare/v${former}...v${version}`;
  const heading = `## [Unreleased]\n\n## [${version}] - ${date}`;
  const lines = [`[Unreleased]: ${url}/compare/v${version}...HEAD`, own, ...links];
  return `${body.replace(/^## \[Unreleased\]$/m, heading).trimEnd()}\n\n${lines.join('\n')}\n`;
}

const kinds = new Set(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']);

/** What keeps a section from being the changes of a release, one sentence each. */
export function sectionFindings(section: string): readonly string[] {
  if (section === '') return ['the section is empty'];
  const [before = '', ...headings] = section.split(/^### /m);
  const unknown = headings.map((part) => part.split('\n', 1)[0] ?? '').filter((name) => !kinds.has(name));
  return [
    ...(before.trim() === '' ? [] : ['there are entries above the first heading']),
    ...unknown.map((name) => `the heading "${name}" is not one of ${[...kinds].join(', ')}`),
  ];
}
