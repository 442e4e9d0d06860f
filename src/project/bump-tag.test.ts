import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBundlesError } from '../errors.js';
import { bumpTag, type VersionPart } from './bump-tag.js';
import { parseProject } from './parse-project-text.js';

const head = 'version: 1\nrepository: quay.io/acme/test\n';

function bump(text: string, name = 'a', part: VersionPart = 'patch') {
  const project = parseProject(text, 'bundles.yaml');
  const bundle = project.bundles.find((one) => one.name === name);
  if (!bundle) throw new Error(`no bundle ${name}`);
  return bumpTag(text, project, bundle, part);
}

test.each<[string, VersionPart, string]>([
  ['v1.2.3', 'patch', 'v1.2.4'],
  ['v1.2.3', 'minor', 'v1.3.0'],
  ['v1.2.3', 'major', 'v2.0.0'],
  ['0.9.9', 'patch', '0.9.10'],
  ['v1.2.3-rc.1', 'patch', 'v1.2.3'],
  ['v1.2.0-rc.1', 'minor', 'v1.2.0'],
  ['v1.2.3-rc.1', 'minor', 'v1.3.0'],
  ['v2.0.0-rc.1', 'major', 'v2.0.0'],
])('%s raised by %s is %s', (tag, part, wanted) => {
  const text = `${head}tag: ${tag}\nbundles: {a: {files: [a.yaml]}}\n`;
  expect(bump(text, 'a', part)).toEqual({ text: text.replace(tag, wanted), tag: wanted });
});

test.each(['latest', 'v1', 'v1.2', '1.2.3.4', 'v01.2.3'])('the tag %s is not a version', (tag) => {
  const text = `${head}tag: "${tag}"\nbundles: {a: {files: [a.yaml]}}\n`;
  expect(() => bump(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

test.each([
  [
    'a tag of its own keeps quotes and comment',
    `${head}tag: v9.0.0\nbundles:\n  a:\n    files: [a.yaml]\n    tag: "v1.0.0" # ours\n  b: {files: [b.yaml]}\n`,
    '"v1.0.0"',
    '"v1.0.1"',
  ],
  [
    'the tag in a reference',
    `version: 1\nbundles:\n  a: {files: [a.yaml], reference: 'quay.io/acme/v1.0.0/a:v1.0.0'}\n`,
    ':v1.0.0',
    ':v1.0.1',
  ],
  [
    'a shared tag stays, and the bundle gets its own in block style',
    `${head}tag: v1.0.0\nbundles:\n  # first\n  a:\n    files: [a.yaml]\n  b: {files: [b.yaml]}\n`,
    '    files: [a.yaml]',
    '    tag: v1.0.1\n    files: [a.yaml]',
  ],
  [
    'a shared tag stays, and the bundle gets its own in flow style',
    `${head}tag: v1.0.0\nbundles:\n  a: { files: [a.yaml] }\n  b: {files: [b.yaml]}\n`,
    '{ files: [a.yaml] }',
    '{ tag: v1.0.1, files: [a.yaml] }',
  ],
])('%s', (_, text, from, to) => {
  expect(text.split(from).length).toBe(2);
  expect(bump(text).text).toBe(text.replace(from, to));
  const crlf = text.replaceAll('\n', '\r\n');
  expect(bump(crlf).text).toBe(text.replace(from, to).replaceAll('\n', '\r\n'));
});

test('the version of a workflow follows where it equals the tag', () => {
  const workflow = (version: string) =>
    `${head}tag: v1.0.0\nbundles: {a: {files: [a.yaml], workflow: {id: w, version: ${version}, description: Does it, labels: {signal_type: T, severity: low, component: pod, environment: test, priority: P3, risk_tolerance: low}}}}\n`;
  expect(bump(workflow('1.0.0')).text).toBe(workflow('1.0.1').replace('tag: v1.0.0', 'tag: v1.0.1'));
  expect(bump(workflow('3.0.0')).text).toBe(workflow('3.0.0').replace('tag: v1.0.0', 'tag: v1.0.1'));
});

test('a tag that others share by an anchor is not edited', () => {
  const text = `${head}tag: v9.0.0\nbundles:\n  a: {files: [a.yaml], tag: &t v1.0.0}\n  b: {files: [b.yaml], tag: *t}\n`;
  expect(() => bump(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  expect(() => bump(text, 'b')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

test('whatever the layout, one bundle has the next tag and everything else is the same', () => {
  const bundle = fc.record({ own: fc.constantFrom('none', 'tag', 'reference'), flow: fc.boolean() });
  fc.assert(
    fc.property(fc.array(bundle, { minLength: 1, maxLength: 5 }), fc.nat(), (bundles, chosen) => {
      const lines = bundles.map(({ own, flow }, index) => {
        const keys = ['files: [a.yaml]'];
        if (own === 'tag') keys.push(`tag: v1.${index}.7`);
        if (own === 'reference') keys.push(`reference: quay.io/acme/x${index}:v1.${index}.7`);
        return flow ? `  b${index}: {${keys.join(', ')}} # kept` : `  b${index}:\n    ${keys.join('\n    ')}`;
      });
      const text = `# first\n${head}tag: v1.9.7\nbundles:\n${lines.join('\n')}\n`;
      const name = `b${chosen % bundles.length}`;
      const { text: next, tag } = bump(text, name);
      const before = parseProject(text, 'bundles.yaml').bundles;
      const wanted = before.map((one) =>
        one.name === name ? { ...one, reference: { ...one.reference, tag } } : one,
      );
      expect(parseProject(next, 'bundles.yaml').bundles).toEqual(wanted);
      expect(next.split('# kept').length).toBe(text.split('# kept').length);
    }),
  );
});

test('a bundle has a reference, or a repository and a tag of its own', () => {
  const [a, b] = parseProject(
    `version: 1\nbundles:\n  a: {files: [a.yaml], repository: quay.io/acme/task-a, tag: v3}\n  b: {files: [b.yaml], reference: "quay.io/acme/b:v1"}\n`,
    'bundles.yaml',
  ).bundles;
  expect(a?.reference).toMatchObject({ registry: 'quay.io', repository: 'acme/task-a', tag: 'v3' });
  expect(b?.reference).toMatchObject({ repository: 'acme/b', tag: 'v1' });
  const both = `version: 1\nbundles: {a: {files: [a.yaml], reference: "quay.io/acme/b:v1", tag: v2}}\n`;
  const refused = () => parseProject(both, 'bundles.yaml');
  expect(refused).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  try {
    refused();
  } catch (error) {
    expect(isBundlesError(error) && error.details.problems).toMatchObject([{ path: 'bundles.a.tag' }]);
  }
});
