import type { BundleInspection, InspectedObject } from '../../../bundle/inspect-bundle.js';
import { shorten } from '../../../http/shorten.js';
import type { Attached } from '../../../signing/list-attached.js';
import type {
  BundleFacts,
  ImageFacts,
  ParamFacts,
  ResultFacts,
  WorkspaceFacts,
} from '../../../tekton/objects/object-facts.js';
import { count, formatByteSize, shortDigest, withShortDigests } from '../../output/amounts.js';
import type { Screen } from '../../output/screen.js';
import { formatTable } from '../../output/table.js';
import { type Text, type TextPart, wrap } from '../../output/wrap.js';

type Row = readonly [label: string, text: Text];

export interface InspectionView {
  readonly screen: Screen;
  /** Whole digests, and sizes in bytes. */
  readonly verbose: boolean;
}

interface ShownInspection extends BundleInspection {
  /** Null if the registry does not give the list. */
  readonly attached: readonly Attached[] | null;
}

/** An inspection for people. Everything in it comes from outside. */
export function showInspection(reference: string, found: ShownInspection, view: InspectionView): string[] {
  const {
    attached,
    digest,
    index,
    mediaType,
    size,
    created,
    origin,
    annotations,
    labels,
    problems,
    objects,
  } = found;
  const { screen } = view;
  const rows: Row[] = [
    ...(index === null ? [] : [['index', hash(index, view)] as const]),
    ['type', `${mediaType}, ${sizeText(size, view)} in all`],
    ['created', created ?? 'unknown'],
    ['built by', withDigests(origin.summary, view)],
    ...origin.differences.map((line): Row => ['', withDigests(line, view)]),
    ...mapRows('annotation', annotations),
    ...mapRows('label', labels),
    ...listRows('attached', attached ?? [], (one) => withDigests(describeAttached(one), view)),
  ];
  const title: Text = [['bold', shorten(reference)]];
  const blocks = [
    [...wrap(title, { indent: 0 }, screen), ...wrap(digest, { indent: 2 }, screen), ...table(rows, screen)],
    ...objects.map((object) => showObject(object, view)),
    ...problems.map(({ severity, message }) =>
      wrap(
        [[severity === 'error' ? 'red' : 'yellow', severity], `: ${shorten(message)}`],
        { indent: 0 },
        screen,
      ),
    ),
  ];
  return blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function showObject(object: InspectedObject, view: InspectionView): string[] {
  const { kind, name, apiVersion, layer, diffId, tarSize, contentSize, facts } = object;
  const title: Text = [
    ['bold', shorten(`${kind ?? 'no kind'} ${name ?? 'without a name'}`)],
    ' ',
    ['dim', shorten(apiVersion ?? 'its content is not a Tekton object')],
  ];
  const sizes = `, ${sizeText(tarSize, view)} (the object ${sizeText(contentSize, view)})`;
  const rows: Row[] = [
    ['layer', [...hash(layer.digest, view), `, ${sizeText(layer.size, view)}`]],
    ['diffId', [...hash(diffId, view), sizes]],
    ...(facts?.description ? [['about', shorten(facts.description)] as const] : []),
    ...listRows('param', facts?.params, describeParam),
    ...listRows('workspace', facts?.workspaces, describeWorkspace),
    ...listRows('result', facts?.results, describeResult),
    ...listRows('image', facts?.images, (image) => withDigests(describeImage(image), view)),
    ...listRows('bundle', facts?.bundles, (bundle) => withDigests(describeBundle(bundle), view)),
  ];
  return [...wrap(title, { indent: 0 }, view.screen), ...table(rows, view.screen)];
}

function hash(digest: string, { verbose }: InspectionView): readonly TextPart[] {
  return [['dim', verbose ? digest : shortDigest(digest)]];
}

function withDigests(text: string, { verbose }: InspectionView): string {
  return verbose ? text : withShortDigests(text);
}

function sizeText(bytes: number, { verbose }: InspectionView): string {
  return verbose ? count(bytes, 'byte') : formatByteSize(bytes);
}

function describeParam({ name, type, default: value, required }: ParamFacts): string {
  return `${name} (${type})${required ? ', required' : ` = ${JSON.stringify(value)}`}`;
}

function describeWorkspace({ name, optional }: WorkspaceFacts): string {
  return optional ? `${name}, optional` : name;
}

function describeResult({ name, type }: ResultFacts): string {
  return `${name} (${type})`;
}

function describeImage({ image, at, pinned }: ImageFacts): string {
  return `${image} at ${at}${pinned ? '' : ', not pinned'}`;
}

function describeAttached({ kind, digest, artifactType, predicateType, tag }: Attached): string {
  const type = predicateType ?? artifactType;
  const what = kind === 'other' ? (type ?? 'something') : type ? `${kind} (${type})` : kind;
  return `${what} ${digest}${tag ? ` at the tag ${tag}` : ''}`;
}

function describeBundle({ bundle, at, pinned }: BundleFacts): string {
  return `${bundle} at ${at}${pinned ? '' : ', not pinned'}`;
}

/** The label is printed once, before the first of them. */
function listRows<T>(label: string, items: readonly T[] | undefined, describe: (item: T) => string): Row[] {
  return (items ?? []).map((item, index) => [index === 0 ? label : '', shorten(describe(item))]);
}

function mapRows(label: string, map: Readonly<Record<string, string>>): Row[] {
  return listRows(label, Object.entries(map), ([key, value]) => `${key}=${value}`);
}

function table(rows: readonly Row[], screen: Screen): string[] {
  return formatTable(rows, screen, { indent: 2 });
}
