/** A document that people keep, with places for what a run writes. */
export interface KeptDocument {
  readonly name: string;
  readonly engine: 'tekton' | 'job' | 'ansible';
  /** Relative to the project. */
  readonly path: string;
  /** The file with these values in it. */
  fill(values: KeptValues): string;
  /** The pinned reference, as this document writes it. */
  reference(values: Pick<KeptValues, 'digest'>): string;
  readonly startVersion: string;
}

export interface KeptValues {
  /** Of a manifest; of a playbook the commit. */
  readonly digest: string;
  /** What is there: the pinned reference, or something that was never pinned. */
  readonly bundle: string;
  readonly version: string;
}

const accompanying = [
  'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: runner   # kept\n',
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: runner}\nrules:\n- apiGroups: [""]\n  resources: [pods]\n  verbs: [get, delete]\n',
  '# nothing but a comment\n',
  'kind: ConfigMap\napiVersion: v1\ndata:\n  script: |\n    echo "--- not a separator"\n    bundle: quay.io/acme/other:v1\n',
];

/**
 * Documents of one engine as people write them: both formats, block and flow style, quotes of each kind, comments, orders of
 * keys, line ends, byte order marks and texts without a last line end; `several` puts other objects around them.
 */
export function keptDocuments(
  engine: KeptDocument['engine'],
  count: number,
  { host, several = false }: { readonly host: string; readonly several?: boolean },
): KeptDocument[] {
  return Array.from({ length: count }, (_, index) => keptDocument(engine, index, { host, several }));
}

function keptDocument(
  engine: KeptDocument['engine'],
  index: number,
  { host, several }: { readonly host: string; readonly several: boolean },
): KeptDocument {
  const bit = (place: number) => Math.floor(index / 2 ** place) % 2 === 1;
  const name = `${engine}-${several ? 'several' : 'single'}-${index}`;
  const quote = ['', '"', "'"][index % 3] ?? '';
  const isFlat = index % 5 === 4 && engine !== 'ansible';
  const startVersion = isFlat && index % 2 === 0 ? `v1.${index}.0` : `1.${index}.9`;
  const repository =
    engine === 'tekton' ? `${host}/acme/alpha` : engine === 'job' ? `${host}/acme/job-${index % 4}` : '';
  const tagged = engine === 'tekton' ? `${repository}:v1.0.0` : `${repository}:v1`;
  const url = 'https://git.example/acme/playbooks.git';
  const noTag = engine !== 'ansible' && index % 4 === 3;
  const quoted = (text: string) => `${quote}${text}${quote}`;
  const fillOne = ({ digest, bundle, version }: KeptValues): string => {
    const lines = isFlat
      ? flatDocument(name, { engine, bundle: quoted(bundle), version: quoted(version) })
      : remediationDocument(name, {
          engine,
          bundle: quoted(bundle),
          version: quoted(version),
          digest: engine === 'ansible' || index % 7 === 0 ? quoted(digest) : undefined,
          flow: bit(1),
          engineFirst: bit(2),
        });
    const parts = several
      ? [accompanying[index % 4] ?? '', lines, accompanying[(index + 1) % 4] ?? ''].slice(bit(0) ? 1 : 0)
      : [lines];
    let text = `${bit(3) ? '---\n' : ''}${parts.join('---\n')}`;
    if (bit(0)) text = text.replace('kind:', '# owned by the platform team\nkind:');
    if (index % 6 === 5) text = text.trimEnd();
    if (index % 8 === 6) text = text.replaceAll('\n', '\r\n');
    return index % 9 === 8 ? `\ufeff${text}` : text;
  };
  return {
    name,
    engine,
    path: `deploy/${several ? 'several' : 'single'}/${name}.yaml`,
    fill: fillOne,
    reference: ({ digest }) => (engine === 'ansible' ? url : `${noTag ? repository : tagged}@${digest}`),
    startVersion,
  };
}

interface DocumentParts {
  readonly engine: string;
  readonly bundle: string;
  readonly version: string;
}

function flatDocument(name: string, { engine, bundle, version }: DocumentParts): string {
  return [
    'apiVersion: kubernaut.io/v1alpha1',
    'kind: WorkflowSchema',
    'metadata:',
    `  workflow_id: ${name}`,
    `  version: ${version}   # raised by the release`,
    '  description: "What it does: # no comment"',
    'labels: {signal_type: OOMKilled, severity: critical, component: pod, environment: test, priority: P0, risk_tolerance: low}',
    'execution:',
    `    engine: ${engine}`,
    `    bundle: ${bundle}`,
    'parameters:',
    '- {name: A, type: string, required: true, description: one}',
    '',
  ].join('\n');
}

function remediationDocument(
  name: string,
  {
    engine,
    bundle,
    version,
    digest,
    flow,
    engineFirst,
  }: DocumentParts & {
    readonly digest: string | undefined;
    readonly flow: boolean;
    readonly engineFirst: boolean;
  },
): string {
  const members = [
    ...(engineFirst || engine !== 'tekton' ? [`engine: ${engine}`] : []),
    `bundle: ${bundle}`,
    ...(digest === undefined ? [] : [`bundleDigest: ${digest}`]),
    ...(engine === 'ansible' ? ['engineConfig: {playbookPath: site.yml}'] : []),
  ];
  const ordered = engineFirst ? members : members.toReversed();
  return [
    'apiVersion: kubernaut.ai/v1alpha1',
    'kind: RemediationWorkflow',
    'metadata:',
    `  name: ${name}`,
    '  labels: {version: 1.0.0}',
    'spec:',
    `  version: ${version}`,
    '  # who calls it: the agent',
    '  description: {what: "Restarts it, at 1.0.0", whenToUse: It hangs}',
    '  actionType: RestartPod',
    '  labels: {severity: [critical], environment: [test], component: [v1/Pod], priority: p1}',
    ...(flow
      ? [`  execution: {${ordered.join(',  ')}}`]
      : ['  execution:', ...ordered.map((member) => `      ${member}  # pinned`)]),
    '  parameters:',
    '    - name: TARGET_RESOURCE_NAME',
    '      type: string',
    '      required: true',
    '      description: >-',
    '        the name,',
    '        of the resource',
    '',
  ].join('\n');
}
