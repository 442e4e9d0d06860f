import { isGzip } from '../../bytes/gunzip-capped.js';
import { tarHeaderFacts } from '../../tekton/layers/tar-header-facts.js';
import type { YamlValue } from '../../tekton/yaml/value.js';
import { isGoGzip } from '../bundle-origin.js';
import { canonicalText, createJsonPatch } from '../compare/json-patch.js';
import { identityOf, pairObjects } from '../compare/object-diff.js';
import type { LoadedBundle, LoadedObject } from '../load-bundle.js';
import type { DigestCause, ExplainedSide } from './digest-cause.js';

/** What differs between the objects of two bundles, and how they are packed. */
export async function explainObjects(here: ExplainedSide, there: ExplainedSide): Promise<DigestCause[]> {
  const { diffArrays } = await import('diff');
  const align = (one: string[], other: string[]) => diffArrays(one, other, { maxEditLength: 1000 });
  const causes: DigestCause[] = [];
  const pairs = pairObjects(here.bundle.objects, there.bundle.objects);
  for (const { left, right } of pairs) {
    if (left && right) causes.push(...explainPair(left, right, { here, align }));
    else if (left) causes.push(only(left, 'here', { here, bundle: here.bundle }));
    else if (right) causes.push(only(right, 'there', { here, bundle: there.bundle }));
  }
  const moved = order(pairs, { here, there });
  return moved ? [...causes, moved] : causes;
}

interface PairTools {
  readonly here: ExplainedSide;
  readonly align: Parameters<typeof createJsonPatch>[2];
}

function explainPair(left: LoadedObject, right: LoadedObject, { here, align }: PairTools): DigestCause[] {
  const about = aboutObject(left, here);
  if (!Buffer.from(left.content).equals(right.content))
    return [explainContent(left, right, { about, align })];
  if (left.diffId !== right.diffId) {
    const [ours, theirs] = differing(tarHeaderFacts(left.archive), tarHeaderFacts(right.archive));
    const message = `${about.object} is packed otherwise: here ${ours}, there ${theirs}; another program than bundles or tkn made that archive`;
    return [{ ...about, link: 'diffId', cause: 'archive', here: ours, there: theirs, message }];
  }
  if (left.layer.digest === right.layer.digest) return [];
  return [explainCompression(left, right, about)];
}

type About = Pick<DigestCause, 'object' | 'file'>;

function explainContent(
  left: LoadedObject,
  right: LoadedObject,
  { about, align }: { readonly about: About; readonly align: PairTools['align'] },
): DigestCause {
  const from = about.file === null ? '' : ` (${about.file})`;
  const sizes = { here: `${left.content.length} bytes`, there: `${right.content.length} bytes` };
  if (!left.object || !right.object) {
    const message = `${about.object}${from} has other content, and one side is not a Tekton object`;
    return { ...about, ...sizes, link: 'json', cause: 'content-changed', message };
  }
  const [ours, theirs] = [left.object.value, right.object.value];
  if (canonicalText(ours) === canonicalText(theirs)) {
    const message = `${about.object}${from} has the same values in other bytes: JSON is bundled as it is written, YAML with sorted keys and without spaces`;
    return { ...about, ...sizes, link: 'json', cause: 'content-rewritten', message };
  }
  // From the other bundle to ours: the effect of a local edit.
  const patch = createJsonPatch(theirs, ours, align);
  const paths = patch.map(({ path }) => path || '/');
  const shown = paths.slice(0, 5).join(', ') + (paths.length > 5 ? `, and ${paths.length - 5} more` : '');
  const values = {
    here: patch.map((step) => (step.op === 'remove' ? 'nothing' : JSON.stringify(step.value)))[0] ?? '',
    there: paths[0] === undefined ? '' : shownAt(theirs, paths[0], patch[0]?.op),
  };
  const message = `${about.object}${from} has other values at ${shown}`;
  return { ...about, ...values, link: 'json', cause: 'content-changed', message };
}

/** What is there at a JSON pointer; what a step adds was not there before. */
function shownAt(value: YamlValue, pointer: string, op: string | undefined): string {
  if (op === 'add') return 'nothing';
  let found: YamlValue | undefined = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = found[Number(key)];
    else found = found instanceof Map ? found.get(key) : undefined;
  }
  return found === undefined ? 'nothing' : canonicalText(found);
}

function explainCompression(left: LoadedObject, right: LoadedObject, about: About): DigestCause {
  const by = isGzip(right.compressed)
    ? isGoGzip(right.compressed)
      ? 'by a Go after 1.26, or at another level'
      : 'by another program than Go'
    : 'not at all';
  return {
    ...about,
    link: 'layer',
    cause: 'compression',
    here: `${left.layer.size} bytes`,
    there: `${right.layer.size} bytes`,
    message: `the layer of ${about.object} holds the same archive, compressed there ${by}`,
  };
}

/** An object that only one side has; tkn repeats the object before a document that is null. */
function only(
  object: LoadedObject,
  side: 'here' | 'there',
  { here, bundle }: { readonly here: ExplainedSide; readonly bundle: LoadedBundle },
): DigestCause {
  const about = side === 'here' ? aboutObject(object, here) : { object: titleOf(object), file: null };
  const place = bundle.objects.indexOf(object);
  const twin = bundle.objects.findIndex((other, index) => index < place && other.diffId === object.diffId);
  const counts = side === 'here' ? { here: 'it', there: 'nothing' } : { here: 'nothing', there: 'it' };
  if (twin >= 0) {
    const message = `${about.object} is ${side} twice: tkn repeats an object before an empty document, such as one after a final ---`;
    return { ...about, ...counts, link: 'document', cause: 'duplicate-document', message };
  }
  const cause = side === 'here' ? 'object-added' : 'object-removed';
  const from = about.file === null ? '' : ` (${about.file})`;
  return { ...about, ...counts, link: 'document', cause, message: `${about.object}${from} is ${side} only` };
}

/**
 * Layers stand in the order of their files' hashes, so a comment can move them. That an object whose content changed
 * is elsewhere needs no other cause.
 */
function order(
  pairs: ReturnType<typeof pairObjects>,
  { here, there }: { readonly here: ExplainedSide; readonly there: ExplainedSide },
): DigestCause | undefined {
  const both = pairs.filter(
    ({ left, right }) => left && right && Buffer.from(left.content).equals(right.content),
  );
  const lists = [
    both.map(({ left }) => left as LoadedObject).sort(byPosition(here.bundle)),
    both
      .toSorted((one, other) =>
        byPosition(there.bundle)(one.right as LoadedObject, other.right as LoadedObject),
      )
      .map(({ left }) => left as LoadedObject),
  ];
  const [ours = [], theirs = []] = lists;
  const first = ours.findIndex((object, index) => theirs[index] !== object);
  const moved = ours[first];
  if (!moved) return undefined;
  const shown = (list: readonly LoadedObject[]) => list.map(titleOf).join(', ');
  return {
    ...aboutObject(moved, here),
    link: 'file',
    cause: 'object-order',
    here: shown(ours),
    there: shown(theirs),
    message:
      'the same objects are in another order: layers follow the sha256 of whole files, so a comment or a line end that changed in one file moves its objects',
  };
}

function byPosition({ objects }: LoadedBundle) {
  return (left: LoadedObject, right: LoadedObject) => objects.indexOf(left) - objects.indexOf(right);
}

function aboutObject(object: LoadedObject, { bundle, origins }: ExplainedSide): About {
  return { object: titleOf(object), file: origins?.[bundle.objects.indexOf(object)]?.file ?? null };
}

function titleOf(object: LoadedObject): string {
  const { kind, name } = identityOf(object);
  return `${kind} ${name}`.trim();
}

/** The fields that differ, as text of each side. */
function differing(
  ours: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): [string, string] {
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  const changed = keys.filter((key) => ours[key] !== theirs[key]);
  const text = (facts: Readonly<Record<string, string>>) =>
    changed.map((key) => `${key} ${facts[key] ?? 'none'}`).join(', ') || 'other bytes';
  return [text(ours), text(theirs)];
}
