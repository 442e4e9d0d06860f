import { BundlesError } from '../../../errors.js';
import type { Send } from '../../../http/message.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { ensureGitHubRelease, type GitHubReleaseResult } from '../../../release/github-release.js';
import { collectReleaseFiles } from '../../../release/release-files.js';
import type { SbomFormat } from '../../../signing/sbom/sbom-types.js';
import { openGitHub } from '../../open/open-github.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import type { GitHubCommandOptions } from '../../options/github-options.js';
import { readInputFiles } from '../../options/read-input-files.js';
import { count, formatByteSize } from '../../output/amounts.js';
import { formatRows } from '../../output/rows.js';
import { createScreen } from '../../output/terminal.js';
import { wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface ReleaseOptions extends ProjectOptions, NetworkOptions, GitHubCommandOptions {
  readonly title?: string;
  readonly notes?: string;
  readonly prerelease?: boolean;
  readonly draft?: boolean;
  readonly replace?: boolean;
  readonly sbomFormat: SbomFormat;
  readonly dryRun?: boolean;
}

/** GitHub takes no longer text for a release. */
const longestNotes = 125_000;
/** Status of `--dry-run` where something is to be done. */
const toDo = 3;

/** Makes the release, or completes it, and prints what became of each file. */
export async function runRelease(
  session: Session,
  { tag, options }: { readonly tag: string; readonly options: ReleaseOptions },
): Promise<void> {
  const { context } = session;
  requireTagName(tag);
  const opened = await openProject(context, options);
  const { files, pinned } = await collectReleaseFiles(
    { ...opened, sbomFormat: options.sbomFormat },
    { signal: context.signal },
  );
  const notes = options.notes === undefined ? listOf(pinned) : await readNotes(session, options.notes);
  const { draft = false, prerelease = false, replace = false, dryRun = false, title = tag } = options;
  const connection = await openConnection(context, { options, patience: 'full', registries: [] });
  let requests = 0;
  const send: Send = (sent) => {
    requests++;
    return connection.send(sent);
  };
  try {
    const github = await openGitHub(context, options, { send });
    const result = await ensureGitHubRelease(
      github,
      { tag, title, notes, prerelease, draft, replace, dryRun, files },
      { signal: AbortSignal.any([context.signal, connection.signal]) },
    );
    if (options.output === 'json') {
      const repository = `${github.owner}/${github.repo}`;
      context.stdout.json({ version: 1, repository, ...result, requests, error: null });
    } else context.stdout.lines(showRelease(session, result, options));
    if (result.action === 'planned') session.exitCode = toDo;
  } finally {
    await connection.close();
  }
}

/** As git allows a tag that is neither a path nor an option. @throws USAGE */
function requireTagName(tag: string): void {
  const isName = /^[A-Za-z0-9_][A-Za-z0-9_.+/-]{0,199}$/.test(tag);
  if (isName && !/\.\.|\/\/|\/\.|\.lock(?:\/|$)|[./]$/.test(tag)) return;
  throw new BundlesError(
    'USAGE',
    `Cannot release ${JSON.stringify(tag.slice(0, 200))}: it is not a tag of git`,
    {
      hint: 'Name the tag without refs/tags/, e.g. v1.0.0',
    },
  );
}

async function readNotes({ context }: Session, path: string): Promise<string> {
  const [source] = await readInputFiles(context, [path]);
  const text = new TextDecoder().decode(source?.bytes);
  if (text.length <= longestNotes) return text;
  throw new BundlesError(
    'USAGE',
    `Cannot use the notes in ${JSON.stringify(path)}: they are longer than ${longestNotes} characters`,
    { hint: 'Shorten them: GitHub takes no more for one release' },
  );
}

/** The default text of a release. */
function listOf(pinned: ReadonlyMap<string, string>): string {
  const lines = ['| bundle | pinned |', '| --- | --- |'];
  let left = longestNotes - 200;
  for (const [name, reference] of pinned) {
    const line = `| ${name} | \`${reference}\` |`;
    left -= line.length + 1;
    if (left < 0)
      return [...lines, '', `${pinned.size - lines.length + 2} more are in bundles.lock`].join('\n');
    lines.push(line);
  }
  return lines.join('\n');
}

const marks = { uploaded: 'published', replaced: 'published', unchanged: 'ok', planned: 'planned' } as const;

function showRelease({ context }: Session, result: GitHubReleaseResult, options: ReleaseOptions): string[] {
  const screen = createScreen(context, 'stdout', options);
  const { tag, action, assets, draft, immutable, url } = result;
  const rows = assets.map(({ name, action: outcome, size, digest }) => ({
    ...{ mark: marks[outcome], name, outcome, digest, text: formatByteSize(size) },
  }));
  const state = [draft ? ' (draft)' : '', immutable ? ' (immutable)' : ''].join('');
  const end = `release ${tag}${state}: ${action}, ${count(assets.length, 'file')}`;
  return [
    ...formatRows(rows, screen),
    '',
    ...wrap([['bold', end]], { indent: 0 }, screen),
    ...(url === null ? [] : wrap(url, { indent: 0 }, screen)),
  ];
}
