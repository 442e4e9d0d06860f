import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../../test/support/random/property-runs.js';
import { parseYaml } from '../../tekton/yaml/parse-yaml.js';
import { writeYaml } from '../../tekton/yaml/write-yaml.js';
import { createOutput, type Sink } from './writer.js';

/** What may never reach a terminal or a log, whatever is written. */
const controls =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udfff]|[\u{e0000}-\u{e007f}]/u;
const commands = /^\s*::|##\w*\[/m;

function output({ terminal = false, secrets = [] as readonly string[] } = {}) {
  const written: string[] = [];
  const sink: Sink = { write: (text) => void written.push(text), isTerminal: terminal, columns: 80 };
  const all = createOutput({ stdout: sink, stderr: sink });
  if (secrets.length > 0) all.hide(() => secrets);
  return { ...all, written: () => written.splice(0).join('') };
}

test.each([
  ['plain text', 'plain text'],
  ['x\u001b[31m\n::error::pwned', 'x\ufffd[31m ::error::pwned'],
  ['\n ::error::pwned', '  : :error::pwned'],
  ['\u00a0\u3000::set-output name=x::y', '\u00a0\u3000: :set-output name=x::y'],
  ['say ##[set-output]x ##vso[task.x] ###[x', 'say # #[set-output]x # #vso[task.x] ## #[x'],
  ['a\u009b2Jb\u202ec\u200bd\u2066e\ufefff', 'a\ufffd2Jb\ufffdc\ufffdd\ufffde\ufffdf'],
  ['a\r\nb\rc\u2028d\u0085e\tf', 'a b c d e\tf'],
  ['tag\u{e0041}s and half \ud800', 'tag\ufffds and half \ufffd'],
  ['naïve 日本 🚀 ⚠️ a::b # ##', 'naïve 日本 🚀 ⚠️ a::b # ##'],
])('the line %j is written as %j', (text, expected) => {
  const { stdout, written } = output();
  stdout.line(text);
  expect(written()).toBe(`${expected}\n`);
});

test('styles of our own are kept, those of others are not, and a command behind a style is broken too', () => {
  const { stdout, written } = output();
  stdout.line(`${stdout.style(1)}x\u001b[31m${stdout.style(22)} y`);
  stdout.line(`${stdout.style(2)}::error::x${stdout.style(22)}`);
  stdout.line('\u001b[1;1000000001mforged');
  expect(written()).toBe(
    '\u001b[1mx\ufffd[31m\u001b[22m y\n\u001b[2m: :error::x\u001b[22m\n\ufffd[1;1000000001mforged\n',
  );
});

test('an annotation cannot be ended or followed by another', () => {
  const { stderr, written } = output();
  const place = { file: 'a,b::c\n', line: 3, col: undefined };
  stderr.annotate({ level: 'error', title: 'T: x, y', lines: ['50%\r\n::warning::x', '##[error]'], place });
  expect(written()).toBe(
    '::error file=a%2Cb%3A%3Ac ,line=3,title=T%3A x%2C y::50%25 ::warning::x%0A# #[error]\n',
  );
});

test('lines for the moment make room for others and are drawn on terminals alone', () => {
  const shown = output({ terminal: true });
  shown.stderr.draw('1/2 \u001b[31m');
  shown.stdout.line('a');
  shown.stderr.draw(undefined);
  expect(shown.written()).toBe('1/2 \ufffd[31m\r\u001b[Ka\n1/2 \ufffd[31m\r\u001b[K');
  const quiet = output();
  quiet.stderr.draw('1/2');
  expect(quiet.written()).toBe('');
});

test(
  'a line, whatever it holds, is one line without controls and commands',
  () => {
    const { stdout, written } = output();
    fc.assert(
      fc.property(hostileText(), (text) => {
        stdout.line(text);
        const line = written();
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line.slice(0, -1)).not.toMatch(controls);
        expect(line).not.toMatch(commands);
      }),
      { numRuns },
    );
  },
  patient.timeout,
);

test(
  'JSON holds neither and reads back as the same value',
  () => {
    const { stdout, written } = output();
    fc.assert(
      fc.property(fc.dictionary(hostileText(), hostileText(), { maxKeys: 3 }), (value) => {
        stdout.json(value);
        const text = written();
        expect(text).not.toMatch(controls);
        expect(text).not.toMatch(commands);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns },
    );
  },
  patient.timeout,
);

test(
  'YAML holds neither and reads back as the same value',
  async () => {
    const { stdout, written } = output();
    const wellFormed = hostileText().map((text) => text.replace(/\p{Surrogate}/gu, '\ufffd'));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(wellFormed, fc.array(wellFormed, { maxLength: 2 })), async (value) => {
        const document = new Map(Object.entries(value));
        await stdout.yaml(`---\n${writeYaml(document)}`);
        const text = written();
        expect(text).not.toMatch(controls);
        expect(text).not.toMatch(commands);
        expect(parseYaml(text, { file: 'x', document: 1, line: 1 }).value).toEqual(document);
      }),
      { numRuns },
    );
  },
  patient.timeout,
);

/** Ordinary text with pieces that do harm in places that do harm. */
function hostileText(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom('\u001b[31m', '\u009b2J', '\u202e', '\u200b', '\n', '\r', '\t', ' ', '::', '#', '##'),
    fc.constantFrom('##[', '##vso[', '::error::', '\n::', '\u2028::', '\ufeff::', '\ud800', '\u{e0041}', '…'),
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.string({ maxLength: 4 }),
  );
  return fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
}
