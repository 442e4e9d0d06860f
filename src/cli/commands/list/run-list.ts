import { readBundle, type StoredBundle } from '../../../bundle/read-bundle.js';
import { BundlesError } from '../../../errors.js';
import { formatImageLocation, parseImageLocation } from '../../../oci/image-location.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import type { TektonObject } from '../../../tekton/objects/object.js';
import { objectPart } from '../../../tekton/objects/object-part.js';
import { readSources } from '../../../tekton/sources/read-sources.js';
import { writeYaml } from '../../../tekton/yaml/write-yaml.js';
import { openSource } from '../../open/open-source.js';
import type { ProjectOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

export interface ListOptions extends Omit<ProjectOptions, 'output'>, NetworkOptions {
  readonly output: 'text' | 'json' | 'yaml' | 'name';
}

export interface ListRequest {
  readonly place: string;
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly options: ListOptions;
}

interface ListedObject {
  /** With its group, from its content; the annotation holds the version alone. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly digest: string;
  readonly size: number;
  readonly object: TektonObject | null;
}

/** Lists or prints the objects of a bundle, wherever it is. */
export async function runList({ context }: Session, request: ListRequest): Promise<void> {
  const { options } = request;
  const place = parseImageLocation(request.place);
  const source = await openSource(context, place, options);
  try {
    const bundle = await readBundle(source.store, source.wanted, { signal: context.signal });
    const objects = await selectObjects(bundle, { request, signal: context.signal });
    const { stdout } = context;
    if (options.output === 'json') {
      stdout.json(listDocument(objects, { bundle, reference: formatImageLocation(place) }));
    } else if (options.output === 'yaml') {
      const documents = objects.map(({ object }) => (object ? `---\n${writeYaml(object.value)}` : ''));
      await stdout.yaml(documents.join(''));
    } else stdout.lines(objects.map(({ kind, name }) => `${kind}.tekton.dev/${name}`));
  } finally {
    await source.close();
  }
}

async function selectObjects(
  bundle: StoredBundle,
  { request, signal }: { readonly request: ListRequest; readonly signal: AbortSignal },
): Promise<ListedObject[]> {
  const { kind, name, options } = request;
  const withContent = options.output === 'json' || options.output === 'yaml';
  const objects: ListedObject[] = [];
  for (const [index, { apiVersion, kind: itsKind, name: itsName, layer }] of bundle.objects.entries()) {
    if (kind !== undefined && singular(kind) !== itsKind) continue;
    if (name !== undefined && name !== itsName) continue;
    const object = withContent ? parseObject(await bundle.readObject(index, { signal }), index) : undefined;
    const group = object?.apiVersion ?? `tekton.dev/${apiVersion}`;
    objects.push({
      apiVersion: group,
      kind: itsKind,
      name: itsName,
      digest: layer.digest,
      size: layer.size,
      object: object ?? null,
    });
  }
  if (objects.length > 0 || kind === undefined) return objects;
  const held = bundle.objects.map((object) => `${object.kind} ${object.name}`).join(', ');
  throw new BundlesError(
    'NOT_FOUND',
    `Cannot find ${name === undefined ? `a ${kind}` : `the ${kind} ${JSON.stringify(name)}`} in ${bundle.digest}`,
    {
      hint: held === '' ? 'The bundle is empty' : `It holds ${held}`,
    },
  );
}

/** As kubectl and tkn take it: any case, singular or plural. */
function singular(kind: string): string {
  return kind.toLowerCase().replace(/s$/, '');
}

function parseObject(bytes: Uint8Array, index: number): TektonObject {
  const path = `object ${index + 1}`;
  let object: TektonObject | undefined;
  try {
    [object] = readSources([{ path, bytes }]).objects;
    if (object) return object;
  } catch (cause) {
    throw noObject(path, cause);
  }
  throw noObject(path, undefined);
}

function noObject(path: string, cause: unknown): BundlesError {
  return new BundlesError('BUNDLE_INVALID', `Cannot print ${path}: its content is not a Tekton object`, {
    hint: 'Leave out -o to list names only',
    cause,
  });
}

function listDocument(
  objects: readonly ListedObject[],
  { bundle, reference }: { readonly bundle: StoredBundle; readonly reference: string },
): object {
  const listed = objects.map(({ object, ...rest }) => ({
    ...rest,
    object: object && objectPart(object, []),
  }));
  return {
    version: 1,
    reference,
    digest: bundle.digest,
    objects: listed,
    bundles: [],
    workflows: [],
    error: null,
  };
}
