import type { AskHidden } from '../../open/signing-keys.js';
import type { Context } from '../context.js';
import { askPassword, type TerminalInput } from './ask-password.js';

/** A prompt at the terminal for a secret, which is not echoed; undefined without a terminal. */
export function hiddenPrompt({ stdin, stderr, signal }: Context): AskHidden | undefined {
  if (stdin.isTTY !== true || stdin.setRawMode === undefined) return undefined;
  const input = stdin as typeof stdin & TerminalInput;
  return (prompt) => askPassword({ input, output: stderr, prompt, signal });
}
