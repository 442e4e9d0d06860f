import { BundlesError } from '../../errors.js';
import { isMapping } from '../../schema/member.js';
import { type CatalogEntry, parseContent } from '../catalog-target.js';
import type { CustomLabels, MandatoryLabels, WorkflowRegistration } from './data-storage-api.js';

/** The labels that the service has columns for; every other one of a schema is a custom label to it. */
const mandatory = ['signal_type', 'severity', 'component', 'environment', 'priority'] as const;

/** How a version is written for the catalog. */
export interface PayloadOptions {
  /** Put before the version, as `v` in catalogs that were filled so before. */
  readonly versionPrefix?: string;
}

/**
 * What the service is sent for a flat workflow schema: the document to the byte with its hash, the labels of both
 * generations, the parameters wrapped as an object, and the bundle pinned by digest twice.
 *
 * @throws SCHEMA_INVALID where the service would refuse it
 */
export function registrationPayload(
  entry: CatalogEntry,
  { versionPrefix = '' }: PayloadOptions = {},
): WorkflowRegistration {
  const document = parseContent(entry);
  const metadata = mappingOf(document.metadata);
  const labels = mappingOf(document.labels);
  const execution = mappingOf(document.execution);
  const custom = customLabels(labels);
  const rollback = document.rollback_parameters;
  return {
    workflow_name: shorter(entry, 'metadata.workflow_id', entry.name, 255),
    version: shorter(entry, 'metadata.version', versionPrefix + entry.version, 50),
    name: shorter(entry, 'metadata.name', textOf(metadata.name) ?? entry.name, 255),
    description: required(entry, 'metadata.description', metadata.description),
    content: entry.content,
    content_hash: entry.contentHash,
    parameters: {
      schema: {
        parameters: Array.isArray(document.parameters) ? document.parameters : [],
        ...(Array.isArray(rollback) ? { rollback_parameters: rollback } : {}),
      },
    },
    execution_engine: textOf(execution.engine) ?? 'tekton',
    container_image: entry.image,
    container_digest: entry.digest,
    labels: mandatoryLabels(entry, labels),
    ...(custom === undefined ? {} : { custom_labels: custom }),
    status: 'active',
  };
}

function mandatoryLabels(entry: CatalogEntry, labels: Readonly<Record<string, unknown>>): MandatoryLabels {
  const found = mandatory.map((key) => [key, required(entry, `labels.${key}`, labels[key])]);
  return Object.fromEntries(found) as unknown as MandatoryLabels;
}

function customLabels(labels: Readonly<Record<string, unknown>>): CustomLabels | undefined {
  const custom = Object.entries(labels).flatMap(([key, value]): [string, string[]][] => {
    const text = textOf(value);
    return text === undefined || mandatory.some((known) => known === key) ? [] : [[key, [text]]];
  });
  return custom.length === 0 ? undefined : Object.fromEntries(custom);
}

function required(entry: CatalogEntry, path: string, value: unknown): string {
  const text = textOf(value);
  if (text !== undefined && text !== '') return text;
  throw unfit(entry, `${path} is missing, and the catalog wants it`);
}

function shorter(entry: CatalogEntry, path: string, text: string, longest: number): string {
  if (text !== '' && text.length <= longest) return text;
  throw unfit(entry, `${path} has ${text.length} characters, wanted 1 to ${longest}`);
}

function unfit({ name, version }: CatalogEntry, why: string): BundlesError {
  const message = `Cannot register ${JSON.stringify(name)} ${version}: ${why}`;
  return new BundlesError('SCHEMA_INVALID', message, { hint: 'Correct the workflow in bundles.yaml' });
}

function mappingOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? value : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}
