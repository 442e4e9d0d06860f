// [the rule, a YAML document, 'refuses' where go-yaml accepts it and we do not]; go-yaml's answers come by `npm run vectors`.
const scalars = (rule, ...texts) => texts.map((text) => [`${rule}: ${text}`, `value: ${text}\n`]);
const keys = (rule, ...texts) => texts.map((text) => [`${rule}: ${text}`, `{${text}: v}\n`]);

const booleans = [
  ...scalars('boolean word', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'),
  ...scalars('boolean word', 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'),
  ...scalars('no boolean in another case', 'yES', 'nO', 'tRUE', 'fALSE', 'oN', 'oFF', 'yeS'),
  ...scalars('quoted words are strings', '"yes"', "'no'", '"null"', "'~'", '"12"', "'1.5'", '""', "''"),
];

const nulls = [
  ...scalars('null word', '~', 'null', 'Null', 'NULL'),
  ['an empty value is null', 'value:\nother: x\n'],
  ...scalars('no null word', 'nULL', 'nil', 'none', '~~'),
];

const integers = [
  ...scalars('decimal', '0', '7', '-7', '+7', '-0', '+0', '1_000', '1__0_', '12_'),
  ...scalars('underscore first is a string', '_12'),
  ...scalars('leading zero is octal', '07', '0644', '-0644', '+017', '00', '007_7'),
  ...scalars('not octal, so a decimal float', '08', '09', '0789', '-08'),
  ...scalars('0o octal', '0o17', '0O17', '-0o17', '0o8', '0o'),
  ...scalars('hexadecimal', '0xff', '0XFF', '0xFf', '-0x10', '+0x10', '0x_f_f', '0xg', '0x'),
  ...scalars('binary', '0b101', '0B101', '-0b101', '0b1_1', '0b2', '0b'),
  ...scalars('int64 and uint64 edges', '9223372036854775807', '9223372036854775808', '-9223372036854775808'),
  ...scalars('exact above 2^53', '9007199254740993', '18446744073709551615', '-9007199254740993'),
  ...scalars('beyond uint64 a float', '18446744073709551616', '-9223372036854775809', '123456789012345678901234'),
  ...scalars('hex and binary beyond 64 bits a string', '0x10000000000000000', '-0x8000000000000001'),
  ...scalars('hex up to uint64', '0xffffffffffffffff', '0x8000000000000000', '-0x8000000000000000'),
];

const floats = [
  ...scalars('trailing zeros go', '1.0', '1.10', '0.20', '-2.50', '+3.0', '1.', '-1.'),
  ...scalars('leading point', '.5', '.25e2', '.5_5', '-.5', '+.5', '.', '..', '.e3', '._5'),
  ...scalars('exponent', '1e3', '1E3', '1e+3', '1e-3', '2.5e2', '1_0e1', '1e', '1e+', 'e3', '1e3.5'),
  ...scalars('negative zero', '-0.0', '-0e0', '0.0'),
  ...scalars('layout of large and small', '1e20', '1e21', '123456789012345680000.0', '1e-6', '1e-7', '1.5e-9'),
  ...scalars('shortest digits', '0.1', '0.30000000000000004', '5e-324', '1.7976931348623157e308', '4.35', '1e23'),
  ...scalars('not finite is a string', '1e400', '-1e400'),
  ...scalars('hex floats and words are strings', '0x1p-2', 'Infinity', 'inf', 'NaN', 'nan', '+inf', '.infinity'),
  ...scalars('infinity and nan have no JSON', '.inf', '-.inf', '+.INF', '.Inf', '.nan', '.NaN', '.NAN'),
];

const strings = [
  ...scalars('timestamps stay strings', '2024-02-30', '2001-12-14', '2001-12-14t21:59:43.10-05:00'),
  ...scalars('no sexagesimal', '1:30', '12:30:45', '190:20:30.15'),
  ...scalars('looks like a number', '1.2.3', 'v1.0', '1d', '1,000', '--1', '+', '-+1', '1 2', '0.1.0', '=', '10%'),
  ...scalars('Tekton substitutions', '$(params.delay)', '[$(params.a), "$(params.b)"]', '{k: $(params.c)}'),
  ...scalars('comment needs a space before', 'a#b', 'a #b', 'a	# b', '"a" # b'),
  ...scalars('tags force a string', '!!str 1', '!!str yes', '! 12', '! no', '!!str', '!own 7', '!own x'),
  ...scalars('verbatim tag', '!<tag:yaml.org,2002:str> 5', '!<tag:yaml.org,2002:int> "5"'),
  ...scalars('tags resolve quoted text', '!!int "3"', '!!float "1.5"', '!!bool "yes"', '!!null ""', '!!float 3'),
  ...scalars('tags that do not fit', '!!int x', '!!int 3.5', '!!bool 1', '!!float x', '!!null x', '!!timestamp x'),
  ...scalars('timestamp tag', '!!timestamp 2001-01-01'),
  ...scalars('binary tag', '!!binary aGVsbG8=', '!!binary "@"'),
  ['bytes that are not text', 'value: !!binary "/w=="\n', 'refuses'],
  ...scalars('tags of collections are ignored', '!!set {a, b}', '!!map [1]', '!!seq {a: 1}', '!own [1]', '!!omap [a: 1]'),
];

const escapes = [
  ...scalars('double-quoted escapes', String.raw`"\0\a\b\t\n\v\f\r\e\"\\"`, String.raw`"\x41\u00e9\U0001F600"`),
  ...scalars('double-quoted breaks', String.raw`"\N\_\L\P"`, '"\\x7f\\x80\\xa0"'),
  ...scalars('unknown escape', String.raw`"\/"`, String.raw`"\q"`, String.raw`"\ud83d\ude00"`, String.raw`"\ud800"`),
  ...scalars('single-quoted', "'it''s'", String.raw`'\n'`),
  ['folded double-quoted', 'value: "a\n  b\n\n  c"\n'],
  ['escaped line break', 'value: "a\\\n   b"\n'],
  ['folded single-quoted', "value: 'a\n  b\n\n  c'\n"],
  ['folded plain', 'value: a\n  b\n\n  c\n'],
];

const json = [
  ['HTML characters are escaped', 'value: "<a href=x>&</a>"\n"<k>&": 1\n'],
  ['line separators are escaped', 'value: "\\u2028\\u2029"\n'],
  ['control characters in lower-case hex', 'value: "\\x01\\x0b\\x1f\\x1b"\n'],
  ['delete and other Unicode stay raw', 'value: "\\x7f\\u0080é漢😀"\n'],
  ['keys sort by bytes', 'b: 1\na: 2\nB: 3\n"10": 4\n"9": 5\n"": 6\na-b: 7\na_b: 8\naB: 9\n'],
  ['keys beyond the BMP sort by UTF-8', '"\\uffee": 1\n"\\U0001F600": 2\n"\\ue000": 3\nz: 4\né: 5\n'],
  ['nested keys sort too', 'b: {d: 1, c: [{z: 1, y: 2}]}\na: {}\ne: []\n'],
  ['names of object prototypes are keys', '__proto__: {a: 1}\nconstructor: 2\ntoString: 3\nhasOwnProperty: 4\n'],
  ['numeric-looking keys keep byte order', '"2": a\n"10": b\n"1": c\n"-1": d\n'],
];

const mapKeys = [
  ...keys('boolean keys', 'on', 'y', 'n', 'no', 'true', 'OFF'),
  ...keys('integer keys', '1', '010', '0x10', '-5', '9223372036854775807', '1_000'),
  ...keys('float keys in 32 bits', '1.0', '1.5', '1234567.891', '1e-7', '1e20', '1e21', '1e3', '0.1', '-0.0', '16777217.0', '3.4e38'),
  ...keys('float keys beyond 32 bits', '1e39', '1e-50'),
  ...keys('words for infinity and nan', '.inf', '-.inf', '.nan'),
  ...keys('keys that cannot be', '~', 'null', '9223372036854775808', '[1]', '{b: 1}'),
  ...keys('tagged keys', '!!str 1', '!!binary aGk=', '"1"', '2001-01-01'),
  ['an empty key', '? \n: v\n'],
  ['the last of two equal keys wins', 'a: 1\nb: {x: 1}\na: 2\nb: {y: 2}\n'],
  ['a block key', '? |\n  k\n: v\n'],
  ['a key of several lines', '? "a\n  b"\n: v\n'],
  ['a space before the colon', 'a b : c d\n'],
];

const merges = [
  ['a merge, then a later key', 'base: &b {p: 1, q: 2}\nm: {<<: *b, p: 5}\n'],
  ['an earlier key loses to a merge', 'base: &b {p: 1, q: 2}\nm: {p: 5, <<: *b}\n'],
  ['of a list the first wins', 'x: &x {p: 1}\ny: &y {p: 2, r: 3}\nm: {<<: [*x, *y]}\n'],
  ['two merges, the later wins', 'x: &x {p: 1}\ny: &y {p: 2}\nm: {<<: *x, <<: *y}\n'],
  ['a merge of a map written in place', 'm: {<<: {a: 1}, b: 2}\n'],
  ['a merge between keys', 'x: &x {p: 1, q: 1}\nm:\n  p: 0\n  <<: *x\n  q: 9\n'],
  ['quoted it is a key', 'x: &x {p: 1}\nm: {"<<": *x}\n'],
  ['by its tag it merges', 'x: &x {p: 1}\nm: {!!merge <<: *x}\n'],
  ['the tag alone does not merge', 'x: &x {p: 1}\nm: {!!merge z: *x}\n'],
  ['with a lone tag it merges', 'x: &x {p: 1}\nm: {! <<: *x}\n'],
  ['nested merges', 'x: &x {p: 1}\ny: &y {<<: *x, q: 2}\nm: {<<: *y}\n'],
  ['as a value it is a string', 'm: <<\n'],
  ['a merge of a number', 'm: {<<: 3}\n'],
  ['a merge of nothing', 'm: {<<: }\n'],
  ['a merge of a list of numbers', 'm: {<<: [1]}\n'],
  ['a merge of an alias to a list', 's: &s [{a: 1}]\nm: {<<: *s}\n'],
];

const anchors = [
  ['an alias repeats', 'a: &x {k: [1, 2]}\nb: *x\n'],
  ['a later anchor of one name wins', '- &a x\n- *a\n- &a z\n- *a\n'],
  ['an unknown alias', 'a: *b\nb: &b 1\n'],
  ['an anchor in itself', 'a: &a [*a]\n'],
  ['an anchor on nothing', 'a: &x\nb: *x\n'],
  ['tag and anchor in either order', 'a: !!str &x 1\nb: &y !!str 2\nc: [*x, *y]\n'],
  ['an alias as a key', 'a: &x k\n*x : v\n'],
  [
    'an alias bomb',
    `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefg'
      .split('')
      .map((letter, i) => `${letter}: &${letter} [${Array(10).fill(`*${'abcdef'[i]}`).join(', ')}]\n`)
      .join('')}`,
  ],
  ['many aliases below the guard', `a: &a x\nb: [${Array(150).fill('*a').join(', ')}]\n`],
];

const blocks = [
  ['literal', 'value: |\n  a\n    b\n\n  c\n\n\n'],
  ['literal, strip', 'value: |-\n  a\n  b\n\n'],
  ['literal, keep', 'value: |+\n  a\n\n\n'],
  ['literal with an indent', 'value: |2\n    a\n   b\n'],
  ['literal with indent and strip in either order', 'a: |1-\n  x\nb: |-1\n  x\n'],
  ['folded', 'value: >\n  a\n  b\n\n  c\n    d\n  e\n'],
  ['folded, strip', 'value: >-\n  a\n  b\n'],
  ['folded, keep', 'value: >+\n  a\n\n'],
  ['folded with more indented lines', 'value: >\n\n  a\n\n    b\n    c\n\n  d\n'],
  ['empty literal', 'a: |\nb: |+\n\n\nc: >\n'],
  ['literal without a last line break', 'value: |\n  a\n  b'],
  ['a comment after the indicator', 'value: | # c\n  a\n'],
  ['a comment below less indented', 'value: |\n  a\n# c\nb: 1\n'],
  ['tabs inside', 'value: |\n  a\tb\n  \tc\n'],
  ['a script', 'script: |\n  #!/bin/sh\n  set -eu\n  echo "$(params.message)" | sed \'s/a/b/\'\n'],
  ['CRLF in a literal', 'value: |\r\n  a\r\n  b\r\nother: x\r\n'],
  ['line separators in a literal', 'value: |\n  a\u2028b\n'],
  ['wrong indent after', 'value: |\n    a\n  b\n'],
];

const structure = [
  ['sequences at the parent column', 'a:\n- 1\n- 2\nb:\n  - 3\n'],
  ['sequences in sequences', 'a:\n- b\n-   - c\n    - d\n- e: 1\n  f: 2\n-\n- -1\n- - 1\n'],
  ['flow of several lines', 'a: [\n  1,\n  {b: c,\n  d: e}\n]\n'],
  ['flow closed at column 0', 'a: {\nb: 1\n}\nc: [\n1\n]\n'],
  ['a trailing comma', 'a: [1,]\nb: {c: 1,}\n'],
  ['single pairs in a list', 'a: [b: c, {d}, ? e : f]\n'],
  ['an empty entry', 'a: [1, , 2]\n'],
  ['empty flow values', 'a: {b: , c: }\n'],
  ['quoted keys beside their value', 'a: {"b":1,\'c\':2}\n'],
  ['plain keys need a space', 'a: {b:1}\n'],
  ['an unclosed list', 'a: [1\n'],
  ['an unclosed quote', 'a: "b\n'],
  ['a tab as indent', 'a:\n\tb: 1\n'],
  ['a mapping in a plain value', 'a: b: c\n'],
  ['wrong indent', 'a:\n    b: 1\n  c: 2\n'],
  ['a reserved character', 'a: @b\n'],
  ['a percent sign', 'a: %b\n'],
  ['a backquote', 'a: `b`\n'],
  ['two values', 'a: "b" c\n'],
  ['a comment only', '# nothing\n'],
  ['empty', ''],
  ['a plain document', 'just text\n'],
  ['a top-level list', '- a\n- b: 1\n'],
  ['text after the document end', 'a: 1\n...\nb: 2\n'],
  ['a second document', 'a: 1\n---\nb: 2\n'],
  ['a directive', '%YAML 1.1\n---\na: 1\n'],
  ['a byte order mark', '\ufeffa: 1\n'],
  ['control characters', 'a: "b\u0001"\n'],
  ['delete', 'a: b\u007fc\n'],
  ['non-ASCII', 'clé: "naïve 漢字 😀"\n'],
  ['unequal multi-line plain', 'a: one\n   two\n  three\nb: x\n'],
  ['a plain value with colons', 'a: http://h:80/p?q=r#s\n'],
  ['dashes and question marks', 'a: -b\nc: ?d\ne: :f\n'],
  ['an explicit key', '? a\n: b\n? c\n'],
];

const aliasGuard = [[20, 40], [20, 99], [20, 100], [20, 101], [9, 100], [8, 101], [9, 112], [200, 4], [200, 110], [1, 600]].map(([items, aliases]) => [
  `${aliases} aliases of ${items} items`,
  `a: &a [${Array(items).fill('x').join(',')}]\nb: [${Array(aliases).fill('*a').join(',')}]\n`,
]);

const moreKeys = [
  ...keys('float keys, more', '0.0001', '0.00001', '0.00012345', '123456.789', '999999.0', '1000000.5', '12345678.5', '-1e-5', '16777216.0', '16777219.0'),
  ...keys('float keys at the edge', '3.4028235e38', '3.4028236e38', '1e-45', '1.1754944e-38', '0.3', '33554434.5', '8388609.5', '1.5e9', '2147483648.0'),
];

const moreScalars = [
  ...scalars('underscores in floats', '1.5_0', '.1_0', '.1__0', '1e1_0', '.5e1_0', '1_0.5', '.5_', '1_.5', '1._5'),
  ...scalars('signs inside', '0b-1', '0b+1', '-0b-1', '0x-1', '0o-7', '00o7', '+-1', '1-', '1+1', '0-1'),
  ...scalars('digits', '8', '9', '90', '9.9', '8e1', '1:2', '0.', '0.e1', '-.', '+.e1', '.0', '00.5', '07.5', '-9'),
  ...scalars('a float tag on integers', '!!float 9223372036854775807', '!!float 9223372036854775808', '!!float 0x10', '!!float 010', '!!float .inf'),
  ...scalars('more tags', '!!int 1.0', '!!int 0b11', '!!bool y', '!!bool maybe', '!!null ~', '!!str ~', '!!str "x"', '!!int ""', '!!unknown 1'),
  ...scalars('base64', '!!binary aGk', '!!binary aGk=', '!!binary aGk==', '!!binary "aG k="', '!!binary a===', '!!binary 77u/YQ==', '!!binary ""', '!!binary "aGk=\\n"'),
  ...scalars('hex escapes', String.raw`"\x4"`, String.raw`"\u00g0"`, String.raw`"\U0010FFFF"`, String.raw`"\U00110000"`, String.raw`"\ud7ff\ue000"`, String.raw`"\ x"`, String.raw`"\	x"`, String.raw`"\udfff"`),
  ...scalars('plain in flow', '[a?b, c:d, e-f]', '[a, ?]', '[-]', '[- a]', '{a: b?}', '{a?: b}', '[a:]', '[a: ]', '[:a]', '{:a}', '[#a]', '[a#b]', '[a{b]', '[a}b]', '[a]b'),
  ...scalars('plain', 'a?b', 'a[b', 'a{b}', 'a,b', '?', ':', '- a', '-', '? a', ', a', '! a', '& a', '* a', '| a', '> a', "'a'b", 'a: ', 'a:b: c', '!a', '&a', '\ta', 'a\t'),
];

const anchorsMore = [
  ['letters of anchors', '- &aZ_z-A09 x\n- *aZ_z-A09\n'],
  ['a dot ends an anchor', 'a: &a.b x\n'],
  ['an anchor next to a comma in flow', '[&a x, *a, *a]\n'],
  ['an alias next to a colon', '{&a x : 1, b: *a}\n'],
  ['an alias with a tag', 'a: &a x\nb: !!str *a\n'],
  ['two anchors', 'a: &a &b x\n'],
  ['two tags', 'a: !!str !!str x\n'],
  ['an anchor on a collection', 'a: &a\n  b: 1\nc: *a\n'],
  ['an anchor before a sequence', 'a: &a\n- 1\nc: *a\n'],
  ['an alias to a mapping that is being read', 'a: &a {b: *a}\n'],
];

const tagsMore = [
  ['an unknown tag handle', 'a: !e!x 1\n'],
  ['an escaped tag', 'a: !a%20b 1\n'],
  ['a badly escaped tag', 'a: !a%2 1\n'],
  ['an empty verbatim tag', 'a: !<> 1\n'],
  ['an open verbatim tag', 'a: !<x 1\n'],
  ['a tag before a comma', '[!!str, !!str 1, ! 2]\n'],
  ['a tag on nothing', 'a: !!int\n'],
  ['a tag on an empty sequence entry', '- !!str\n- !!null\n'],
  ['a tag directive for the primary handle', '%TAG ! tag:yaml.org,2002:\n---\na: !str 1\n'],
  ['a tag directive for the secondary handle', '%TAG !! tag:other,2000:\n---\na: !!str 1\n'],
  ['a tag directive twice', '%TAG !e! tag:a,2000:\n%TAG !e! tag:b,2000:\n---\na: 1\n'],
  ['a tag directive without its end', '%TAG !e tag:a,2000:\n---\na: 1\n'],
  ['a version directive twice', '%YAML 1.1\n%YAML 1.1\n---\na: 1\n'],
  ['version 1.2', '%YAML 1.2\n---\na: 1\n'],
  ['version 1.10', '%YAML 1.10\n---\na: 1\n'],
  ['version 2.1', '%YAML 2.1\n---\na: 1\n'],
  ['a comment after a directive', '%YAML 1.1 # c\n---\na: 1\n'],
  ['text after a directive', '%YAML 1.1 x\n---\na: 1\n'],
  ['an unknown directive', '%OTHER 1\n---\na: 1\n'],
  ['a directive without a document', '%YAML 1.1\na: 1\n'],
];

const documents = [
  ['a value on the separator', '--- a\n'],
  ['a tag on the separator', '--- !!str 1\n'],
  ['a tab after the separator', '---\ta\n'],
  ['a mapping on the separator', '--- a: 1\n'],
  ['a block scalar on the separator', '--- |\n  a\n'],
  ['a comment on the separator', '--- # c\na: 1\n'],
  ['dashes that are not a separator', '---a: 1\n'],
  ['dots that are not an end', '...a: 1\n'],
  ['a separator in a plain value', 'a: b\n  --- c\n'],
  ['an end in a quoted value', 'a: "b\n... c"\n'],
  ['only an end', '...\n'],
  ['an end, then a separator', 'a: 1\n...\n---\nb: 2\n'],
  ['text after the end', 'a: 1\n... b\n'],
  ['carriage returns alone', 'a: 1\rb: [2,\r3]\r'],
  ['next lines', 'a: 1\u0085b: 2\n'],
  ['a line separator in plain text', 'a: b\u2028  c\n'],
  ['a quoted line separator', 'a: "b\u2028  c\u2029d"\n'],
  ['wide characters before a nested mapping', '- \u{1F600}: 1\n  b: 2\n'],
  ['wide characters in flow', '{\u{1F600}: [\u{1F600}, 1]}\n'],
  ['wide characters before a block sequence', '\u{1F600}\u{1F600}:\n- - a\n  - \u{1F600}\n- b: \u{1F600}\n  c: 1\n'],
  ['wrong column after wide characters', '- \u{1F600}: 1\n   b: 2\n'],
  ['a byte order mark inside', 'a: b\ufeffc\n', 'refuses'],
];

const nothing = [
  ['empty entries', '-\n-\n- a\n-\n'],
  ['an empty entry before a mapping', '-\n  a: 1\n-\n'],
  ['explicit keys without values', '? a\n? b\n'],
  ['explicit key, nested', '? - a\n  - b\n: c\n'],
  ['an explicit empty key with a value', 'a:\n  ? b\n  :\n    - c\n'],
  ['a value without a key', ': a\n'],
  ['flow: explicit keys', '{? a, ? b: c, ? : d}\n'],
  ['flow: an explicit key alone', '[? a, ? b : c, ?]\n'],
  ['flow: nested pairs', '[a: [b: c], {d: e}: f]\n'],
  ['flow: missing commas', '[a b: c d]\n'],
  ['flow: two values', '{a: b: c}\n'],
  ['flow: unclosed inner', '{a: [b}\n'],
  ['flow: closed twice', '[a]]\n'],
  ['flow: empty', '[[], {}, [{}], {a: []}]\n'],
  ['flow: only commas', '{,}\n'],
  ['flow: a comment inside', '[a, # b\n c]\n'],
  ['flow: a tab between', '[a,\tb,\n\tc]\n'],
  ['flow: a line break in a plain item', '[a\n b, c]\n'],
  ['flow: a line break before a colon', '{a\n : b}\n'],
  ['flow: a quoted item over lines', '["a\n  b", c]\n'],
  ['sequences and mappings mixed', '- a\nb: c\n'],
  ['a sequence below a value', 'a: b\n- c\n'],
  ['a mapping below a sequence at its column', 'a:\n- b\nc:\n- d\n'],
  ['less indent closes many', 'a:\n  b:\n    c:\n    - d\ne: f\n'],
  ['a key over the length limit', `${'k'.repeat(1025)}: v\n`],
  ['a key at the length limit', `${'k'.repeat(1020)}: v\n`],
];

const blocksMore = [
  ...['|0', '|9', '|10', '|+1', '|1+', '|-+', '|1-1', '|x', '|- #c', '|1#c', '>2-', '>+2', '|	', '|	# c'].map((head) => [
    `block head ${head}`,
    `a: ${head}\n             x\n              y\nb: 1\n`,
  ]),
  ['blank lines first', 'a: |\n\n\n  x\n'],
  ['deeper blank lines first', 'a: |\n    \n  x\n'],
  ['shallower blank lines', 'a: |\n   x\n \n   y\n'],
  ['deeper blank lines between', 'a: |\n  x\n     \n  y\n'],
  ['a tab as indent in a block', 'a: |\n\tx\n'],
  ['a tab in the first blank line', 'a: |\n \t\n  x\n'],
  ['folded: a line that starts with a tab', 'a: >\n  x\n  \ty\n  z\n'],
  ['folded: blanks around deeper lines', 'a: >\n  x\n\n    y\n\n  z\n\n\n  w\n'],
  ['folded: the first line deeper', 'a: >1\n   x\n y\n z\n'],
  ['at the document end', 'a: |\n  x\n...\n'],
  ['with a lower explicit indent', 'a:\n  b: |1\n    x\n'],
  ['in a sequence', '- |\n x\n- >\n y\n z\n'],
  ['at the top', '|\n x\n y\n'],
  ['keep at the end', 'a: |+\n  x\n\n  \n'],
  ['strip at the end', 'a: >-\n  x\n\n  \n\n'],
  ['no text, then a key', 'a: |+\n\nb: >-\n\nc: |1\n'],
];

const mergesMore = [
  ['a merge of two with a nested one', 'x: &x {p: 1}\nz: &z {<<: *x, p: 2}\nm: {<<: [*z, *x]}\n'],
  ['a merge of an alias to a list in a list', 's: &s [{a: 1}]\nm: {<<: [*s]}\n'],
  ['a merge of a list with a map in place', 'x: &x {p: 1}\nm: {<<: [{p: 0}, *x], q: 2}\n'],
  ['a merge of an empty list', 'm: {<<: [], a: 1}\n'],
  ['a merge of an empty map', 'm: {<<: {}, a: 1}\n'],
  ['a merge in a block', 'x: &x\n  p: 1\nm:\n  <<: *x\n  q: 2\n'],
  ['a merge at the top', 'x: &x {p: 1}\n<<: *x\n'],
  ['a merge of an alias to text', 's: &s text\nm: {<<: *s}\n'],
  ['a string tag makes it a key', 'x: &x {p: 1}\nm: {!!str <<: *x}\n'],
  ['integer keys merge', 'x: &x {1: a, 2: b}\nm: {1: c, <<: *x}\n'],
];

export const yamlCases = [
  ...booleans, ...nulls, ...integers, ...floats, ...strings, ...escapes, ...json,
  ...mapKeys, ...merges, ...anchors, ...blocks, ...structure,
  ...aliasGuard, ...moreKeys, ...moreScalars, ...anchorsMore, ...tagsMore, ...documents, ...nothing, ...blocksMore, ...mergesMore,
];
