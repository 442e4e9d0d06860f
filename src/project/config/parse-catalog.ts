import { redactUrl } from '../../http/redact.js';
import type { SchemaFormat } from '../../workflow/schema-document.js';
import { type ConfigNode, recordAt, report } from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText, showValue } from '../../yaml-file/show-text.js';
import type { Catalog, SchemaSettings } from '../project.js';
import { parsePath } from './parse-path.js';
import { parseBoolean, parseChoice, parseText } from './parse-scalar.js';

const wanted =
  'none, embedded, the address of a DataStorage service, kubernetes, manifests:DIRECTORY, or one of the mappings {dataStorage: …}, {kubernetes: …}, {manifests: …}';
const none: Catalog = { kind: 'none' };

/** Where workflows are registered; default: nowhere. */
export function parseCatalog(node: ConfigNode, format: SchemaSettings['format']): Catalog {
  const catalog = typeof node.value === 'string' ? wordAt(node, node.value) : formAt(node);
  refuseFormat(node, { catalog, format });
  return catalog;
}

/** The catalog that a run names, with what the file states of it where it declares the same address. */
export function declaredOr(given: Catalog, declared: Catalog): Catalog {
  if (given.kind !== 'data-storage' || declared.kind !== 'data-storage') return given;
  const same = placeOf(given.url) === placeOf(declared.url);
  return same ? { ...declared, url: given.url } : given;
}

function placeOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin, pathname } = new URL(address);
  return origin + pathname.replace(/\/+$/, '');
}

/** Whether outcomes become audit events of the catalog; default: they do not. */
export function parseAudit(node: ConfigNode, catalog: Catalog): boolean {
  const audit = parseBoolean(node) ?? false;
  if (!audit || hasAuditTrail(catalog)) return audit;
  const found = catalog.kind === 'none' ? 'no catalog' : `the catalog ${showText(catalog.kind)}`;
  report(node, `found true with ${found}, wanted a catalog with an audit trail: DataStorage or embedded`);
  return false;
}

export function hasAuditTrail({ kind }: Catalog): boolean {
  return kind === 'data-storage' || kind === 'embedded';
}

function wordAt(node: ConfigNode, word: string): Catalog {
  if (word === 'none') return none;
  if (/^https?:/i.test(word)) {
    const url = addressAt(node, word);
    return url === undefined ? none : { kind: 'data-storage', url, api: '2026-01', versionPrefix: '' };
  }
  if (word === 'kubernetes')
    return { kind: 'kubernetes', context: undefined, namespace: undefined, webhook: undefined };
  const [, directory] = /^manifests:(.+)$/s.exec(word) ?? [];
  if (directory !== undefined) return manifestsAt({ ...node, value: directory });
  if (word === 'embedded') return { kind: 'embedded' };
  const close = nearest(word, ['none', 'embedded', 'kubernetes']);
  const hint = close === undefined ? undefined : `Did you mean ${showText(close)}?`;
  report(node, `found ${showText(word)}, wanted ${wanted}`, { hint });
  return none;
}

function formAt(node: ConfigNode): Catalog {
  const { value } = node;
  if (value === undefined) return none;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report(node, `found ${showValue(value)}, wanted ${wanted}`);
    return none;
  }
  const kinds = ['dataStorage', 'kubernetes', 'manifests'].filter((kind) => Object.hasOwn(value, kind));
  if (kinds.length > 1) {
    report(node, `found ${kinds.join(' and ')}, wanted one of them`);
    return none;
  }
  if (kinds[0] === 'dataStorage') return dataStorageAt(node);
  if (kinds[0] === 'kubernetes') return kubernetesAt(recordAt(node, ['kubernetes']).kubernetes);
  if (kinds[0] === 'manifests') return manifestsAt(recordAt(node, ['manifests']).manifests);
  recordAt(node, ['dataStorage', 'kubernetes', 'manifests']);
  if (Object.keys(value).length === 0) report(node, `found an empty mapping, wanted ${wanted}`);
  return none;
}

function dataStorageAt(node: ConfigNode): Catalog {
  const { dataStorage, api, versionPrefix } = recordAt(node, ['dataStorage', 'api', 'versionPrefix']);
  const url = parseText(dataStorage, { wanted: addressWanted, longest: 500 });
  const known = parseChoice(api, ['2026-01']) ?? '2026-01';
  const prefix = parseChoice(versionPrefix, ['v']) ?? '';
  const address = url === undefined ? undefined : addressAt(dataStorage, url);
  if (address === undefined) return none;
  return { kind: 'data-storage', url: address, api: known, versionPrefix: prefix };
}

const addressWanted = 'http://HOST:PORT or https://HOST';

function addressAt(node: ConfigNode, text: string): string | undefined {
  const refuse = (why: string, hint?: string) => {
    report(node, `found ${showText(redactUrl(text))}, ${why}, wanted ${addressWanted}`, {
      hint,
    });
    return undefined;
  };
  if (!URL.canParse(text)) {
    // Not quoted: it may be a secret.
    report(node, `found text that is not a URL, wanted ${addressWanted}`);
    return undefined;
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('which is not http or https');
  if (url.username !== '' || url.password !== '')
    return refuse(
      'with a user or a password',
      'A token comes from DATASTORAGE_TOKEN or --catalog-token-file',
    );
  if (url.search !== '' || url.hash !== '') return refuse('with a query or a fragment');
  return text;
}

function kubernetesAt(node: ConfigNode): Catalog {
  // `kubernetes:` with nothing behind it means the current context.
  const given = node.value === null ? { ...node, value: {} } : node;
  const { context, namespace, webhook } = recordAt(given, ['context', 'namespace', 'webhook']);
  return {
    kind: 'kubernetes',
    context: parseText(context, { wanted: 'the name of a context in the kubeconfig', longest: 500 }),
    namespace: parseText(namespace, {
      wanted: 'a namespace: lower-case letters, digits and hyphens',
      pattern: /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
    }),
    webhook: parseChoice(webhook, ['none'], { false: 'none' }),
  };
}

function manifestsAt(node: ConfigNode): Catalog {
  const directory = parsePath(node, 'a directory');
  if (directory === undefined) {
    if (node.value === null) report(node, 'found nothing, wanted a directory');
    return none;
  }
  return { kind: 'manifests', directory };
}

/** What each kind of catalog reads. */
const formats: Readonly<Record<Exclude<Catalog['kind'], 'none'>, SchemaFormat>> = {
  'data-storage': 'workflow-schema',
  embedded: 'workflow-schema',
  kubernetes: 'remediation-workflow',
  manifests: 'remediation-workflow',
};

function refuseFormat(
  node: ConfigNode,
  { catalog, format }: { readonly catalog: Catalog; readonly format: SchemaSettings['format'] },
): void {
  if (catalog.kind === 'none' || formats[catalog.kind] === format) return;
  const reads = formats[catalog.kind];
  report(node, `this catalog registers ${reads}, and schemas.format is ${format}`, {
    hint: `Write schemas: {format: ${reads}}, or name another catalog`,
  });
}
