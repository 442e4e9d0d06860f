import { load } from 'js-yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly 'timeout-minutes'?: number;
  readonly 'runs-on'?: unknown;
  readonly container?: string | { readonly image?: string };
  readonly environment?: unknown;
  readonly permissions?: unknown;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on?: unknown;
  readonly permissions?: unknown;
  readonly jobs?: Readonly<Record<string, Job>>;
}

const pinned = /^\s*(?:- )?uses: ([\w.-]+\/[\w./-]+)@([0-9a-f]{40}) # v\d+(?:\.\d+){2}$/;

/** What is unsafe about a workflow of GitHub Actions, one sentence each; nothing where it is safe. */
export function judgeWorkflow(text: string): readonly string[] {
  const workflow = (load(text) ?? {}) as Workflow;
  const events = eventsOf(workflow.on);
  const findings: string[] = [];
  const top = JSON.stringify(workflow.permissions ?? 'missing');
  if (top !== '{}' && top !== '{"contents":"read"}') findings.push(`permissions of the workflow: ${top}`);
  for (const event of ['pull_request_target', 'workflow_run', 'issue_comment'])
    if (events.includes(event)) findings.push(`event ${event} gives strangers the rights of the repository`);
  for (const line of text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line)))
    if (!pinned.test(line) && !/uses: \.\//.test(line)) findings.push(`not pinned: ${line.trim()}`);
  const open = events.some((event) => event.startsWith('pull_request'));
  if (open && /\bsecrets\b(?!\.GITHUB_TOKEN)/.test(text.replace(/^\s*#.*$/gm, '')))
    findings.push('secrets in a workflow of pull requests');
  for (const [name, job] of Object.entries(workflow.jobs ?? {}))
    findings.push(...judgeJob(job, open).map((finding) => `${name}: ${finding}`));
  return findings;
}

function judgeJob(job: Job, open: boolean): readonly string[] {
  const findings: string[] = [];
  if (job.uses === undefined && job['timeout-minutes'] === undefined) findings.push('no timeout-minutes');
  if (/latest/.test(JSON.stringify(job['runs-on'] ?? ''))) findings.push('runs on a machine that changes');
  const image = typeof job.container === 'string' ? job.container : job.container?.image;
  if (image !== undefined && !/@sha256:[0-9a-f]{64}$/.test(image)) findings.push(`not pinned: ${image}`);
  if (typeof job.permissions === 'string') findings.push(`permissions: ${job.permissions}`);
  const granted = Object.entries((job.permissions ?? {}) as Record<string, string>);
  for (const [scope, access] of granted)
    if (open && access === 'write' && scope !== 'security-events')
      findings.push(`${scope}: write for pull requests`);
  for (const step of job.steps ?? []) findings.push(...judgeStep(step));
  return findings;
}

function judgeStep({ uses = '', run = '', with: inputs = {} }: Step): readonly string[] {
  const findings: string[] = [];
  if (/\$\{\{/.test(run)) findings.push(`an expression in run: ${run.trim().split('\n')[0]}`);
  if (uses.startsWith('actions/checkout@') && inputs['persist-credentials'] !== false)
    findings.push('checkout keeps the token');
  if (uses.startsWith('actions/github-script@') && /\$\{\{/.test(String(inputs.script)))
    findings.push('an expression in a script');
  return findings;
}

/** YAML 1.1 reads the key `on` as true; js-yaml as a text. */
function eventsOf(on: unknown): readonly string[] {
  if (typeof on === 'string') return [on];
  if (Array.isArray(on)) return on.map(String);
  return Object.keys((on ?? {}) as object);
}
