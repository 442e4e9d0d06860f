import { BundlesError } from '../../errors.js';
import type { Connection } from '../../open/connect.js';
import { optionOr } from '../../open/machine.js';
import type { NetworkOptions } from '../../open/network-options.js';
import { createGitHub, type GitHub } from '../../release/github/github.js';
import type { Context } from '../context.js';
import type { GitHubCommandOptions } from '../options/github-options.js';

/**
 * The repository that --github or GITHUB_REPOSITORY names, at GITHUB_API_URL, with the token of GITHUB_TOKEN or GH_TOKEN:
 * files of a checkout do not decide where the token goes.
 *
 * @throws USAGE
 */
export async function openGitHub(
  context: Context,
  options: GitHubCommandOptions & Pick<NetworkOptions, 'timeout'>,
  { send }: Pick<Connection, 'send'>,
): Promise<GitHub> {
  const repository = optionOr(options.github, context, 'GITHUB_REPOSITORY');
  const token = optionOr(undefined, context, 'GITHUB_TOKEN') ?? optionOr(undefined, context, 'GH_TOKEN');
  if (repository === undefined) {
    throw new BundlesError('USAGE', 'Cannot determine the repository on GitHub', {
      hint: 'Name it with --github OWNER/NAME; a job of GitHub Actions has it in GITHUB_REPOSITORY',
    });
  }
  if (token === undefined) {
    throw new BundlesError('USAGE', `Cannot work on ${JSON.stringify(repository)}: there is no token`, {
      hint: 'Set GITHUB_TOKEN; in GitHub Actions, give the step github.token in its env',
    });
  }
  context.hide(() => [token]);
  const { clock } = context;
  const url = optionOr(undefined, context, 'GITHUB_API_URL');
  const timeoutMs = options.timeout === undefined ? undefined : Math.round(options.timeout * 1000);
  return createGitHub({ send, clock, url, token, repository, timeoutMs });
}
