import { StringDecoder } from 'node:string_decoder';
import { BundlesError } from '../../errors.js';
import type { AskHidden } from '../../open/signing-keys.js';
import type { Context } from '../context.js';

/** What a terminal is read through: standard input where it is one. */
export interface TerminalInput {
  setRawMode(raw: boolean): unknown;
  on(event: 'data', listener: (chunk: Buffer | string) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'data', listener: (chunk: Buffer | string) => void): unknown;
  removeListener(event: 'end' | 'close', listener: () => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface AskPasswordOptions {
  readonly input: TerminalInput;
  readonly output: { ask(question: string): void; line(text: string): void };
  readonly prompt: string;
  readonly signal: AbortSignal;
}

const longest = 64 * 1024;

/**
 * Asks for one line at a terminal and shows nothing of it, not even its length. Backspace and Ctrl-U correct it, Ctrl-C
 * interrupts, Ctrl-D on an empty line gives up, and what is pasted behind a line end is thrown away. The terminal is
 * given back as it was in every case.
 *
 * @throws INTERRUPTED; USAGE where nothing was typed; the signal's reason
 */
export async function askPassword({ input, output, prompt, signal }: AskPasswordOptions): Promise<string> {
  signal.throwIfAborted();
  const line = createHiddenLine();
  // Raw before the prompt: what is typed as soon as it shows is not echoed either.
  input.setRawMode(true);
  const undo: (() => void)[] = [];
  try {
    output.ask(prompt);
    return await new Promise<string>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      const onData = (chunk: Buffer | string) => {
        const came = line.take(chunk);
        if (came.end === 'interrupt') reject(interrupted());
        else if (came.end === 'end') reject(nothing('the input ended'));
        else if (came.text.length > longest) reject(nothing(`it is longer than ${longest} characters`));
        else if (came.end === 'line' && came.text === '') reject(nothing('it is empty'));
        else if (came.end === 'line') resolve(came.text);
      };
      const onEnd = () => reject(nothing('the input ended'));
      const onError = (error: Error) => reject(nothing(`the terminal cannot be read (${error.message})`));
      signal.addEventListener('abort', onAbort, { once: true });
      input.on('data', onData);
      input.on('end', onEnd);
      input.on('close', onEnd);
      input.on('error', onError);
      undo.push(() => {
        signal.removeEventListener('abort', onAbort);
        input.removeListener('data', onData);
        input.removeListener('end', onEnd);
        input.removeListener('close', onEnd);
        input.removeListener('error', onError);
      });
      input.resume();
    });
  } finally {
    for (const remove of undo) remove();
    input.setRawMode(false);
    input.pause();
    output.line('');
  }
}

interface Came {
  /** All that counts of the line so far. */
  readonly text: string;
  /** How the line ended; undefined while it goes on. */
  readonly end: 'line' | 'interrupt' | 'end' | undefined;
}

/** A line as it is typed, with the keys that edit it; sequences such as those of arrow keys count for nothing. */
export function createHiddenLine(): { take(chunk: Buffer | string): Came } {
  const decoder = new StringDecoder('utf8');
  let typed: string[] = [];
  /** Within an escape sequence: what it has so far. */
  let sequence: string | undefined;
  const key = (character: string): Came['end'] => {
    if (sequence !== undefined) {
      sequence += character;
      if (isWholeSequence(sequence)) sequence = undefined;
      return undefined;
    }
    switch (character) {
      case '\r':
      case '\n':
        return 'line';
      case '\u0003':
      case '\u001c':
        return 'interrupt';
      case '\u0004':
        return typed.length === 0 ? 'end' : undefined;
      case '\u007f':
      case '\b':
        typed.pop();
        return undefined;
      case '\u0015':
        typed = [];
        return undefined;
      case '\u001b':
        sequence = '';
        return undefined;
    }
    // Other control characters are keys, a tab may belong to a password.
    if (character >= ' ' || character === '\t') typed.push(character);
    return undefined;
  };
  return {
    take(chunk) {
      const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
      for (const character of text) {
        const end = key(character);
        if (end !== undefined) return { text: typed.join(''), end };
      }
      return { text: typed.join(''), end: undefined };
    },
  };
}

/** Behind ESC: `[` and `O` begin longer ones, which end with a letter or `~`; anything else is one key with Alt. */
function isWholeSequence(sequence: string): boolean {
  if (sequence === '[' || sequence === 'O') return false;
  return sequence.startsWith('[') ? /[@-~]$/.test(sequence) : true;
}

function nothing(why: string): BundlesError {
  return new BundlesError('USAGE', `Cannot take the password from the terminal: ${why}`, {
    hint: 'Type it and press Enter, or pipe it in with --password-stdin',
  });
}

function interrupted(): BundlesError {
  return new BundlesError('INTERRUPTED', 'Interrupted at the password', { details: { signal: 'SIGINT' } });
}

/** A prompt at the terminal for a secret, which is not echoed; undefined without a terminal. */
export function hiddenPrompt({ stdin, stderr, signal }: Context): AskHidden | undefined {
  if (stdin.isTTY !== true || stdin.setRawMode === undefined) return undefined;
  const input = stdin as typeof stdin & TerminalInput;
  return (prompt) => askPassword({ input, output: stderr, prompt, signal });
}
