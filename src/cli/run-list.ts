import { readBundle, type StoredBundle } from '../bundle/read-bundle.js';
import { BundlesError } from '../errors.js';
import { formatImagePlace, parseImagePlace } from '../oci/image-place.js';
import type { CommonOptions } from './common-options.js';
import type { NetworkOptions } from './network-options.js';
import { openSource } from './open-source.js';
import type { Session } from './session.js';

export interface ListOptions extends Omit<CommonOptions, 'output'>, NetworkOptions {
  readonly output: 'text' | 'json' | 'yaml' | 'name';
}

export interface ListRequest {
  readonly place: string;
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly options: ListOptions;
}

interface ListedObject {
  /** With its group, as its content says; the annotation holds the version alone. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly digest: string;
  readonly size: number;
  readonly object: unknown;
}

/** Lists or prints the objects of a bundle, wherever it is. */
export async function runList({ context }: Session, request: ListRequest): Promise<void> {
  const { options } = request;
  const place = parseImagePlace(request.place);
  const source = await openSource(context, place, options);
  try {
    const bundle = await readBundle(source.store, source.wanted, { signal: context.signal });
    const objects = await selectObjects(bundle, { request, signal: context.signal });
    context.stdout.write(
      await render(objects, { bundle, reference: formatImagePlace(place), output: options.output }),
    );
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

function parseObject(bytes: Uint8Array, index: number): { readonly apiVersion: string } {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new BundlesError('BUNDLE_INVALID', `Cannot print object ${index + 1}: its content is not JSON`, {
      hint: 'Leave out -o to list names only',
      cause,
    });
  }
}

async function render(
  objects: readonly ListedObject[],
  {
    bundle,
    reference,
    output,
  }: { readonly bundle: StoredBundle; readonly reference: string; readonly output: ListOptions['output'] },
): Promise<string> {
  if (output === 'json') {
    return `${JSON.stringify({ version: 1, reference, digest: bundle.digest, objects, error: null }, null, 2)}\n`;
  }
  if (output === 'yaml') {
    const { dump } = await import('js-yaml');
    return objects.map(({ object }) => `---\n${dump(object, { noRefs: true, lineWidth: -1 })}`).join('');
  }
  return objects.map(({ kind, name }) => `${kind}.tekton.dev/${name}\n`).join('');
}
