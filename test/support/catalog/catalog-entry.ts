import type { CatalogEntry } from '../../../src/catalog/catalog-target.js';
import { digestOf } from '../../../src/oci/digest.js';
import { contentHash } from '../../../src/workflow/schema-document.js';

/** A workflow version with a flat schema; `text` changes its content. */
export function catalogEntry(
  name = 'test-hello',
  { version = '1.0.0', text = 'Says hello' } = {},
): CatalogEntry {
  const digest = digestOf(new TextEncoder().encode(name + version));
  const image = `quay.io/acme/${name}:v${version}@${digest}`;
  const content = [
    'apiVersion: kubernaut.io/v1alpha1',
    'kind: WorkflowSchema',
    'metadata:',
    `  workflow_id: ${name}`,
    `  version: ${version}`,
    `  name: "Hello: ${name}"`,
    `  description: ${text}`,
    'labels:',
    '  signal_type: Test',
    '  severity: low',
    '  component: deployment',
    '  environment: test',
    '  priority: P3',
    '  risk_tolerance: low',
    '  team: blue',
    'execution:',
    '  engine: tekton',
    `  bundle: ${image}`,
    'parameters:',
    '  - name: MESSAGE',
    '    type: string',
    '    required: false',
    '    description: what to say',
    '    default: hello',
    '',
  ].join('\n');
  return {
    bundle: name,
    name,
    version,
    content,
    image,
    digest,
    format: 'workflow-schema',
    contentHash: contentHash(content),
  };
}
