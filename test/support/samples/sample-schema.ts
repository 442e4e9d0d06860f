/** For a bundle that no registry has. */
export const sampleDigest = `sha256:${'0'.repeat(64)}`;

/** A sound flat schema whose lines tests may name, with these parameters. */
export function schemaWith(parameters: string): string {
  return `apiVersion: kubernaut.io/v1alpha1
kind: WorkflowSchema
metadata:
  workflow_id: hello
  version: "1.0.0"
  description: Says hello
labels:
  signal_type: Test
  severity: low
  component: deployment
  environment: test
  priority: P3
  risk_tolerance: low
execution:
  engine: tekton
  bundle: quay.io/a/b:v1@${sampleDigest}
parameters:
${parameters}`;
}

export const sampleSchema = schemaWith(`  - name: MESSAGE
    type: string
    required: false
    description: What to say
    default: hello
`);
