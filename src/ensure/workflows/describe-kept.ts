import { dirname, join } from 'node:path';
import { accompanyingTexts } from '../../catalog/accompanying.js';
import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import { requireInside } from '../../fs/is-inside.js';
import type { WorkflowSpec } from '../../project/config/parse-workflows.js';
import type { Lock, LockedWorkflow } from '../../project/lock/lock.js';
import { contentHash, type SchemaFormat } from '../../workflow/schema-document.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText } from '../../yaml-file/show-text.js';
import type { Run } from '../run.js';
import type { PlannedFile } from '../schemas/plan-schema.js';
import {
  editKeptFile,
  type FieldEdit,
  type KeptFile,
  type KeptWorkflow,
  readKeptFile,
  refusedField,
} from './kept-file.js';
import { enginesOf, nextPatch, pinEdits, type WorkflowPin } from './pin-workflow.js';

/** A workflow whose document is known, as it would be. */
export interface Described {
  readonly format: SchemaFormat | undefined;
  readonly id: string;
  readonly version: string;
  readonly raisedFrom: string | null;
  readonly engine: string;
  readonly schema: { readonly path: string; readonly contentHash: string; readonly text: string } | undefined;
  readonly files: readonly PlannedFile[];
  /** Documents of the same file that go along with it into a catalog. */
  readonly accompanying: readonly string[];
  readonly warnings: readonly string[];
}

/** A workflow whose pin is known. */
export interface PinnedWorkflow {
  readonly spec: WorkflowSpec;
  readonly pin: WorkflowPin;
}

export interface DescribedFile {
  readonly described: ReadonlyMap<string, Described>;
  readonly failures: ReadonlyMap<string, unknown>;
}

/** All workflows that one file describes: it is read and written once. */
export async function describeKept(
  run: Run,
  lock: Lock,
  path: string,
  pinned: readonly PinnedWorkflow[],
  options: CallOptions,
): Promise<DescribedFile> {
  const { directory } = run.project;
  await requireInside(directory, dirname(join(directory, path)));
  const file = await readKeptFile(directory, path, options);
  const failures = new Map<string, unknown>();
  const plans = new Map<string, KeptPlan>();
  for (const { spec, pin } of pinned) {
    try {
      const workflow = declaredIn(file, spec);
      const taken = [...plans].find(([, plan]) => plan.workflow === workflow)?.[0];
      if (taken !== undefined)
        throw documentError(spec.name, path, `${showText(taken)} describes it already`);
      plans.set(spec.name, planKept(file, { spec, pin, workflow, locked: lock.workflows.get(spec.name) }));
    } catch (error) {
      failures.set(spec.name, error);
    }
  }
  const edited = await editAll(file, plans, failures);
  const place = await placeOf(run, file, options);
  const text = file.mark + edited.text;
  const news = text === place.text ? [] : [{ path: place.path, file: place.file, text }];
  const described = new Map<string, Described>();
  for (const [name, { workflow, raisedFrom, warnings }] of plans) {
    if (failures.has(name)) continue;
    const now = edited.workflows.find(({ document }) => document === workflow.document) ?? workflow;
    const content = now.content.replaceAll('\r\n', '\n');
    // Of a file that stays where it is, only those that changed in it are news.
    const files = run.project.overridden || now.content !== workflow.content ? news : [];
    const schema = { path: place.path, contentHash: contentHash(content), text: content };
    const { format, id, version, engine } = now;
    const own = { workflow: id, file: path };
    const accompanying = run.catalog ? await accompanyingTexts(edited.text, own) : [];
    described.set(name, {
      ...{ format, id, version, engine, raisedFrom, schema, files, accompanying, warnings },
    });
  }
  return { described, failures };
}

interface KeptPlan {
  readonly workflow: KeptWorkflow;
  readonly edits: readonly FieldEdit[];
  readonly raisedFrom: string | null;
  readonly warnings: readonly string[];
}

function planKept(
  { path }: KeptFile,
  {
    spec,
    pin,
    workflow,
    locked,
  }: {
    readonly spec: WorkflowSpec;
    readonly pin: WorkflowPin;
    readonly workflow: KeptWorkflow;
    readonly locked: LockedWorkflow | undefined;
  },
): KeptPlan {
  const edits = pinEdits(workflow, pin);
  const place = { name: spec.name, path };
  const times = spec.content.kind === 'document' ? (spec.content.raised ?? 0) : 0;
  if (times > 0) return { workflow, ...withRaised(edits, times, workflow, place), warnings: [] };
  if (spec.onDigestChange === 'keep' || !locked || locked.digest === pin.digest)
    return { workflow, edits, raisedFrom: null, warnings: [] };
  if (contentHash(workflow.content) !== locked.schema?.contentHash) {
    const stays = `${path}: more than the digest changed since bundles.lock was written, so that version ${workflow.version} stays`;
    const warnings = workflow.version === locked.version ? [`${stays}; raise it`] : [];
    return { workflow, edits, raisedFrom: null, warnings };
  }
  return { workflow, ...withRaised(edits, 1, workflow, place), warnings: [] };
}

/** The edits, with that of the version raised so many times. */
function withRaised(
  edits: readonly FieldEdit[],
  times: number,
  workflow: KeptWorkflow,
  { name, path }: { readonly name: string; readonly path: string },
): Pick<KeptPlan, 'edits' | 'raisedFrom'> {
  let text: string | undefined = workflow.version;
  for (let time = 0; time < times && text !== undefined; time++) text = nextPatch(text);
  if (text === undefined) {
    const found = `its version ${showText(workflow.version)} cannot be raised, wanted three numbers, e.g. 1.0.0`;
    throw documentError(name, path, found);
  }
  return { edits: [...edits, { workflow, field: 'version', text }], raisedFrom: workflow.version };
}

/** The workflow of a file that an entry of `workflows:` means, once its engine is that of the source. @throws SCHEMA_INVALID */
export function declaredIn(file: Pick<KeptFile, 'path' | 'workflows'>, spec: WorkflowSpec): KeptWorkflow {
  const workflow = findWorkflow(file, spec);
  const engines = enginesOf(spec);
  if (engines.includes(workflow.engine)) return workflow;
  const found = `its engine is ${showText(workflow.engine)}, wanted ${engines.join(' or ')} for ${spec.source.kind}:`;
  throw documentError(spec.name, file.path, found);
}

/** The one that is named, else the one that is called as the entry, else the only one. */
function findWorkflow(
  { path, workflows }: Pick<KeptFile, 'path' | 'workflows'>,
  { name, content }: WorkflowSpec,
): KeptWorkflow {
  const wanted = content.kind === 'document' ? content.id : undefined;
  const named = workflows.filter(({ id }) => id === (wanted ?? name));
  const found = named.length > 0 ? named : wanted === undefined ? workflows : [];
  const [first, second] = found;
  const ids = workflows.map(({ id }) => id);
  if (first === undefined) {
    if (wanted === undefined) throw documentError(name, path, 'there is no workflow in it');
    const close = nearest(wanted, ids);
    const hint = close ? `Did you mean ${close}?` : undefined;
    throw documentError(name, path, `there is no workflow ${showText(wanted)} in it`, hint);
  }
  if (second !== undefined) {
    const hint = `Write workflows.${name}.id: one of ${[...new Set(ids)].join(', ')}`;
    throw documentError(name, path, `there are ${found.length} workflows in it`, hint);
  }
  if (first.id === '') throw documentError(name, path, 'its workflow has no name');
  if (first.version === '') throw documentError(name, path, 'its workflow has no version as text');
  return first;
}

function documentError(name: string, path: string, found: string, hint?: string): BundlesError {
  return new BundlesError(
    'SCHEMA_INVALID',
    `Cannot use ${showText(path)} for the workflow ${showText(name)}: ${found}`,
    {
      hint: hint ?? `Correct the document, or workflows.${name} in bundles.yaml`,
      details: { workflow: name, file: path },
    },
  );
}

/** Either all edits of a workflow are made, or none. */
async function editAll(
  file: KeptFile,
  plans: ReadonlyMap<string, KeptPlan>,
  failures: Map<string, unknown>,
): Promise<KeptFile> {
  for (;;) {
    const possible = [...plans].filter(([name]) => !failures.has(name));
    const edited = await editKeptFile(
      file,
      possible.flatMap(([, { edits }]) => edits),
    );
    if (edited.refused.length === 0) return edited.file;
    for (const refused of edited.refused) {
      const name = possible.find(([, { edits }]) => edits.includes(refused.edit))?.[0];
      if (name !== undefined && !failures.has(name))
        failures.set(name, refusedField(name, file.path, refused));
    }
  }
}

/** Where a document goes: where it is, but that of an overridden run into the state directory. */
async function placeOf(
  { project, schemas, stateDirectory }: Run,
  { path, mark, text }: KeptFile,
  options: CallOptions,
): Promise<{ readonly path: string; readonly file: string; readonly text: string | undefined }> {
  if (!project.overridden) return { path, file: join(project.directory, path), text: mark + text };
  const directory = schemas?.directory ?? join(stateDirectory, 'schemas');
  const place = { path: `${schemas?.shown ?? 'schemas'}/${path}`, file: join(directory, path) };
  // What an earlier run left there is written again, whatever it is.
  const now = await readKeptFile(directory, path, options).catch(() => undefined);
  options.signal?.throwIfAborted();
  return { ...place, text: now && now.mark + now.text };
}
