import { BundlesError } from '../errors.js';
import { isMapping } from '../schema/member.js';
import type { SchemaFormat } from '../workflow/schema-document.js';
import { parseYamlFile } from '../yaml-file/parse-yaml-file.js';

/** One version of a workflow, as a catalog gets it. */
export interface CatalogEntry {
  /** The name of the bundle, or of the workflow that is declared by itself, for messages. */
  readonly bundle: string;
  /** The workflow's id. */
  readonly name: string;
  readonly version: string;
  /** What `content` is. */
  readonly format: SchemaFormat;
  /** The workflow schema document, to the byte. */
  readonly content: string;
  /** Lower-case hexadecimal sha256 of the content's UTF-8 bytes. */
  readonly contentHash: string;
  /** What it runs: a canonical reference pinned by digest, or the address of a git repository. */
  readonly image: string;
  /** The digest in `image`; of a git repository the commit. */
  readonly digest: string;
  /** Other documents of the workflow's file that go along with it, as YAML. Default none. */
  readonly accompanying?: readonly string[];
}

/** What a catalog holds of an entry. */
export type EntryState =
  | { readonly is: 'absent' }
  | Registered
  /** The same name and version with other content; `error` states so. */
  | { readonly is: 'different'; readonly error: BundlesError };

/** The catalog holds exactly this entry. */
export interface Registered {
  readonly is: 'same';
  /** What the catalog calls it, where it gives ids. */
  readonly workflowId: string | null;
  /** What is odd about it, e.g. that it is disabled. */
  readonly warnings: readonly string[];
}

/** Options of one call to a catalog. */
export interface CatalogCallOptions {
  readonly signal?: AbortSignal;
}

/** A place where workflows are registered. */
export interface CatalogTarget {
  /** Where, for messages; the same text means the same catalog. */
  readonly place: string;
  /** The documents that it takes. */
  readonly format: SchemaFormat;
  /** Put before the version of each workflow. Default: nothing. */
  readonly versionPrefix?: string;
  /** False for files of the project: they are written whatever became of the bundles, and never when frozen. */
  readonly remote: boolean;
  /** A bundle that only a fallback serves may be registered here. */
  readonly takesFallbacks: boolean;
  /** Asks and changes nothing. */
  look(entry: CatalogEntry, options?: CatalogCallOptions): Promise<EntryState>;
  /** Registers what `look` found absent. A lost reply is resolved by looking again; never registers twice. */
  register(entry: CatalogEntry, options?: CatalogCallOptions): Promise<Registration>;
  /** Takes away what this program wrote for workflows that are no longer declared; gives what that is. */
  prune?(
    declared: readonly CatalogEntry[],
    options: CatalogCallOptions & { readonly dryRun: boolean },
  ): Promise<readonly string[]>;
}

/** How a registration ended. */
export interface Registration extends Omit<Registered, 'is'> {
  /** `unchanged`: the catalog had it before, from an earlier run or another client. */
  readonly action: 'created' | 'unchanged';
}

/**
 * Registers one version of a workflow, unless the catalog has it. A lost response is resolved by asking the catalog, so that a version is
 * never registered twice.
 *
 * @throws CATALOG_CONFLICT where the version has other content, CATALOG_UNREACHABLE, CATALOG_REFUSED, SCHEMA_INVALID for an invalid
 *   document or one of a format that the target does not take
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { createDataStorageClient, dataStorageTarget, registerWorkflow } from 'tekton-bundles/catalog';
 * import { createNodeTransport, parseReference } from 'tekton-bundles/registry';
 * import { startCatalog } from 'tekton-bundles/testing';
 * import { contentHash } from 'tekton-bundles/workflow';
 *
 * const content = await readFile('schemas/hello-world-workflow-schema.yaml', 'utf8');
 * const image = /bundle: (\S+)/.exec(content)?.[1] ?? '';
 * const entry = {
 *   bundle: 'hello-world',
 *   name: 'sample-hello-world',
 *   version: '1.0.0',
 *   format: 'workflow-schema' as const,
 *   content,
 *   contentHash: contentHash(content),
 *   image,
 *   digest: parseReference(image).digest ?? '',
 * };
 * await using server = await startCatalog();
 * const send = createNodeTransport();
 * const target = dataStorageTarget({ client: createDataStorageClient({ send, url: server.url }) });
 * console.log((await registerWorkflow(target, entry)).action); // created
 * console.log((await registerWorkflow(target, entry)).action); // unchanged
 * await send.close();
 * ```
 */
export async function registerWorkflow(
  target: CatalogTarget,
  entry: CatalogEntry,
  options: CatalogCallOptions = {},
): Promise<Registration> {
  const state = await lookFor(target, entry, options);
  if (state.is === 'different') throw state.error;
  if (state.is === 'absent') return target.register(entry, options);
  const { workflowId, warnings } = state;
  return { action: 'unchanged', workflowId, warnings };
}

/** What the catalog holds of an entry that it can take. @throws SCHEMA_INVALID, CATALOG_UNREACHABLE, CATALOG_REFUSED */
export async function lookFor(
  target: CatalogTarget,
  entry: CatalogEntry,
  options: CatalogCallOptions = {},
): Promise<EntryState> {
  const { name, version, format } = entry;
  if (format === target.format) return target.look(entry, options);
  throw new BundlesError(
    'SCHEMA_INVALID',
    `Cannot register ${JSON.stringify(name)} ${version}: its document is a ${format}, and ${JSON.stringify(target.place)} takes a ${target.format}`,
    {
      hint: `Name another catalog, or convert the document: schema convert --to ${target.format}`,
      details: { workflow: name, version, format, wanted: target.format },
    },
  );
}

/** The document of an entry as plain data. @throws SCHEMA_INVALID */
export function parseContent({ content, name, version }: CatalogEntry): Readonly<Record<string, unknown>> {
  const document = parseYamlFile(content, {
    what: 'schema',
    file: name,
    invalid: 'SCHEMA_INVALID',
    conflictHint: 'Edit the file: keep what you need, and remove the markers',
  });
  if (isMapping(document)) return document;
  const doing = `Cannot register ${JSON.stringify(name)} ${version}`;
  throw new BundlesError('SCHEMA_INVALID', `${doing}: its schema is not a mapping`);
}
