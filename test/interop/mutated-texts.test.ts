import { expect, test } from 'vitest';
import { buildBundle } from '../../src/bundle/build-bundle.js';
import { isBundlesError } from '../../src/errors.js';
import { fromJson } from '../../src/tekton/objects/from-json.js';
import { readSources } from '../../src/tekton/sources/read-sources.js';
import { writeYaml } from '../../src/tekton/yaml/write-yaml.js';
import { findPeers } from '../support/peers.js';
import { runLines } from '../support/program/run-lines.js';
import { richObjects } from '../support/random/mutated-objects.js';
import { seededRandom } from '../support/random/seeded-random.js';

const peers = findPeers('oracle');
const judged = test.skipIf(peers === undefined);
const seed = Number(process.env.BUNDLES_TEST_SEED ?? 1);
const count = Number(process.env.PROPERTY_RUNS ?? 2_000);

const head = 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\n';
const bases = [
  ...richObjects.map((object) => writeYaml(fromJson(JSON.stringify(object)))),
  ...richObjects.slice(0, 3).map((object) => JSON.stringify(object, null, 1)),
  `${head}spec:\n  params: &p\n    - {name: x, default: "1.10"}\n  steps:\n    - &s {image: b, script: "a"}\n    - <<: *s\n      name: z\n  results: []\n`,
  `${head}spec:\n  steps:\n    - image: b\n      timeout: 1h30m\n      computeResources: {limits: {cpu: 500m, memory: 1Gi}}\n      securityContext: {runAsUser: 1000}\n      script: |-\n        #!/bin/sh\n        echo 'x' # y\n      args: ['it''s', "a\\tb", >-\n        folded\n        text\n        ]\n---\n${head.replace('a}', 'b}')}`,
];

/** What YAML, JSON and Go's decoders look at. */
const pieces = [
  ...[
    ' ',
    '  ',
    '\n',
    '\t',
    '\r\n',
    ':',
    ': ',
    '-',
    '- ',
    '#',
    ' #',
    ',',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '|',
    '>',
    '&a ',
    '*a',
    '*s',
  ],
  ...[
    '!!str ',
    '!!int ',
    '%',
    '@',
    '`',
    '?',
    '? ',
    '---\n',
    '...\n',
    '<<: *s',
    '~',
    'null',
    'yes',
    'no',
    'on',
    '010',
    '1.10',
    '1e3',
    '.5',
  ],
  ...[
    '0x1f',
    '1_0',
    '9223372036854775807',
    '512MB',
    '1h',
    '2020-02-30T00:00:00Z',
    'é',
    '\u2028',
    '\\n',
    '\\u0041',
    '\\',
    '\0',
    '\ufeff',
  ],
];

function mutate(text: string, random: () => number): string {
  const at = Math.floor(random() * (text.length + 1));
  const action = random();
  if (action < 0.35)
    return text.slice(0, at) + (pieces[Math.floor(random() * pieces.length)] ?? '') + text.slice(at);
  if (action < 0.6) return text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 3));
  if (action < 0.75) {
    const to = Math.floor(random() * (text.length + 1));
    return text.slice(0, to) + text.slice(at, at + Math.floor(random() * 20)) + text.slice(to);
  }
  const word = /[\w.$()-]+/g;
  word.lastIndex = at;
  const found = word.exec(text);
  if (found === null) return text;
  const piece = pieces[Math.floor(random() * pieces.length)] ?? '';
  return text.slice(0, found.index) + piece + text.slice(found.index + found[0].length);
}

/** The digest that our reading gives, or undefined where we refuse. */
function digestOf(text: string): string | undefined {
  try {
    const { objects } = readSources([{ path: 'a.yaml', bytes: Buffer.from(text) }], { tknCompat: true });
    return buildBundle(objects).digest;
  } catch (error) {
    if (isBundlesError(error)) return undefined;
    throw error;
  }
}

judged(
  'changed texts are read as tkn reads them, or refused',
  { timeout: 120_000 + count * 20 },
  async () => {
    const random = seededRandom(seed);
    const texts = Array.from({ length: count }, () => {
      let text = bases[Math.floor(random() * bases.length)] ?? '';
      for (let change = 0; change <= Math.floor(random() * 3); change++) text = mutate(text, random);
      return text;
    });
    const counts = { same: 0, bothRefuse: 0, onlyWeRefuse: 0 };
    const wrong: object[] = [];
    for (let from = 0; from < texts.length; from += 10_000) {
      const part = texts.slice(from, from + 10_000);
      const requests = part.map((text) => ({
        op: 'build',
        inputs: [Buffer.from(text).toString('base64')],
        created: '1970-01-01T00:00:00Z',
      }));
      const answers = await runLines<{ error?: string; sha256?: string }>(peers?.oracle ?? '', requests);
      for (const [index, text] of part.entries()) {
        const { error, sha256 } = answers[index] ?? {};
        const ours = digestOf(text);
        if (ours === undefined && error !== undefined) counts.bothRefuse++;
        else if (ours === undefined) counts.onlyWeRefuse++;
        else if (ours === `sha256:${sha256}`) counts.same++;
        else wrong.push({ text, theirs: error ?? sha256, ours });
      }
    }
    console.info(`texts: ${JSON.stringify(counts)}, ${wrong.length} differ`);
    expect(wrong.slice(0, 3)).toEqual([]);
    // What we refuse on purpose is in docs/explanation/yaml.md, and is rare.
    expect(counts.onlyWeRefuse / count).toBeLessThan(0.01);
  },
);
