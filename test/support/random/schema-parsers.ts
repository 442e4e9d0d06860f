/** The rules by which the real services read schemas, as they are tabulated: which field they stop at, if at any. */

type Fields = Readonly<Record<string, unknown>>;

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';
const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The service of January 2026 over a flat schema. */
export function flatParserRefuses(document: unknown): string | undefined {
  const root = fields(document);
  const metadata = fields(root.metadata);
  const labels = fields(root.labels);
  if (!isFilled(root.apiVersion)) return 'apiVersion';
  if (root.kind !== 'WorkflowSchema') return 'kind';
  for (const key of ['workflow_id', 'version', 'description']) if (!isFilled(metadata[key])) return key;
  for (const key of ['signal_type', 'severity', 'risk_tolerance']) if (!isFilled(labels[key])) return key;
  for (const key of ['component', 'environment']) if (!isFilled(labels[key])) return key;
  if (!['critical', 'high', 'medium', 'low'].includes(String(labels.severity))) return 'severity';
  if (!['P0', 'P1', 'P2', 'P3', '*'].includes(String(labels.priority))) return 'priority';
  // Go decodes bounds into integers.
  for (const parameter of list(root.parameters).map(fields))
    for (const key of ['minimum', 'maximum'])
      if (parameter[key] !== undefined && !Number.isInteger(parameter[key])) return key;
  return parametersRefused(root.parameters, ['string', 'integer', 'boolean', 'array']);
}

const flags = [
  ...['gitOpsManaged', 'pdbProtected', 'hpaEnabled', 'stateful', 'helmManaged'],
  ...['networkIsolated', 'virtualMachine', 'liveMigratable', 'cdiManaged'],
];
const choices: Readonly<Record<string, readonly string[]>> = {
  gitOpsTool: ['argocd', 'flux', '*'],
  serviceMesh: ['istio', 'linkerd', '*'],
  storageBackend: ['odf-ceph', 'lvms', 'local', '*'],
};

/** The parser of August 2026 over a RemediationWorkflow. */
export function remediationParserRefuses(document: unknown): string | undefined {
  const root = fields(document);
  const spec = fields(root.spec);
  const labels = fields(spec.labels);
  const description = fields(spec.description);
  if (root.apiVersion !== 'kubernaut.ai/v1alpha1' || root.kind !== 'RemediationWorkflow') return 'kind';
  if (!isFilled(fields(root.metadata).name)) return 'metadata.name';
  for (const key of ['version', 'actionType']) if (!isFilled(spec[key])) return key;
  for (const key of ['what', 'whenToUse']) if (!isFilled(description[key])) return key;
  return (
    labelsRefused(labels) ??
    detectedRefused(spec.detectedLabels) ??
    dependenciesRefused(fields(spec.dependencies)) ??
    executionRefused(fields(spec.execution)) ??
    parametersRefused(spec.parameters, ['string', 'integer', 'boolean', 'array', 'float'])
  );
}

function labelsRefused(labels: Fields): string | undefined {
  const severities = ['critical', 'high', 'warning', 'info', '*'];
  const all = (key: string, accepts: (value: string) => boolean) =>
    list(labels[key]).length > 0 && list(labels[key]).every((value) => accepts(String(value)));
  if (!all('severity', (value) => severities.includes(value))) return 'severity';
  if (!all('environment', isFilled)) return 'environment';
  if (!all('component', (value) => value === '*' || /^([^/]+\/){1,2}[A-Z][^/]*$/.test(value)))
    return 'component';
  return isFilled(labels.priority) ? undefined : 'priority';
}

/** Go decodes them into a struct; quotes around `true` make no difference to it. */
function detectedRefused(detected: unknown = {}): string | undefined {
  if (typeof detected !== 'object' || Array.isArray(detected)) return 'detectedLabels';
  return Object.entries(fields(detected)).find(([key, value]) =>
    flags.includes(key)
      ? value !== true && value !== 'true'
      : typeof value !== 'string' || !choices[key]?.includes(value),
  )?.[0];
}

function dependenciesRefused(dependencies: Fields): string | undefined {
  for (const key of ['secrets', 'configMaps']) {
    const names = list(dependencies[key]).map((item) => fields(item).name);
    if (!names.every(isFilled) || new Set(names).size !== names.length) return key;
  }
  return undefined;
}

function executionRefused({
  engine = 'tekton',
  bundle,
  engineConfig,
  resources,
}: Fields): string | undefined {
  if (!isFilled(bundle)) return 'bundle';
  if (resources !== undefined && (engine !== 'job' || !areResources(resources))) return 'resources';
  if (engine !== 'ansible') return /@sha256:[0-9a-f]{64}$/i.test(String(bundle)) ? undefined : 'bundle';
  return isFilled(fields(engineConfig).playbookPath) ? undefined : 'engineConfig';
}

function areResources(value: unknown): boolean {
  if (typeof value !== 'object' || Array.isArray(value)) return false;
  const { requests = {}, limits = {}, ...others } = fields(value);
  if (Object.keys(others).length > 0) return false;
  return [requests, limits].every(
    (quantities) =>
      typeof quantities === 'object' &&
      !Array.isArray(quantities) &&
      Object.values(fields(quantities)).every(
        (quantity) =>
          (typeof quantity === 'string' || typeof quantity === 'number') &&
          /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.test(String(quantity)),
      ),
  );
}

function parametersRefused(value: unknown, types: readonly string[]): string | undefined {
  const parameters = list(value).map(fields);
  if (parameters.length === 0) return 'parameters';
  for (const { name, type, description } of parameters) {
    if (!isFilled(name) || !isFilled(description)) return 'parameters';
    if (!types.includes(String(type))) return 'type';
  }
  return undefined;
}
