import { anchorTag, namedBy, type TagStore } from '../../../content/move-tag.js';
import { openSourceLocation, openTargetLocation } from '../../../content/open-location.js';
import { writeImage } from '../../../content/write-image.js';
import { selectBundles } from '../../../ensure/select-bundles.js';
import { BundlesError, isBundlesError } from '../../../errors.js';
import { readFileCapped } from '../../../fs/read-file-capped.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import type { Descriptor } from '../../../oci/descriptor.js';
import type { Digest } from '../../../oci/digest.js';
import { formatImageLocation, type ImageLocation, parseImageLocation } from '../../../oci/image-location.js';
import type { Connection } from '../../../open/connect.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { pushImage } from '../../../registry/push-image.js';
import { readPinnedBundles } from '../../../release/pinned-bundle.js';
import { readTrustedTasksImage, trustedTasksImage } from '../../../signing/trusted-tasks/list-image.js';
import {
  formatTrustedTaskRules,
  formatTrustedTasks,
  hasTask,
  type LockedBundle,
  noTrustedTasks,
  parseTrustedTasks,
  type TrustedTasks,
  trackTasks,
  trustedTaskKey,
  trustedTaskRules,
} from '../../../signing/trusted-tasks/trusted-tasks.js';
import type { Context } from '../../context.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count, totalsLine } from '../../output/amounts.js';
import { formatRows, type Row } from '../../output/rows.js';
import { createScreen } from '../../output/terminal.js';
import { wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface TrustedTasksOptions extends ProjectOptions, NetworkOptions {
  readonly to?: string;
  readonly input?: string;
  readonly inEffectDays: number;
  /** False for --no-prune. */
  readonly prune: boolean;
  /** False for --no-keep-old. */
  readonly keepOld: boolean;
  readonly rules?: boolean;
  readonly group?: string;
}

/** What became of one bundle in the list. */
interface TrackedBundle {
  readonly name: string;
  readonly key: string;
  readonly digest: Digest;
  /** `added`: the newest of its key now; `held`: it was that already; `skipped`: the bundle has no Task. */
  readonly action: 'added' | 'held' | 'skipped';
}

/** A file, or an image with the list in it. */
type Place =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'image'; readonly at: ImageLocation };

/** A list, and the digest of the artifact that held it. */
interface ReadList {
  readonly list: TrustedTasks;
  readonly digest?: Digest;
}

const longestFile = 16 * 1024 * 1024;

/** Adds the digests of the lock to a list, or prints rules for the same bundles. */
export async function runTrustedTasks(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: TrustedTasksOptions },
): Promise<void> {
  const { context } = session;
  const to = options.to === undefined ? undefined : placeOf(options.to, '--to');
  const input = options.input === undefined ? to : placeOf(options.input, '--input');
  refuseMixed(options);
  const { project, stateDirectory, lockFile } = await openProject(context, options);
  const specs = selectBundles(project, words);
  const { signal } = context;
  const bundles = await readPinnedBundles({ project, specs, stateDirectory, lockFile }, { signal });
  if (options.rules) return printRules(context, bundles, options);
  const connection = await connectTo(context, [to, input], { options, projects: [project] });
  try {
    const call = { connection, signal: connection ? AbortSignal.any([signal, connection.signal]) : signal };
    const before: ReadList =
      input === undefined
        ? { list: noTrustedTasks }
        : await readList(input, { mayBeMissing: options.input === undefined }, call);
    const { inEffectDays, prune, keepOld } = options;
    const list = trackTasks(before.list, bundles, { now: context.clock.now(), inEffectDays, prune });
    const text = formatTrustedTasks(list);
    const put =
      to === undefined
        ? notPut
        : await writeList(to, text, { before: input === to ? before : undefined, keepOld, ...call });
    const tracked = bundles.map((bundle) => trackedBundle(bundle, before.list));
    if (options.output === 'json') {
      return context.stdout.json({
        version: 1,
        trustedTasks: shownList(list),
        trustedTaskRules: null,
        bundles: tracked,
        written: options.to ?? null,
        ...put,
        error: null,
      });
    }
    if (to === undefined) return context.stdout.lines(text.trimEnd().split('\n'));
    if (put.previous !== null && !options.quiet) {
      const kept = put.anchor === null ? 'it has no other tag of ours' : `it is tagged ${put.anchor} now`;
      context.stderr.line(`${options.to} was ${put.previous} before: ${kept}`);
    }
    showTracked(context, { tracked, options });
  } finally {
    await connection?.close();
  }
}

function refuseMixed({ rules = false, to, input, group }: TrustedTasksOptions): void {
  const wrong = rules ? [to, input] : [group];
  if (wrong.every((value) => value === undefined)) return;
  const mixed = rules ? '--rules with --to or --input' : '--group without --rules';
  throw new BundlesError('USAGE', `Cannot use ${mixed}`, {
    hint: rules
      ? 'Rules are printed: they name no digests, so there is nothing to add to; put them into the data of the policy'
      : 'Only rules have groups',
  });
}

/** @throws REFERENCE_INVALID, USAGE */
function placeOf(word: string, option: string): Place {
  const isFile = /^\.{0,2}[/\\]|^[A-Za-z]:[\\/]|\.(?:ya?ml|json)$/.test(word);
  if (isFile && !/^(?:oci|oci-archive|docker-archive):/.test(word)) return { kind: 'file', path: word };
  // Conforma's own way to write it.
  const at = parseImageLocation(word.replace(/^oci::/, ''));
  if (at.kind === 'registry' && at.reference.tag === undefined) {
    throw new BundlesError('USAGE', `Cannot use ${option} ${JSON.stringify(word)}: it has no tag`, {
      hint: 'Write registry/repository:tag, or a file that ends in .yaml or .json or has a / in front',
    });
  }
  if (at.kind === 'registry' || at.kind === 'oci') return { kind: 'image', at };
  throw new BundlesError('USAGE', `Cannot use ${option} ${JSON.stringify(word)}: it is an archive`, {
    hint: 'Name a file, registry/repository:tag or oci:DIRECTORY:tag',
  });
}

async function connectTo(
  context: Context,
  places: readonly (Place | undefined)[],
  { options, projects }: Pick<Parameters<typeof openConnection>[1], 'options' | 'projects'>,
): Promise<Connection | undefined> {
  const registries = places.flatMap((place) =>
    place?.kind === 'image' && place.at.kind === 'registry' ? [place.at.reference.registry] : [],
  );
  if (registries.length === 0) return undefined;
  return openConnection(context, { options, projects, patience: 'full', registries });
}

interface Call {
  readonly connection: Connection | undefined;
  readonly signal: AbortSignal;
}

async function readList(
  place: Place,
  { mayBeMissing }: { readonly mayBeMissing: boolean },
  { connection, signal }: Call,
): Promise<ReadList> {
  try {
    if (place.kind === 'file') {
      const bytes = await readFileCapped(place.path, {
        limit: longestFile,
        missing: 'NOT_FOUND',
        missingHint: 'Name a list that exists, or leave --input out to begin a new one',
        tooLarge: 'TRUSTED_TASKS_INVALID',
        signal,
      });
      return { list: parseTrustedTasks(new TextDecoder().decode(bytes), place.path) };
    }
    const repository = repositoryOf(connection);
    const { store, wanted } = await openSourceLocation(place.at, { repository, signal });
    return await readTrustedTasksImage(store, { wanted, shown: formatImageLocation(place.at) }, { signal });
  } catch (error) {
    if (mayBeMissing && isBundlesError(error, 'NOT_FOUND')) return { list: noTrustedTasks };
    throw error;
  }
}

/** The artifact of a list; all null for a file. */
interface PutList {
  readonly digest: Digest | null;
  /** The digest that the tag left. */
  readonly previous: Digest | null;
  /** The tag that this digest has now. */
  readonly anchor: string | null;
}

const notPut: PutList = { digest: null, previous: null, anchor: null };

interface WriteCall extends Call {
  /** The list that was read from the same place. */
  readonly before: ReadList | undefined;
  readonly keepOld: boolean;
}

/** Where the list was read from the same tag, another client must not have moved it meanwhile. */
async function writeList(
  place: Place,
  text: string,
  { before, keepOld, connection, signal }: WriteCall,
): Promise<PutList> {
  if (place.kind === 'file') {
    await writeFileAtomic(place.path, text, { onlyIfChanged: true, signal });
    return notPut;
  }
  const image = trustedTasksImage(text);
  const { digest } = image.manifest.descriptor;
  if (before?.digest === digest) return { ...notPut, digest };
  const { at } = place;
  let left = { previous: notPut.previous, anchor: notPut.anchor };
  const leave = async (store: TagStore, tag: string, current: Descriptor | undefined) => {
    if (before !== undefined && current?.digest !== before.digest) throw raceLost(at, current);
    if (current === undefined || current.digest === digest) return;
    const anchor = keepOld ? await anchorTag(store, { tag, previous: current }, { signal }) : null;
    left = { previous: current.digest, anchor };
  };
  if (at.kind === 'registry') {
    const repository = repositoryOf(connection)(at.reference);
    const tag = at.reference.tag ?? '';
    await pushImage(repository, image, tag, {
      signal,
      beforeTag: (current) => leave(repository.forPush(), tag, current),
    });
    return { digest, ...left };
  }
  const { store, tag, finish, close } = await openTargetLocation(at, {
    repository: () => {
      throw new TypeError('a layout has no repository');
    },
    signal,
  });
  try {
    if (tag !== undefined) await leave(store, tag, await namedBy(store, tag, { signal }));
    await writeImage(store, image, { tag, signal });
    await finish();
  } finally {
    await close();
  }
  return { digest, ...left };
}

function raceLost(at: ImageLocation, current: Descriptor | undefined): BundlesError {
  return new BundlesError(
    'RACE_LOST',
    `Cannot write ${JSON.stringify(formatImageLocation(at))}: another client changed the list meanwhile`,
    { hint: 'Run the command again: it reads the new list first', details: { found: current?.digest } },
  );
}

function repositoryOf(connection: Connection | undefined) {
  return (reference: Parameters<Connection['registry']['repository']>[0]) => {
    if (!connection) throw new TypeError('a layout or a file does not need a repository');
    return connection.registry.repository(reference);
  };
}

function trackedBundle(
  bundle: LockedBundle & { readonly spec: { readonly name: string } },
  before: TrustedTasks,
): TrackedBundle {
  const { spec, entry } = bundle;
  const key = trustedTaskKey(spec);
  const isHeld = before.tasks.get(key)?.[0]?.ref === entry.digest;
  const action = !hasTask(bundle) ? 'skipped' : isHeld ? 'held' : 'added';
  return { name: spec.name, key, digest: entry.digest, action };
}

/** As the document has it. */
function shownList({ tasks }: TrustedTasks): object {
  const entries = [...tasks].map(([key, list]) => [
    key,
    list.map(({ ref, expiresOn, effectiveOn }) => ({
      ref,
      expires_on: expiresOn ?? null,
      effective_on: effectiveOn ?? null,
    })),
  ]);
  return Object.fromEntries(entries);
}

function printRules(
  { stdout }: Context,
  bundles: readonly LockedBundle[],
  { output, group = 'bundles' }: TrustedTasksOptions,
): void {
  const rules = trustedTaskRules(bundles);
  if (output === 'json') {
    const trustedTaskRules = { allow: { [group]: rules } };
    const none = { trustedTasks: null, bundles: [], written: null, ...notPut };
    stdout.json({ version: 1, ...none, trustedTaskRules, error: null });
  } else stdout.lines(formatTrustedTaskRules(rules, group).trimEnd().split('\n'));
}

function showTracked(
  context: Context,
  { tracked, options }: { readonly tracked: readonly TrackedBundle[]; readonly options: TrustedTasksOptions },
): void {
  const screen = createScreen(context, 'stdout', options);
  const marks = { added: 'published', held: 'ok', skipped: 'none' } as const;
  const rows = tracked.map(({ name, action, digest }): Row => {
    const isSkipped = action === 'skipped';
    return {
      ...{ mark: marks[action], name, outcome: action, digest: isSkipped ? null : digest },
      ...(isSkipped ? { text: 'it has no Task' } : {}),
    };
  });
  const number = (action: TrackedBundle['action']) => tracked.filter((one) => one.action === action).length;
  const counts = { added: number('added'), held: number('held'), skipped: number('skipped') };
  const totals = totalsLine({ what: count(tracked.length, 'bundle'), counts });
  const lines = [...formatRows(rows, screen), '', ...wrap([['bold', totals]], { indent: 0 }, screen)];
  context.stdout.lines([...lines, `list: ${options.to}`]);
}
