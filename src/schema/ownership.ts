import { isDeepStrictEqual } from 'node:util';
import type { SchemaDocument } from '../workflow/schema-document.js';
import { isMapping, itemsOf, member } from './member.js';

/**
 * Which parts of a document are written by this project, and which belong to the person who edits it. Of a mapping the named
 * keys are owned and all others are left alone. `whole` is owned with all below it, `given` likewise but only where
 * the project states something of it. Of a list of named things, the order of the owned ones is owned, too.
 */
export type Ownership = 'whole' | 'given' | NamedList | Keys;

export interface NamedList {
  readonly named: Keys;
  /** Items by other names are left alone. */
  readonly keepsOthers?: boolean;
}

export interface Keys {
  readonly keys: Readonly<Record<string, Ownership>>;
}

const wholly = (...names: readonly string[]): Readonly<Record<string, Ownership>> =>
  Object.fromEntries(names.map((name) => [name, 'whole']));

const common = [
  'name',
  'type',
  'required',
  'description',
  'default',
  'enum',
  'pattern',
  'minimum',
  'maximum',
];
const flatParameters = { named: { keys: wholly(...common, 'depends_on') } };
const parameters = { named: { keys: wholly(...common, 'dependsOn') } };
/** An agent may fill in parameters that the Pipeline does not declare: those in a document belong to the user. */
const keepsOthers = true;
const envelope = wholly('apiVersion', 'kind');
const description = { keys: wholly('what', 'whenToUse', 'whenNotToUse', 'preconditions') };

const ownerships: Readonly<Record<SchemaDocument['kind'], Keys>> = {
  WorkflowSchema: {
    keys: {
      ...envelope,
      metadata: {
        keys: { ...wholly('workflow_id', 'version', 'name', 'description'), maintainers: 'given' },
      },
      labels: 'whole',
      execution: { keys: wholly('engine', 'bundle') },
      parameters: { ...flatParameters, keepsOthers },
      rollback_parameters: flatParameters,
    },
  },
  RemediationWorkflow: {
    keys: {
      ...envelope,
      metadata: { keys: wholly('name') },
      spec: {
        keys: {
          version: 'whole',
          description,
          actionType: 'whole',
          labels: { keys: wholly('severity', 'environment', 'component', 'priority', 'cluster') },
          ...wholly('customLabels', 'detectedLabels'),
          execution: { keys: wholly('engine', 'bundle', 'bundleDigest', 'serviceAccountName') },
          dependencies: 'whole',
          maintainers: 'given',
          parameters: { ...parameters, keepsOthers },
          rollbackParameters: parameters,
        },
      },
    },
  },
  ActionType: {
    keys: {
      ...envelope,
      metadata: { keys: wholly('name') },
      spec: { keys: { name: 'whole', description } },
    },
  },
};

export function ownershipOf({ kind }: Pick<SchemaDocument, 'kind'>): Keys {
  return ownerships[kind];
}

/** True where a value states all that is owned as `wanted` does, whatever it states beside that. */
export function agrees(value: unknown, wanted: unknown, ownership: Ownership): boolean {
  if (ownership === 'given') return wanted === undefined || isDeepStrictEqual(value, plain(wanted));
  if (ownership === 'whole' || wanted === undefined) return isDeepStrictEqual(value, plain(wanted));
  if ('named' in ownership) {
    if (!Array.isArray(value)) return false;
    const all = itemsOf(wanted);
    const items = itemsOf(value).filter((item) => !isOther(item, all, ownership));
    return (
      items.length === all.length && all.every((item, index) => agrees(items[index], item, ownership.named))
    );
  }
  if (!isMapping(value)) return false;
  return Object.entries(ownership.keys).every(([key, owned]) =>
    agrees(member(value, key), member(wanted, key), owned),
  );
}

/** True for an item of a list that is not the project's. */
export function isOther(
  item: unknown,
  wanted: readonly unknown[],
  { keepsOthers = false }: NamedList,
): boolean {
  const name = member(item, 'name');
  return (
    keepsOthers &&
    typeof name === 'string' &&
    name !== '' &&
    !wanted.some((one) => member(one, 'name') === name)
  );
}

/** Without members that are undefined, which no document has. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
