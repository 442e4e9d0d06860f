import type { Diagnosis } from '../../../doctor/diagnose.js';
import { version } from '../../../version.js';
import type { Context } from '../../context.js';

type Machine = Pick<Context, 'environment' | 'platform' | 'started' | 'stdout'>;

/** Variables whose being set explains much; their values may hold a secret and stay out. */
const telling =
  /^(?:BUNDLES_\w+|(?:https?|no)_proxy|CI|GITHUB_ACTIONS|GITLAB_CI|DOCKER_CONFIG|DOCKER_AUTH_CONFIG|REGISTRY_AUTH_FILE|NODE_EXTRA_CA_CERTS|NODE_OPTIONS|KUBECONFIG|DATASTORAGE_TOKEN|SOURCE_DATE_EPOCH|NO_COLOR|FORCE_COLOR)$/i;

/** An examination as one page of Markdown for a bug report: versions, names of variables, and each link. */
export function showReport(
  { links }: Diagnosis,
  { environment, platform, started, stdout }: Machine,
): string[] {
  const set = Object.keys(environment).filter((name) => telling.test(name) && environment[name] !== '');
  return [
    '### Report of tekton-bundles',
    '',
    `- version: ${version}, started as \`${started.program}\``,
    `- Node ${process.versions.node}, ${platform} ${process.arch}`,
    `- terminal: ${stdout.isTerminal ? `${stdout.columns} columns` : 'no'}`,
    `- variables that are set: ${set.length === 0 ? 'none' : set.sort().join(', ')}`,
    '',
    '| link | state | found |',
    '|---|---|---|',
    ...links.map(({ link, state, code, message }) => {
      const found = code === null ? message : `${code}: ${message}`;
      return `| ${link} | ${state} | ${cell(found)} |`;
    }),
    '',
    'What I did, what I expected, and what happened instead:',
  ];
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|<>`]/g, (character) => `\\${character}`);
}
