// Runs the cases of test/vectors/cases through real Go and real tkn, and writes the results to test/vectors/*.jsonl.
// Use: npm run vectors [-- --check]; --check writes nothing and fails if a committed result differs from today's.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDockerRegistry } from '../test/support/registry/docker-registry.ts';
import { bundleCases } from '../test/vectors/cases/bundle-cases.mjs';
import { bytesByRule, inputBytes } from '../test/vectors/cases/byte-rules.mjs';
import { createdCases } from '../test/vectors/cases/created-cases.mjs';
import { gzipCases } from '../test/vectors/cases/gzip-cases.mjs';
import { sourceCases } from '../test/vectors/cases/source-cases.mjs';
import { tarCases } from '../test/vectors/cases/tar-cases.mjs';
import { workflowCases } from '../test/vectors/cases/workflow-cases.mjs';
import { yamlCases } from '../test/vectors/cases/yaml-cases.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const installed = execFileSync('node', [join(root, 'scripts/install-peers.mjs'), 'tkn', 'oracle'], {
  encoding: 'utf8',
  env: { ...process.env, CI: 'true' },
  stdio: ['ignore', 'pipe', 'inherit'],
}).trim();

const base64 = (text) => Buffer.from(text).toString('base64');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const answers = {
  yaml: answerYaml(),
  sources: answerSources(),
  tar: answerTar(),
  gzip: answerGzip(),
  created: answerCreated(),
  workflows: answerWorkflows(),
  bundles: await answerBundles(),
};
process.exitCode = Object.entries(answers)
  .map(([name, lines]) => put(name, lines))
  .some((different) => different)
  ? 1
  : 0;

function put(name, lines) {
  const path = join(root, 'test/vectors', `${name}.jsonl`);
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  console.log(`vectors: ${lines.length} ${name}, ${text.length} bytes`);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
    return false;
  }
  if (readFileSync(path, 'utf8') === text) return false;
  console.error(`vectors: ${name}.jsonl is not what Go and tkn say today; run: npm run vectors`);
  return true;
}

function ask(requests) {
  const output = execFileSync(join(installed, 'oracle'), {
    input: requests.map((request) => `${JSON.stringify(request)}\n`).join(''),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
    maxBuffer: 2 ** 30,
  });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function answerYaml() {
  const answered = ask(yamlCases.map(([, yaml]) => ({ op: 'yaml', bytes: base64(yaml) })));
  return yamlCases.map(([rule, yaml, ours], i) => {
    const { error, bytes } = answered[i];
    const json = Buffer.from(bytes ?? '', 'base64');
    // Of what aliases blow up its hash is enough.
    const answer = error
      ? { error }
      : json.length < 1500
        ? { json: json.toString() }
        : { jsonSha256: sha256(json) };
    return { rule, yaml, ...(ours && { ours }), ...answer };
  });
}

function answerSources() {
  const epoch = '1970-01-01T00:00:00Z';
  const answered = ask(
    sourceCases.map(({ inputs }) => ({
      op: 'build',
      created: epoch,
      inputs: inputs.map((input) => Buffer.from(inputBytes(input)).toString('base64')),
    })),
  );
  return sourceCases.map((one, i) => {
    const { error, objects = [] } = answered[i];
    // tkn quotes the whole input in its errors.
    if (error) return { ...one, error: error.split(': "')[0] };
    return { ...one, objects: objects.map((object) => sourceObject(object, objects.length)) };
  });
}

/** Needs Go alone: the program imports nothing but its standard library. */
function answerWorkflows() {
  const output = execFileSync('go', ['run', join(root, 'test/vectors/oracles/workflow/main.go')], {
    input: workflowCases.map(([, document]) => `${JSON.stringify(document)}\n`).join(''),
    encoding: 'utf8',
    env: { ...process.env, GOTOOLCHAIN: 'local', GO111MODULE: 'off' },
  });
  const answers = output.trim().split('\n');
  return workflowCases.map(([rule, document], i) => ({ rule, document, ...JSON.parse(answers[i]) }));
}

/** Where there are many objects their digests are enough. */
function sourceObject({ json, ...object }, count) {
  return count > 3 ? object : { ...object, json: Buffer.from(json, 'base64').toString() };
}

function answerTar() {
  const answered = ask(
    tarCases.map(({ name, text }) => ({ op: 'tar', name: base64(name), bytes: base64(text) })),
  );
  return tarCases.map(({ rule, name, text }, i) => {
    const data = text.length > 600 ? { repeat: text[0], length: text.length } : { text };
    const { error, bytes, sha256: digest } = answered[i];
    if (error) return { rule, name, ...data, error };
    const tar = Buffer.from(bytes, 'base64');
    return { rule, name, ...data, size: tar.length, sha256: digest, header: nonZero(tar.subarray(0, 2048)) };
  });
}

/** The runs that are not zero, as [offset, latin1 text]: what a person compares when the digest is wrong. */
function nonZero(bytes) {
  const runs = [];
  for (let start = 0; start < bytes.length; start++) {
    if (bytes[start] === 0) continue;
    let end = start;
    while (end < bytes.length && bytes[end] !== 0) end++;
    runs.push([start, bytes.toString('latin1', start, Math.min(end, start + 60))]);
    start = end;
  }
  return runs.slice(0, 24);
}

function answerGzip() {
  const inputs = gzipCases.map(({ bytes }) => bytesByRule(bytes));
  const answered = ask(inputs.map((bytes) => ({ op: 'gzip', bytes: Buffer.from(bytes).toString('base64') })));
  return gzipCases.map((one, i) => ({
    ...one,
    input: sha256(inputs[i]),
    size: answered[i].size,
    sha256: answered[i].sha256,
  }));
}

function answerCreated() {
  const cases = createdCases.map((one) => [one].flat());
  const answered = ask(cases.map(([text]) => ({ op: 'created', bytes: base64(text) })));
  return cases.map(([text, ours], i) => {
    const { error, bytes } = answered[i];
    const answer = error ? { error: true } : { created: Buffer.from(bytes, 'base64').toString() };
    return { text, ...(ours && { ours }), ...answer };
  });
}

/** tkn itself pushes each bundle; what the registry then holds is the answer. */
async function answerBundles() {
  const directory = mkdtempSync(join(tmpdir(), 'bundles-vectors-'));
  const registry = await startDockerRegistry();
  try {
    const lines = [];
    for (const [i, one] of bundleCases.entries())
      lines.push({ ...one, ...(await pushed(one, `${registry.host}/vectors/case:${i}`, directory)) });
    return lines;
  } finally {
    await registry.close();
    rmSync(directory, { recursive: true });
  }
}

async function pushed({ rule, inputs, annotations = {}, labels = {}, ctime, epoch }, reference, directory) {
  const files = inputs.flatMap((input, i) => {
    const path = join(directory, `${i}.yaml`);
    writeFileSync(path, inputBytes(input));
    return ['-f', path];
  });
  const pairs = (flag, map) =>
    Object.entries(map).flatMap(([key, value]) => [flag, csvField(`${key}=${value}`)]);
  const output = execFileSync(
    join(installed, 'tkn'),
    [
      'bundle',
      'push',
      reference,
      ...files,
      ...pairs('--annotate', annotations),
      ...pairs('--label', labels),
      ...(ctime ? ['--ctime', ctime] : []),
    ],
    {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: directory, TZ: 'UTC', ...(epoch && { SOURCE_DATE_EPOCH: epoch }) },
    },
  );
  const [, digest] = /@(sha256:[0-9a-f]{64})/.exec(output) ?? [];
  const manifest = await body(reference, `manifests/${digest}`);
  const config = await body(reference, `blobs/${JSON.parse(manifest).config.digest}`);
  if (`sha256:${sha256(manifest)}` !== digest)
    throw new Error(`${rule}: the registry's manifest is not ${digest}`);
  return { digest, manifest, config };
}

/** tkn reads each value of these flags as a line of CSV. */
function csvField(text) {
  return `"${text.replaceAll('"', '""')}"`;
}

async function body(reference, path) {
  const [, host, repository] = /^([^/]+)\/(.+):[^:]+$/.exec(reference);
  const accept = 'application/vnd.docker.distribution.manifest.v2+json';
  const response = await fetch(`http://${host}/v2/${repository}/${path}`, { headers: { accept } });
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  return await response.text();
}
