import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/support/random/property-runs.js';
import { askPassword, createHiddenLine, type TerminalInput } from './ask-password.js';

/** A terminal as Node shows it: events, and a mode that is remembered. */
function terminal() {
  const events = new EventEmitter();
  const modes: boolean[] = [];
  const input: TerminalInput = Object.assign(events, {
    setRawMode: (raw: boolean) => void modes.push(raw),
    resume: () => undefined,
    pause: () => undefined,
  });
  const written: string[] = [];
  const stop = new AbortController();
  const ask = () =>
    askPassword({
      input,
      output: { ask: (text) => void written.push(text), line: (text) => void written.push(`${text}\n`) },
      prompt: 'Password: ',
      signal: stop.signal,
    });
  const type = (...chunks: (string | Buffer)[]) => {
    for (const chunk of chunks) events.emit('data', typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  };
  return { events, modes, written, stop, ask, type };
}

async function typed(...chunks: (string | Buffer)[]): Promise<string> {
  const given = terminal();
  const asked = given.ask();
  given.type(...chunks);
  const password = await asked;
  expect([given.modes, given.written.join('')]).toEqual([[true, false], 'Password: \n']);
  expect(given.events.eventNames()).toEqual([]);
  return password;
}

test.each([
  [['sesame\r'], 'sesame'],
  [['s', 'e', 's', '\r'], 'ses'],
  [['se\u007f\u007fxy\b\n'], 'x'],
  [['\u007f\u007fa\r'], 'a'],
  [['wrong\u0015right\r'], 'right'],
  [['pasted word \u00e9\u{1f511}\nand more\n'], 'pasted word \u00e9\u{1f511}'],
  [['\u{1f511}\u007fa\r'], 'a'],
  [['a\u001b[Ab\u001b[1;5Cc\u001bOPd\u001bxe\r'], 'abcde'],
  [['\u001b[200~pasted\u001b[201~\r'], 'pasted'],
  [['a', '\u001b', '[', '1', '~b\r'], 'ab'],
  [['a\u0004b\u0000c\td\r'], 'abc\td'],
])('what is typed as %j is taken as %j, and nothing of it is shown', async (chunks, expected) => {
  expect(await typed(...chunks)).toBe(expected);
});

test('a character that arrives in pieces is one', async () => {
  const bytes = Buffer.from('\u00e9\u{1f511}\r');
  expect(await typed(...[...bytes].map((byte) => Buffer.from([byte])))).toBe('\u00e9\u{1f511}');
});

test.each([
  ['Ctrl-C', 'abc\u0003', 'INTERRUPTED'],
  ['Ctrl-\\', '\u001c', 'INTERRUPTED'],
  ['Ctrl-D on an empty line', '\u0004', 'USAGE'],
  ['Ctrl-D where all was taken back', 'a\u007f\u0004', 'USAGE'],
  ['Enter alone', '\r', 'USAGE'],
  ['no end of it', 'x'.repeat(70_000), 'USAGE'],
])('%s gives the terminal back', async (_, text, code) => {
  const given = terminal();
  const asked = given.ask();
  given.type(text);
  await expect(asked).rejects.toMatchObject({ code });
  expect([given.modes, given.events.eventNames()]).toEqual([[true, false], []]);
  expect(given.written.join('')).toBe('Password: \n');
});

test('a terminal that ends, closes or breaks, and a signal, give it back too', async () => {
  for (const event of ['end', 'close']) {
    const given = terminal();
    const asked = given.ask();
    given.events.emit(event);
    await expect(asked).rejects.toMatchObject({ code: 'USAGE' });
    expect(given.modes).toEqual([true, false]);
  }
  const broken = terminal();
  const failing = broken.ask();
  broken.events.emit('error', new Error('EIO'));
  await expect(failing).rejects.toMatchObject({ code: 'USAGE' });
  const given = terminal();
  const asked = given.ask();
  given.stop.abort(new Error('terminated'));
  await expect(asked).rejects.toThrow('terminated');
  expect([given.modes, given.events.eventNames()]).toEqual([[true, false], []]);
});

test('a line does not depend on how it is cut into pieces', () => {
  const keys = fc.constantFrom(
    'a',
    'B',
    '7',
    ' ',
    '\u00e9',
    '\u{1f511}',
    '\u007f',
    '\u0015',
    '\u001b[A',
    '\u001bOP',
  );
  fc.assert(
    fc.property(fc.array(keys), fc.array(fc.nat(5)), (pressed, cuts) => {
      const bytes = Buffer.from(`${pressed.join('')}\r`);
      const whole = createHiddenLine().take(bytes);
      const line = createHiddenLine();
      let came = line.take('');
      let at = 0;
      for (const length of [...cuts, bytes.length]) {
        if (came.end === undefined) came = line.take(bytes.subarray(at, at + length));
        at += length;
      }
      expect(came).toEqual(whole);
    }),
    { numRuns },
  );
});
