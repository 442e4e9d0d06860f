import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Digest } from '../../oci/digest.js';
import { expandVariables, pinBases, readContainerfile } from './containerfile.js';

const read = (
  text: string,
  args: Record<string, string> = {},
  platforms = ['linux/amd64'],
  target?: string,
) => readContainerfile(text, { path: 'svc/Containerfile', args, platforms, target });
const digest = `sha256:${'a'.repeat(64)}` as Digest;

test('bases are what FROM, COPY --from and mounts take from elsewhere', async () => {
  const { bases, downloads } = await read(`# syntax=docker/dockerfile:1
ARG GO=1.22
FROM --platform=$BUILDPLATFORM golang:\${GO} AS Build
COPY --from=quay.io/acme/tools:v1 --chown=1 /a /b
RUN --mount=type=bind,from=alpine:3,target=/x \\
    --mount=type=cache,target=/y go build
FROM scratch
COPY --from=build /a /b
COPY --from=0 /a /c
COPY --from=quay.io/acme/tools:v1 /d /e
ADD https://example.com/z.tar /z
COPY <<EOF /f
FROM inside-a-heredoc
EOF
FROM build
`);
  expect(bases.map(({ written, reference, places }) => [written, reference.registry, places.length])).toEqual(
    [
      ['golang:1.22', 'docker.io', 1],
      ['quay.io/acme/tools:v1', 'quay.io', 2],
      ['alpine:3', 'docker.io', 1],
    ],
  );
  expect(downloads).toEqual(['https://example.com/z.tar']);
});

test('arguments of the project stand over defaults, and over nothing else', async () => {
  const text = `ARG TAG=1\nARG NAME=alpine:$TAG\nFROM $NAME\nARG OTHER=x\nFROM $NAME-\${OTHER:-y}\n`;
  expect((await read(text, { TAG: '2' })).bases.map(({ written }) => written)).toEqual([
    'alpine:2',
    'alpine:2-y',
  ]);
  expect((await read('FROM tool-$TARGETARCH\n')).bases[0]?.written).toBe('tool-amd64');
});

test('a base that nothing names is refused with its line and its variable', async () => {
  await expect(read('ARG A\nFROM x:$A\n')).rejects.toMatchObject({
    code: 'CONTAINERFILE_INVALID',
    details: { line: 2, variable: 'A' },
    hint: expect.stringContaining('ARG A=…'),
  });
  await expect(read('FROM t-$TARGETARCH\n', {}, ['linux/amd64', 'linux/arm64'])).rejects.toMatchObject({
    details: { variable: 'TARGETARCH' },
  });
});

test.each(['', '# nothing\n', 'RUN true\n', 'FROM Upper/Case\n', 'FROM\n', 'FROM a b c @@\n'])(
  '%j is refused or has one base',
  async (text) => {
    const found = await read(text).catch((error: { code: string }) => error);
    if ('code' in found) expect(found.code).toBe('CONTAINERFILE_INVALID');
    else expect(found.bases.length).toBe(1);
  },
);

test('pinning changes the bases that have a digest, only', async () => {
  const text =
    'ARG V=3\r\nFROM alpine:$V AS a\r\nRUN --mount=from=alpine:3,target=/x true\r\nFROM localhost/base:1\r\nCOPY --from=alpine:3 /a /b\r\n';
  const file = await read(text);
  const pinned = pinBases(file, new Map([['alpine:3', digest]]));
  const by = `docker.io/library/alpine@${digest}`;
  expect(pinned).toBe(
    `ARG V=3\r\nFROM ${by} AS a\r\nRUN --mount=from=${by},target=/x true\r\nFROM localhost/base:1\r\nCOPY --from=${by} /a /b\r\n`,
  );
  expect(pinBases(file, new Map())).toBe(text);
});

test('arguments in COPY --from and mounts are put in: those of the stage before those of the file', async () => {
  const text = `ARG IMAGE=quay.io/a/b
ARG TAG=1
FROM scratch AS tools
FROM scratch
ARG TAG
ARG STAGE=tools
COPY --from=$IMAGE:\${TAG} /a /b
COPY --from=$STAGE /a /c
RUN --mount=type=bind,from=\${IMAGE},target=/x true
ARG TAG=2
COPY --from=$IMAGE:$TAG /a /d
`;
  const file = await read(text);
  expect(file.bases.map(({ written }) => written)).toEqual(['quay.io/a/b:1', 'quay.io/a/b', 'quay.io/a/b:2']);
  const pinned = pinBases(file, new Map([['quay.io/a/b:1', digest]]));
  expect(pinned).toContain(`COPY --from=quay.io/a/b@${digest} /a /b\nCOPY --from=tools /a /c\n`);
  expect(pinned).toContain('from=quay.io/a/b,target=/x true\nARG TAG=2\nCOPY --from=quay.io/a/b:2 /a /d\n');
  expect((await read(text, { TAG: '7' })).bases.map(({ written }) => written)).toContain('quay.io/a/b:7');
  await expect(read('FROM scratch\nCOPY --from=$NONE /a /b\n')).rejects.toMatchObject({
    code: 'CONTAINERFILE_INVALID',
    details: { line: 2, variable: 'NONE' },
  });
});

test('with a target nothing after its stage counts', async () => {
  const text = `FROM alpine:1 AS Build\nFROM alpine:2 AS test\nADD https://x/y /z\nFROM $NOTHING\n`;
  const platforms = ['linux/amd64'];
  for (const [target, name, bases, downloads] of [
    ['build', 'Build', ['alpine:1'], 0],
    ['0', 'Build', ['alpine:1'], 0],
    ['TEST', 'test', ['alpine:1', 'alpine:2'], 1],
  ] as const) {
    const file = await read(text, {}, platforms, target);
    expect([file.target, file.bases.map(({ written }) => written), file.downloads.length]).toEqual([
      name,
      bases,
      downloads,
    ]);
  }
  for (const target of ['nothing', '3'])
    await expect(read(text, {}, platforms, target)).rejects.toMatchObject({
      code: 'CONTAINERFILE_INVALID',
      details: { target, stages: ['Build', 'test'] },
    });
});

test('any text gives a Containerfile or CONTAINERFILE_INVALID', async () => {
  const word = fc.constantFrom(
    'FROM ',
    'alpine',
    ' AS b',
    '\n',
    '\\\n',
    '--from=',
    'COPY ',
    '$A',
    `\${`,
    'RUN --mount=from=x,',
    '<<E',
    '"',
    '#',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(word, fc.string({ maxLength: 4 })), { maxLength: 20 }),
      async (words) => {
        const text = words.join('');
        const found = await read(text).catch((error: { code?: string }) => error);
        if (!('bases' in found)) expect(found.code).toBe('CONTAINERFILE_INVALID');
        else
          for (const { places } of found.bases)
            for (const { start, end } of places) expect(text.slice(start, end)).not.toBe('');
      },
    ),
    { numRuns: 300 },
  );
});

test('variables are put in as shells do', () => {
  const variables = { A: 'a', E: '' };
  const cases = [
    ['$A', 'a'],
    [`\${A}b`, 'ab'],
    [`\${N:-d}`, 'd'],
    [`\${E:-d}`, 'd'],
    [`\${A:+x}`, 'x'],
    [`\${N:+x}`, ''],
    ['$Ab', ''],
  ] as const;
  for (const [text, value] of cases) expect(expandVariables(text, variables).value, text).toBe(value);
  expect(expandVariables('$A-$N-$M', variables).missing).toBe('N');
  expect(expandVariables('$constructor', variables).missing).toBe('constructor');
});
