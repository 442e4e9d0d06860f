import { createHash } from 'node:crypto';
import type {
  AuditEventRequest,
  WorkflowRegistration,
} from '../../../src/catalog/data-storage/data-storage-api.js';

export const sampleDigest = `sha256:${'ab'.repeat(32)}`;

/** A registration that the strict mode takes too. */
export function sampleRegistration(changes: Partial<WorkflowRegistration> = {}): WorkflowRegistration {
  const content = changes.content ?? 'apiVersion: kubernaut.io/v1alpha1\nkind: WorkflowSchema\n';
  return {
    workflow_name: 'test-hello-world',
    version: '1.0.0',
    name: 'Hello world',
    description: 'Says hello',
    content,
    content_hash: createHash('sha256').update(content).digest('hex'),
    execution_engine: 'tekton',
    container_image: `quay.io/acme/test-workflows/hello-world:v1.0.0@${sampleDigest}`,
    container_digest: sampleDigest,
    labels: {
      signal_type: 'OOMKilled',
      severity: 'low',
      component: 'deployment',
      environment: 'test',
      priority: 'P3',
    },
    parameters: {
      schema: {
        parameters: [{ name: 'MESSAGE', type: 'string', required: false, description: 'What to say' }],
      },
    },
    status: 'active',
    ...changes,
  };
}

export function sampleEvent(changes: Partial<AuditEventRequest> = {}): AuditEventRequest {
  return {
    version: '1.0',
    event_type: 'workflow.started',
    event_timestamp: new Date().toISOString(),
    event_category: 'workflow',
    event_action: 'started',
    event_outcome: 'success',
    correlation_id: 'run-1',
    event_data: { workflow_id: 'test-hello-world' },
    ...changes,
  };
}
