import { BundlesError } from '../../../errors.js';
import { readProject } from '../../../project/read-project.js';
import type { AnyCommand } from '../../command.js';
import { topics } from '../../help/topics.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import { didYouMean } from '../../suggest.js';
import { propose } from './propose.js';
import { completionScripts, type Shell } from './scripts.js';

export interface CompletionOptions extends CommonOptions {
  readonly propose?: boolean;
}

interface CompletionRequest {
  readonly words: readonly string[];
  readonly options: CompletionOptions;
  readonly commands: readonly AnyCommand[];
}

/** Prints a script, or the candidates that a script requests. @throws USAGE */
export async function runCompletion(
  session: Session,
  { words, options, commands }: CompletionRequest,
): Promise<void> {
  const { stdout } = session.context;
  if (options.propose) {
    const { candidates, rest } = await propose(words, {
      commands,
      topics,
      names: (file, kind) => declaredNames(session, file, kind),
    });
    const shown = candidates.map(({ text, means }) => `${text}\t${means}`);
    if (options.output === 'json')
      stdout.json({ version: 1, shell: null, script: null, candidates, rest, error: null });
    else stdout.lines([...shown, `:${rest}`]);
    return;
  }
  const shells = Object.keys(completionScripts);
  const [word = '', ...more] = words;
  if (!isShell(word) || more.length > 0) {
    const meant = didYouMean(word, shells);
    const found =
      word === '' ? 'no shell is named' : `${JSON.stringify(words.join(' '))} is not a supported shell`;
    throw new BundlesError('USAGE', `Cannot print a script for completion: ${found}`, {
      hint: meant === undefined ? `Name one of ${shells.join(', ')}` : `Did you mean ${meant}?`,
    });
  }
  const script = completionScripts[word];
  if (options.output === 'json')
    stdout.json({ version: 1, shell: word, script, candidates: [], rest: null, error: null });
  else stdout.text(script);
}

function isShell(word: string): word is Shell {
  return Object.hasOwn(completionScripts, word);
}

/** What a project declares; a project that cannot be read has no names. */
async function declaredNames(
  { context }: Session,
  file: string,
  kind: 'bundle' | 'image',
): Promise<readonly string[]> {
  try {
    const project = await readProject(file, {}, { signal: context.signal });
    return kind === 'bundle'
      ? project.bundles.map(({ name }) => name)
      : (project.images ?? []).map(({ name }) => name);
  } catch {
    return [];
  }
}
