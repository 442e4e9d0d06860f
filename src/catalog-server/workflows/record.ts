import type { Workflow, WorkflowRegistration } from '../../catalog/data-storage/data-storage-api.js';
import type { NewWorkflow, WorkflowRow } from '../database/tables.js';

/** The stored part of a registration; the catalog determines all other fields. */
export function toRow(registration: WorkflowRegistration): Omit<NewWorkflow, 'is_latest_version'> {
  return {
    workflow_name: registration.workflow_name,
    version: registration.version,
    name: registration.name,
    description: registration.description,
    owner: registration.owner ?? null,
    maintainer: registration.maintainer ?? null,
    content: registration.content,
    content_hash: registration.content_hash,
    parameters: registration.parameters === undefined ? null : JSON.stringify(registration.parameters),
    execution_engine: registration.execution_engine,
    container_image: registration.container_image ?? null,
    container_digest: registration.container_digest ?? null,
    labels: JSON.stringify(labelsOf(registration)),
    custom_labels: JSON.stringify(registration.custom_labels ?? {}),
    detected_labels: JSON.stringify(knownDetectedLabels(registration.detected_labels)),
    status: registration.status,
    previous_version: registration.previous_version ?? null,
    deprecation_notice: registration.deprecation_notice ?? null,
    version_notes: registration.version_notes ?? null,
    change_summary: registration.change_summary ?? null,
    approved_by: registration.approved_by ?? null,
    approved_at: registration.approved_at ?? null,
    expected_success_rate: registration.expected_success_rate ?? null,
    expected_duration_seconds: registration.expected_duration_seconds ?? null,
    created_by: registration.created_by ?? null,
  };
}

/** A stored entry as the API shows it: what is not set is left out, `detected_labels` is always there. */
export function toWorkflow(row: WorkflowRow): Workflow {
  const { arrival: _, signal_type, severity, component, environment, priority, ...others } = row;
  const { parameters, custom_labels, search_text: __, ...columns } = others;
  const optional = Object.keys(custom_labels).length > 0 ? { custom_labels } : {};
  const set = Object.entries({ ...columns, ...optional, ...(parameters ? { parameters } : {}) }).filter(
    ([, value]) => value !== null,
  );
  return Object.fromEntries(set) as unknown as Workflow;
}

/** The service's response to a registration: what it parsed, before the database applies defaults. */
export function toEcho(registration: WorkflowRegistration, workflowId: string): Workflow {
  const { parameters, custom_labels } = registration;
  const sent = registration as Partial<Workflow>;
  const known = Object.fromEntries(
    echoed.filter((name) => sent[name] !== undefined).map((name) => [name, sent[name]]),
  );
  return {
    ...(known as unknown as WorkflowRegistration),
    workflow_id: workflowId,
    labels: labelsOf(registration),
    ...(custom_labels && Object.keys(custom_labels).length > 0 ? { custom_labels } : {}),
    detected_labels: knownDetectedLabels(registration.detected_labels),
    ...(parameters ? { parameters } : {}),
    is_latest_version: true,
    total_executions: sent.total_executions ?? 0,
    successful_executions: sent.successful_executions ?? 0,
    created_at: sent.created_at ?? zeroTime,
    updated_at: sent.updated_at ?? zeroTime,
  };
}

const zeroTime = '0001-01-01T00:00:00Z';

const echoed = [
  ...(['workflow_name', 'version', 'name', 'description', 'owner', 'maintainer', 'content'] as const),
  ...(['content_hash', 'execution_engine', 'container_image', 'container_digest', 'status'] as const),
  ...(['disabled_at', 'disabled_by', 'disabled_reason', 'previous_version', 'deprecation_notice'] as const),
  ...(['version_notes', 'change_summary', 'approved_by', 'approved_at', 'expected_success_rate'] as const),
  ...(['expected_duration_seconds', 'actual_success_rate', 'created_by', 'updated_by'] as const),
];

function labelsOf({ labels }: WorkflowRegistration): WorkflowRegistration['labels'] {
  const { signal_type, severity, component, environment, priority } = labels;
  return { signal_type, severity, component, environment, priority };
}

/** The service keeps of these what is set: false and an empty text are as good as absent. */
export function knownDetectedLabels(
  detected: WorkflowRegistration['detected_labels'] = {},
): NonNullable<Workflow['detected_labels']> {
  const known = detectedNames.filter((name) => {
    const value = detected[name];
    return Array.isArray(value) ? value.length > 0 : Boolean(value);
  });
  return Object.fromEntries(known.map((name) => [name, detected[name]]));
}

const detectedNames = [
  ...(['failed_detections', 'gitOpsManaged', 'gitOpsTool', 'pdbProtected', 'hpaEnabled'] as const),
  ...(['stateful', 'helmManaged', 'networkIsolated', 'serviceMesh'] as const),
];
