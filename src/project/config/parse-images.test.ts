import { expect, test } from 'vitest';
import { isBundlesError } from '../../errors.js';
import { parseProject } from '../parse-project-text.js';

const head = 'version: 1\nrepository: quay.io/acme/test\ntag: v1\nbundles: {a: {files: [a]}}\nimages:\n';

function problems(text: string): { path: string; message: string; hint: string | null }[] {
  try {
    parseProject(head + text, 'bundles.yaml');
  } catch (error) {
    if (isBundlesError(error, 'CONFIG_INVALID')) return error.details.problems as never;
    throw error;
  }
  throw new Error('It was accepted');
}

test('images come sorted by name, with their platforms and arguments sorted', () => {
  const { images } = parseProject(
    `${head}  web: {reference: "quay.io/acme/web:v1", context: web, args: {B: "2", A: "1"}, platforms: [linux/arm64, linux/amd64], secrets: [npm, netrc], cpus: 1.5, memory: 4GiB}
  api: {reference: localhost/api, context: ./services/, containerfile: build/api.Dockerfile, target: prod}\n`,
    'bundles.yaml',
  );
  expect(images).toEqual([
    {
      name: 'api',
      reference: { registry: 'localhost', repository: 'api' },
      context: 'services',
      containerfile: 'build/api.Dockerfile',
      target: 'prod',
      args: {},
      platforms: [],
      secrets: [],
      cacheFrom: undefined,
      cacheTo: undefined,
      cpus: undefined,
      memoryBytes: undefined,
    },
    {
      name: 'web',
      reference: { registry: 'quay.io', repository: 'acme/web', tag: 'v1' },
      context: 'web',
      containerfile: undefined,
      target: undefined,
      args: { A: '1', B: '2' },
      platforms: ['linux/amd64', 'linux/arm64'],
      secrets: ['netrc', 'npm'],
      cacheFrom: undefined,
      cacheTo: undefined,
      cpus: 1.5,
      memoryBytes: 4 * 2 ** 30,
    },
  ]);
  expect(Object.keys(images[1]!.args)).toEqual(['A', 'B']);
});

test('each mistake is reported at its position, with what would be right', () => {
  const found = problems(`  web: {reference: acme/web, dockerfile: x, contxt: .}
  api: {reference: quay.io/acme/api, context: ../api, args: {PORT: 8080, "a-b": x}, platforms: [linux]}\n`);
  const by = Object.fromEntries(found.map((problem) => [problem.path, problem]));
  expect(by['images.web.reference']?.message).toContain('quay.io/acme/service:v1.0.0');
  expect(by['images.web.dockerfile']?.hint).toContain('containerfile');
  expect(by['images.web.contxt']?.hint).toBe('Did you mean "context"?');
  expect(by['images.web.context']?.message).toContain('missing');
  expect(by['images.api.context']?.message).toContain('leads out');
  expect(by['images.api.args.PORT']?.hint).toBe('Write it in quotes: "8080"');
  expect(by['images.api.args.a-b']?.message).toContain('build argument');
  expect(by['images.api.platforms[0]']?.message).toContain('linux/amd64');
});

test('secrets, caches and limits of a build are checked', () => {
  const found =
    problems(`  web: {reference: quay.io/acme/web, context: ., secrets: [npm, npm, "a,b", {id: x}], cpus: 0, memory: 4GB}
  api: {reference: quay.io/acme/api, context: ., cacheFrom: "quay.io/acme/cache:v1", cacheTo: acme, cpus: "2"}
  list: {reference: quay.io/acme/list, context: ., platforms: [linux/amd64, linux/arm64], cacheTo: quay.io/acme/cache}\n`);
  expect(found.map(({ path }) => path).sort()).toEqual([
    'images.api.cacheFrom',
    'images.api.cacheTo',
    'images.api.cpus',
    'images.list.cacheTo',
    'images.web.cpus',
    'images.web.memory',
    'images.web.secrets[1]',
    'images.web.secrets[2]',
    'images.web.secrets[3]',
  ]);
});

test('two images of one repository are refused, whatever their tags', () => {
  const [problem] = problems(
    '  a: {reference: "quay.io/x/y:v1", context: .}\n  b: {reference: "quay.io/x/y:v2", context: .}\n',
  );
  expect(problem).toMatchObject({ path: 'images.b', message: '"b" and "a" both declare quay.io/x/y' });
});
