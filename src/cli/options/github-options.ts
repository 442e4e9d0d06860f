import type { OptionRow } from '../command.js';

export interface GitHubCommandOptions {
  readonly github?: string;
}

/** Of every command that works on a repository at GitHub; the token is taken from GITHUB_TOKEN or GH_TOKEN alone. */
export const githubOption: OptionRow = {
  flags: '--github <repository>',
  summary: 'repository on GitHub, OWNER/NAME',
  variable: 'GITHUB_REPOSITORY',
};
