import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLimiter } from '../../src/async/limiter.js';
import { contextBytes } from '../../src/engine/context/context-path.js';
import { createPodman } from '../../src/engine/engines/podman.js';
import type { ImageRun } from '../../src/images/image-run.js';
import { prepareImage } from '../../src/images/prepare-image.js';
import { parseProject } from '../../src/project/parse-project-text.js';
import { type ImageProject, imageProject } from '../support/engines/image-project.js';
import { makeBase, type PodmanStore, podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';

const peers = findPeers('podman', 'busybox');
const testWithPodman = test.skipIf(peers === undefined);

/** A project whose image is built, and how. */
interface Sample {
  readonly project: ImageProject;
  readonly store: PodmanStore;
  /** A file of the context. */
  at(path: string): string;
  write(path: string, text: string): void;
  /** Keys of the image in bundles.yaml. */
  readonly spec: { args: Record<string, string>; target?: string; platforms?: string[] };
}

type Change = (sample: Sample) => unknown;
type Compared = 'same' | 'differs';

/** What is changed, whether podman itself then builds something else, and whether the key changes. */
type Row = readonly [name: string, change: Change, build: Compared, key: Compared, before?: Change];

const write =
  (path: string, text: string): Change =>
  (sample) =>
    sample.write(path, text);
const mode =
  (path: string, bits: number): Change =>
  ({ at }) =>
    chmodSync(at(path), bits);
const text =
  (edit: (containerfile: string) => string): Change =>
  ({ at, write }) =>
    write('Containerfile', edit(readFileSync(at('Containerfile'), 'utf8')));
const spec =
  (values: Partial<Sample['spec']>): Change =>
  (sample) =>
    Object.assign(sample.spec, values);
const raw =
  (path: string): Change =>
  ({ at }) =>
    writeFileSync(Buffer.concat([Buffer.from(`${at('')}/`), contextBytes(path)]), 'x');

const plain = 'node_modules\n*.log\n.dockerignore\nContainerfile\n';

function plainSample({ at, write }: Sample): void {
  write('Containerfile', 'FROM scratch\nCOPY . /app\n');
  write('.dockerignore', plain);
  for (const [path, content] of Object.entries({
    main: 'hello',
    'dir/a.txt': 'a',
    'dir/b.md': 'b',
    'run.sh': '#!/bin/sh\n',
    '.hidden': 'h',
    'a b': 'space',
    'sub/deep/x': 'x',
    'node_modules/p/i.js': 'i',
    'x.log': 'log',
  }))
    write(path, content);
  mkdirSync(at('empty'));
  chmodSync(at('run.sh'), 0o755);
  symlinkSync('main', at('link'));
}

const relink =
  (target: string): Change =>
  ({ at }) => {
    rmSync(at('link'));
    symlinkSync(target, at('link'));
  };

const ofContexts: readonly Row[] = [
  ['the content of a file', write('main', 'other'), 'differs', 'differs'],
  ['one byte of a file', write('main', 'hellO'), 'differs', 'differs'],
  ['a line feed at an end', write('main', 'hello\n'), 'differs', 'differs'],
  ['line ends', write('run.sh', '#!/bin/sh\r\n'), 'differs', 'differs'],
  ['a byte order mark', write('main', '\ufeffhello'), 'differs', 'differs'],
  ['a file becomes empty', write('main', ''), 'differs', 'differs'],
  ['a file more', write('more', ''), 'differs', 'differs'],
  ['a file less', ({ at }) => rmSync(at('main')), 'differs', 'differs'],
  ['another name', ({ at }) => renameSync(at('main'), at('Main')), 'differs', 'differs'],
  ['another directory', ({ at }) => renameSync(at('main'), at('dir/main')), 'differs', 'differs'],
  ['a deep file', write('sub/deep/x', 'y'), 'differs', 'differs'],
  ['a hidden file', write('.hidden', 'other'), 'differs', 'differs'],
  ['a name with a space', write('a b', 'other'), 'differs', 'differs'],
  ['a name that differs by a space', ({ at }) => renameSync(at('a b'), at('a  b')), 'differs', 'differs'],
  ['a name that is not UTF-8', raw('n\udcff'), 'differs', 'differs'],
  [
    'another name that is not UTF-8',
    ({ at }) => {
      rmSync(contextBytes(`${at('')}/n\udcff`));
      writeFileSync(contextBytes(`${at('')}/n\udcfe`), 'x');
    },
    'differs',
    'differs',
    raw('n\udcff'),
  ],
  [
    'a composed letter',
    ({ at }) => renameSync(at('e\u0301'), at('\u00e9')),
    'differs',
    'differs',
    write('e\u0301', 'x'),
  ],
  [
    'two files change places',
    (sample) => {
      sample.write('dir/a.txt', 'b');
      sample.write('dir/b.md', 'a');
    },
    'differs',
    'differs',
  ],
  ['a copy of a file', ({ at }) => copyFileSync(at('main'), at('copy')), 'differs', 'differs'],
  ['a second name of a file', ({ at }) => linkSync(at('main'), at('second')), 'differs', 'differs'],
  ['an empty directory more', ({ at }) => mkdirSync(at('void')), 'differs', 'differs'],
  ['an empty directory less', ({ at }) => rmSync(at('empty'), { recursive: true }), 'differs', 'differs'],
  [
    'a directory becomes a file',
    ({ at, write }) => {
      rmSync(at('empty'), { recursive: true });
      write('empty', '');
    },
    'differs',
    'differs',
  ],
  [
    'a file becomes a directory',
    ({ at }) => {
      rmSync(at('main'));
      mkdirSync(at('main'));
    },
    'differs',
    'differs',
  ],
  [
    'a file becomes a link',
    ({ at }) => {
      rmSync(at('main'));
      symlinkSync('dir/a.txt', at('main'));
    },
    'differs',
    'differs',
  ],
  [
    'a link becomes a file',
    ({ at, write }) => {
      rmSync(at('link'));
      write('link', 'hello');
    },
    'differs',
    'differs',
  ],
  ['the target of a link', relink('run.sh'), 'differs', 'differs'],
  ['the same target in other words', relink('./main'), 'differs', 'differs'],
  ['an absolute target', relink('/app/main'), 'differs', 'differs'],
  ['a target that is not there', relink('nowhere'), 'differs', 'differs'],
  ['a link less', ({ at }) => rmSync(at('link')), 'differs', 'differs'],
  ['a file may be run', mode('main', 0o755), 'differs', 'differs'],
  ['a file may no longer be run', mode('run.sh', 0o644), 'differs', 'differs'],
  // By design: two checkouts differ in these.
  ['others may not read a file', mode('main', 0o600), 'differs', 'same'],
  ['a group may write a file', mode('main', 0o664), 'differs', 'same'],
  ['a group may write a directory', mode('dir', 0o775), 'differs', 'same'],
  ['the time of a file', ({ at }) => utimesSync(at('main'), 1, 1), 'same', 'same'],
  ['the time of a directory', ({ at }) => utimesSync(at('dir'), 1, 1), 'same', 'same'],
  [
    'the owner of a file',
    ({ at }) => process.getuid?.() === 0 && chownSync(at('main'), 1, 1),
    'same',
    'same',
  ],
  ['an ignored file', write('x.log', 'other'), 'same', 'same'],
  ['an ignored file more', write('y.log', ''), 'same', 'same'],
  ['a file in an ignored directory', write('node_modules/p/i.js', 'other'), 'same', 'same'],
  ['an ignored directory less', ({ at }) => rmSync(at('node_modules'), { recursive: true }), 'same', 'same'],
  ['a file that is ignored only at the top', write('dir/x.log', ''), 'differs', 'differs'],
  ['a comment in the ignore file', write('.dockerignore', `# all\n${plain}`), 'same', 'same'],
  ['a rule more', write('.dockerignore', `${plain}main\n`), 'differs', 'differs'],
  ['a rule that matches nothing', write('.dockerignore', `${plain}nothing\n`), 'same', 'same'],
  ['a rule less', write('.dockerignore', plain.replace('*.log\n', '')), 'differs', 'differs'],
  ['an exception', write('.dockerignore', `${plain}!x.log\n`), 'differs', 'differs'],
  [
    'a .containerignore with the same patterns',
    write('.containerignore', `${plain}.containerignore\n`),
    'same',
    'same',
  ],
  ['a .containerignore without patterns', write('.containerignore', '\n'), 'differs', 'differs'],
  [
    'an ignore file of the Containerfile',
    write('Containerfile.dockerignore', `${plain}Container*\n`),
    'same',
    'same',
  ],
  [
    'one that leaves out more',
    write('Containerfile.dockerignore', `${plain}Container*\nmain\n`),
    'differs',
    'differs',
  ],
  ['a comment in the Containerfile', text((all) => `# why\n${all}`), 'same', 'differs'],
  ['an empty line in the Containerfile', text((all) => `${all}\n`), 'same', 'differs'],
  ['where files are copied to', text((all) => all.replace('/app', '/bin')), 'differs', 'differs'],
  ['a variable of the image', text((all) => `${all}ENV A=1\n`), 'differs', 'differs'],
  ['a label', text((all) => `${all}LABEL a=1\n`), 'differs', 'differs'],
  ['the command of the image', text((all) => `${all}CMD ["/app/main"]\n`), 'differs', 'differs'],
  ['the user of the image', text((all) => `${all}USER 1\n`), 'differs', 'differs'],
  ['the port of the image', text((all) => `${all}EXPOSE 80\n`), 'differs', 'differs'],
  ['the platform', spec({ platforms: ['linux/arm64'] }), 'differs', 'differs'],
];

function stagedSample({ write }: Sample): void {
  write(
    'Containerfile',
    `ARG BASE=localhost/base:1
FROM $BASE AS build
ARG TEXT=none
RUN echo "$TEXT" >/text
FROM scratch AS final
ARG TOOL=localhost/tool-a:1
COPY --from=build /text /text
COPY --from=$TOOL /tool /tool
FROM scratch AS extra
COPY Containerfile /later
`,
  );
}

const tag =
  (image: string, name: string): Change =>
  ({ store }) =>
    store.podman('tag', `localhost/${image}`, `localhost/${name}`);

const ofStages: readonly Row[] = [
  ['an argument', spec({ args: { TEXT: 'one' } }), 'differs', 'differs'],
  ['an argument that is its default', spec({ args: { TEXT: 'none' } }), 'same', 'differs'],
  ['an argument that nothing uses', spec({ args: { OTHER: '1' } }), 'same', 'differs'],
  ['an argument without a value', spec({ args: { TEXT: '' } }), 'differs', 'differs'],
  ['what is run', text((all) => all.replace('"$TEXT"', '"$TEXT" .')), 'differs', 'differs'],
  ['an image to copy from', spec({ args: { TOOL: 'localhost/tool-b:1' } }), 'differs', 'differs'],
  [
    'what the tag of such an image holds',
    tag('tool-b:1', 'tool-moving:1'),
    'differs',
    'differs',
    async (sample) => {
      await tag('tool-a:1', 'tool-moving:1')(sample);
      sample.spec.args = { TOOL: 'localhost/tool-moving:1' };
    },
  ],
  [
    'what the tag of a base holds',
    tag('base-b:1', 'base-moving:1'),
    'differs',
    'differs',
    async (sample) => {
      await tag('base:1', 'base-moving:1')(sample);
      sample.spec.args = { BASE: 'localhost/base-moving:1' };
      sample.spec.target = 'build';
    },
  ],
  ['a tag that holds the same again', tag('base:1', 'base:1'), 'same', 'same'],
  ['another stage', spec({ target: 'build' }), 'differs', 'differs'],
  ['a stage after it', spec({ target: 'extra' }), 'differs', 'differs'],
  ['a stage after the one that is built', text((all) => all.replace('/later', '/last')), 'same', 'differs'],
];

const groups = [
  ['contexts', plainSample, {}, ofContexts],
  ['stages, arguments and bases', stagedSample, { target: 'final' }, ofStages],
] as const;

test('sixty changes and more are compared', () => {
  expect(ofContexts.length + ofStages.length).toBeGreaterThanOrEqual(60);
});

for (const [what, make, values, rows] of groups)
  testWithPodman(
    `the key changes with what podman builds, and with nothing that it does not see: ${what}`,
    async () => {
      await using store = await podmanStore(peers!.podman);
      await makeImages(store);
      const found: string[] = [];
      const limiter = createLimiter(3);
      const untouched = describe(store, make, values, []);
      const compare = async ([name, change, , , before]: Row) => {
        const [from, to] = await Promise.all([
          before === undefined ? untouched : limiter.run(() => describe(store, make, values, [before])),
          // What a tag holds is one for all.
          before === undefined ? limiter.run(() => describe(store, make, values, [change])) : undefined,
        ]);
        const after =
          to ?? (await limiter.run(() => describe(store, make, values, [before as Change, change])));
        const compared = (left: string, right: string) => (left === right ? 'same' : 'differs');
        found.push(`${name}: ${compared(from.build, after.build)}, ${compared(from.key, after.key)}`);
      };
      await Promise.all(rows.map(compare));
      expect(found.sort()).toEqual(rows.map(([name, , build, key]) => `${name}: ${build}, ${key}`).sort());
    },
  );

async function makeImages(store: PodmanStore): Promise<void> {
  await makeBase(store);
  const make = async (name: string, commands: string) => {
    const context = join(store.directory, name);
    mkdirSync(context);
    writeFileSync(join(context, 'tool'), name);
    writeFileSync(join(context, 'Containerfile'), commands);
    await store.podman('build', '--quiet', '--tag', `localhost/${name}:1`, context);
  };
  await make('tool-a', 'FROM scratch\nCOPY tool /tool\n');
  await make('tool-b', 'FROM scratch\nCOPY tool /tool\n');
  await make('base-b', 'FROM localhost/base:1\nCOPY tool /tool\n');
}

/** Builds a sample with podman alone, and asks for its key. */
async function describe(
  store: PodmanStore,
  make: (sample: Sample) => void,
  values: Partial<Sample['spec']>,
  changes: readonly Change[],
): Promise<{ build: string; key: string }> {
  await using project = imageProject([]);
  const context = join(project.directory, 'svc');
  mkdirSync(context);
  const at = (path: string) => (path === '' ? context : join(context, path));
  const sample: Sample = {
    project,
    store,
    at,
    write: (path, content) => project.write(`svc/${path}`, content),
    spec: { args: {}, ...values },
  };
  make(sample);
  for (const change of changes) await change(sample);
  const { args, target, platforms = [] } = sample.spec;
  const words = [
    ...['build', '--quiet', '--no-cache', '--timestamp', '0', '--file', at('Containerfile')],
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...(target === undefined ? [] : ['--target', target]),
    ...platforms.flatMap((platform) => ['--platform', platform]),
  ];
  const id = (await store.podman(...words, context)).trim();
  const [image] = JSON.parse(await store.podman('image', 'inspect', id));
  const { Architecture, Config, RootFS } = image;
  return { build: JSON.stringify([Architecture, Config, RootFS]), key: await keyOf(sample) };
}

async function keyOf({ project, store, spec }: Sample): Promise<string> {
  const file = join(project.directory, 'bundles.yaml');
  const image = JSON.stringify({ reference: 'localhost/svc', context: 'svc', ...spec });
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^images:[\s\S]*/m, `images: {svc: ${image}}\n`));
  const { signal } = new AbortController();
  const environment = { PATH: process.env.PATH, ...store.env };
  const parsed = { ...parseProject(readFileSync(file, 'utf8'), file), directory: project.directory, file };
  const run = {
    project: parsed,
    registry: undefined,
    engine: createPodman(peers!.podman, { environment, signal }),
    signal,
    ownPaths: [],
    directory: join(project.directory, '.bundles/images'),
    isPlainHttp: () => false,
    onEvent: () => undefined,
  } as unknown as ImageRun;
  const [image0] = parsed.images;
  return (await prepareImage(run, image0!)).key;
}
