import type { BundleInspection, InspectedObject } from '../../../bundle/inspect-bundle.js';
import { safeText } from '../../../http/safe-text.js';
import type {
  BundleFacts,
  ImageFacts,
  ParamFacts,
  ResultFacts,
  WorkspaceFacts,
} from '../../../tekton/objects/object-facts.js';
import type { Paint } from '../../output/terminal.js';

type Row = readonly [label: string, text: string];

/** An inspection for people. Everything in it comes from outside. */
export function showInspection(reference: string, found: BundleInspection, paint: Paint): string[] {
  const { digest, index, mediaType, size, created, origin, annotations, labels, problems, objects } = found;
  const rows: Row[] = [
    ['digest', digest],
    ...(index === null ? [] : [['index', index] as const]),
    ['type', `${mediaType}, ${size} bytes in all`],
    ['created', created ?? 'not said'],
    ['built by', origin.summary],
    ...origin.differences.map((line): Row => ['', line]),
    ...mapRows('annotation', annotations),
    ...mapRows('label', labels),
  ];
  const blocks = [
    [paint('bold', safeText(reference)), ...table(rows)],
    ...objects.map((object) => showObject(object, paint)),
    ...problems.map(({ severity, message }) => {
      const style = severity === 'error' ? 'red' : 'yellow';
      return [`${paint(style, severity)}: ${safeText(message)}`];
    }),
  ];
  return blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function showObject(object: InspectedObject, paint: Paint): string[] {
  const { kind, name, apiVersion, layer, diffId, tarSize, contentSize, facts } = object;
  const title = paint('bold', safeText(`${kind ?? 'no kind'} ${name ?? 'without a name'}`));
  const rows: Row[] = [
    ['layer', `${layer.digest}, ${layer.size} bytes`],
    ['diffId', `${diffId}, ${tarSize} bytes (the object ${contentSize})`],
    ...(facts?.description ? [['says', facts.description] as const] : []),
    ...listRows('param', facts?.params, describeParam),
    ...listRows('workspace', facts?.workspaces, describeWorkspace),
    ...listRows('result', facts?.results, describeResult),
    ...listRows('image', facts?.images, describeImage),
    ...listRows('bundle', facts?.bundles, describeBundle),
  ];
  return [
    `${title} ${paint('dim', safeText(apiVersion ?? 'its content is no Tekton object'))}`,
    ...table(rows),
  ];
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

function describeBundle({ bundle, at, pinned }: BundleFacts): string {
  return `${bundle} at ${at}${pinned ? '' : ', not pinned'}`;
}

/** The label stands once, before the first of them. */
function listRows<T>(label: string, items: readonly T[] | undefined, describe: (item: T) => string): Row[] {
  return (items ?? []).map((item, index) => [index === 0 ? label : '', describe(item)]);
}

function mapRows(label: string, map: Readonly<Record<string, string>>): Row[] {
  return listRows(label, Object.entries(map), ([key, value]) => `${key}=${value}`);
}

function table(rows: readonly Row[]): string[] {
  const width = rows.reduce((most, [label]) => Math.max(most, label.length), 0);
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${safeText(text)}`);
}
