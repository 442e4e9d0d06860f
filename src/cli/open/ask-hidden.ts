import type { AskHidden } from '../../open/signing-keys.js';
import type { Context } from '../context.js';
import { askPassword, type TerminalInput } from './ask-password.js';

/** A way to ask the person at the terminal for what must not be shown; undefined where there is no terminal. */
export function hiddenPrompt({ stdin, stderr, signal }: Context): AskHidden | undefined {
  if (stdin.isTTY !== true || stdin.setRawMode === undefined) return undefined;
  const input = stdin as typeof stdin & TerminalInput;
  return (prompt) => askPassword({ input, output: stderr, prompt, signal });
}
