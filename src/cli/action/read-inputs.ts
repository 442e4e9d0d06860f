import { profileNames } from '../../ensure/profiles.js';
import { BundlesError } from '../../errors.js';
import { shorten } from '../../http/shorten.js';
import { documentUrl } from '../../version.js';
import { splitWords } from './split-words.js';
import type { TriggeringEvent } from './triggering-event.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ActionInputs {
  /** The command line that the inputs stand for. */
  readonly words: readonly string[];
  /** The environment of the run: with the token where commands look for it, without the inputs. */
  readonly environment: Environment;
}

/** Commands that a profile has flags for. */
const withProfile: ReadonlySet<string> = new Set(['ensure', 'check']);

/**
 * The command line of a run of the GitHub Action. The profile is always required, so that a workflow states explicitly
 * whether it may publish; a run for a stranger's pull request may not.
 * @throws USAGE
 */
export function readInputs(environment: Environment, event: TriggeringEvent): ActionInputs {
  const input = (name: string) => (environment[`INPUT_${name.toUpperCase()}`] ?? '').trim();
  const profile = input('profile');
  if (!(profileNames as readonly string[]).includes(profile)) {
    const found = profile === '' ? 'it is missing' : `found ${JSON.stringify(shorten(profile))}`;
    throw refused(
      `Cannot read the input "profile": ${found}, wanted ${profileNames.join(', ')}`,
      'Write with: {profile: pull-request} in the step',
    );
  }
  if (profile === 'release' && event.isFromStranger) {
    throw refused(
      `Cannot run the profile "release" for ${event.name}: what a stranger proposes is not published`,
      'Use the profile pull-request here, and release for pushes to branches and tags of the repository',
    );
  }
  const command = (input('command') || 'ensure').split(/\s+/);
  if (command.some((word) => word.startsWith('-'))) {
    throw refused(
      `Cannot read the input "command": found ${JSON.stringify(shorten(command.join(' ')))}, wanted the name of a command`,
      'Options belong into the input args',
    );
  }
  const directory = input('working-directory');
  const configs = input('config')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const words = [
    ...(directory === '' ? [] : ['-C', directory]),
    ...command,
    ...(withProfile.has(command.join(' ')) ? [`--profile=${profile}`] : []),
    ...configs.map((file) => `--config=${file}`),
    ...splitWords(input('args')),
  ];
  return { words, environment: withToken(environment, input('token')) };
}

function withToken(environment: Environment, token: string): Environment {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('INPUT_'));
  return { ...Object.fromEntries(kept), ...(token === '' ? {} : { GITHUB_TOKEN: token }) };
}

function refused(message: string, hint: string): BundlesError {
  return new BundlesError('USAGE', message, {
    hint: `${hint}; ${documentUrl('guides/delivery', 'github-action')}`,
  });
}
