import type { AnyCommand, Command } from '../../command.js';
import type { CompletionOptions } from './run-completion.js';

/** `bundles completion`: what a shell needs to complete command lines. */
export const completionCommand = (commands: () => readonly AnyCommand[]): Command<CompletionOptions> => ({
  name: 'completion',
  group: 'setup',
  summary: 'print the script that completes command lines in a shell',
  description:
    'Print the script that lets bash, zsh, fish or PowerShell complete commands, options, choices, bundle names and files.',
  arguments: [
    {
      name: '[words...]',
      summary: 'bash, zsh, fish or powershell; with --propose the words typed so far',
      complete: 'shell',
    },
  ],
  options: [
    {
      flags: '--propose',
      summary:
        'print candidates for the last word, one per line with a tab and its meaning; used by the scripts',
    },
  ],
  examples: [
    { words: 'completion bash', does: 'for ~/.bashrc: eval "$(npx tekton-bundles completion bash)"' },
    { words: 'completion zsh', does: 'for a file _bundles in a directory of fpath' },
    { words: 'completion fish', does: 'for ~/.config/fish/completions/bundles.fish' },
  ],
  async run(session, words, options) {
    const { runCompletion } = await import('./run-completion.js');
    await runCompletion(session, { words, options, commands: commands() });
  },
});
