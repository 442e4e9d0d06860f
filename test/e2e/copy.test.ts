import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { digestOf } from '../../src/oci/digest.js';
import { mediaTypes } from '../../src/oci/media-types.js';
import type { CopiedBundle } from '../../src/release/copy-bundle.js';
import { gate } from '../support/network/gate.js';
import { bad, type CommandRunner, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { pushParts, talkTo } from '../support/registry/registry-requests.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

type CopyDocument = CopiedBundle & {
  readonly source: string;
  readonly target: string;
  readonly requests: number;
};

/** Pushes a bundle of one Pipeline and gives its digest. */
async function push(place: string, text = 'one'): Promise<string> {
  await using project = sampleProject({ repository: 'registry.invalid/x' });
  project.write('a.yaml', samplePipeline(text));
  const ran = await runInProcess(['push', place, '-f', join(project.directory, 'a.yaml'), '-o', 'json']);
  expect(ran.code).toBe(0);
  return JSON.parse(ran.stdout).digest;
}

async function copy({ inProcess }: CommandRunner, ...words: string[]) {
  const ran = await inProcess([...words, '--output', 'json']);
  return { code: ran.code, stderr: ran.stderr, result: JSON.parse(ran.stdout) as CopyDocument };
}

/** What was sent: everything but questions. */
const sent = ({ seen }: GuardedRegistry) =>
  seen
    .filter(({ method }) => !['GET', 'HEAD'].includes(method))
    .map(({ method, path, query }) => {
      const short = path.replace(/uploads\/.+/, 'uploads/…').replace(/sha256:[a-f0-9]{64}/g, 'D');
      return `${method} ${short}${query.includes('mount=') ? '?mount' : ''}`;
    });

async function headOf({ inner }: GuardedRegistry, path: string): Promise<string | null> {
  const accept = Object.values(mediaTypes).join(', ');
  const { status, headers } = await talkTo(inner).send('HEAD', `/v2/${path}`, { headers: { accept } });
  return status === 200 ? headers.get('docker-content-digest') : null;
}

good('copy', 'to another registry by digest, then everything is there', async (runner) => {
  await using from = await startGuardedRegistry();
  await using to = await startGuardedRegistry();
  const digest = await push(`${from.host}/a/b:v1.0.0`);
  const first = await copy(runner, `${from.host}/a/b:v1.0.0`, `${to.host}/c/d`);
  expect(first).toEqual({
    code: 0,
    stderr: '',
    result: {
      version: 1,
      source: `${from.host}/a/b:v1.0.0`,
      target: `${to.host}/c/d`,
      digest,
      tags: [{ tag: 'v1.0.0', action: 'put', previous: null, anchor: null }],
      referrers: 0,
      signatures: [],
      warnings: [],
      copied: 3,
      mounted: 0,
      existing: 0,
      bytes: expect.any(Number),
      requests: expect.any(Number),
      error: null,
    },
  });
  expect(await headOf(to, 'c/d/manifests/v1.0.0')).toBe(digest);
  expect(sent(from).filter((line) => !line.includes('a/b'))).toEqual([]);
  to.seen.length = 0;
  from.seen.length = 0;
  const second = await copy(runner, `${from.host}/a/b@${digest}`, `${to.host}/c/d:v1.0.0`);
  expect(second.result).toMatchObject({ copied: 0, bytes: 0, tags: [{ action: 'unchanged' }] });
  expect([...sent(from), ...sent(to)]).toEqual([]);
});

good('copy', 'within a registry blobs are mounted and nothing is sent', async (runner) => {
  await using registry = await startGuardedRegistry();
  const digest = await push(`${registry.host}/a/b:v1`);
  registry.seen.length = 0;
  const ran = await copy(runner, `${registry.host}/a/b:v1`, `${registry.host}/c/d:stable`);
  expect(ran.result).toMatchObject({ digest, mounted: 2, copied: 1 });
  expect(sent(registry)).toEqual([
    'POST /v2/c/d/blobs/uploads/?mount',
    'POST /v2/c/d/blobs/uploads/?mount',
    'PUT /v2/c/d/manifests/stable',
  ]);
  expect(registry.seen.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'))).toEqual(
    [],
  );
});

good('copy', 'between places of every kind, with one digest', async (runner) => {
  await using registry = await startGuardedRegistry();
  await using directory = tempDir();
  const digest = await push(`${registry.host}/a/b:v1`);
  const at = (name: string) => join(directory.path, name);
  const chain = [
    `${registry.host}/a/b:v1`,
    `oci:${at('layout')}:v1`,
    `oci-archive:${at('a.tar')}:v1`,
    `docker-archive:${at('b.tar')}:quay.io/acme/b:v1`,
    `oci:${at('other')}`,
    `${registry.host}/back/again`,
  ];
  for (const [index, target] of chain.slice(1).entries()) {
    const { code, result } = await copy(runner, chain[index]!, target);
    expect([code, result.digest, result.tags[0]?.tag], target).toEqual([0, digest, 'v1']);
  }
  expect(await headOf(registry, 'back/again/manifests/v1')).toBe(digest);
  const spawned = await runner.spawned([`oci:${at('layout')}:v1`, `oci:${at('third')}:v2`]);
  expect(spawned.stdout).toMatch(
    /^oci:\S+ → oci:\S+\n {2}sha256:\w+\n {2}tag v2\n {2}3 sent \([\d.]+ KiB\), 0 mounted, 0 there already\n$/,
  );
});

good('copy', 'referrers and signatures come along, also those of referrers', async (runner) => {
  await using from = await startGuardedRegistry();
  await using to = await startGuardedRegistry();
  await using directory = tempDir();
  const digest = await push(`${from.host}/a/b:v1`);
  const talk = talkTo(from.inner);
  const refer = async (subject: string, layer: string, tag?: string) => {
    const parts = await pushParts(talk, 'a/b', { layer });
    const { headers } = await talk.send('HEAD', `/v2/a/b/manifests/${subject}`, {
      headers: { accept: Object.values(mediaTypes).join(', ') },
    });
    const size = Number(headers.get('content-length'));
    const mediaType = headers.get('content-type');
    const manifest = {
      ...parts,
      artifactType: 'application/x-test',
      subject: { mediaType, digest: subject, size },
    };
    const own = digestOf(Buffer.from(JSON.stringify(manifest)));
    expect((await talk.pushManifest('a/b', tag ?? own, manifest)).status).toBe(201);
    return own;
  };
  const sbom = await refer(digest, 'sbom');
  const signed = await refer(sbom, 'signature of the sbom');
  const cosign = `${digest.replace(':', '-')}.sig`;
  await talk.pushManifest('a/b', cosign, await pushParts(talk, 'a/b', { layer: 'cosign' }));
  const ran = await copy(runner, `${from.host}/a/b:v1`, `${to.host}/c/d:v1`);
  expect(ran.result).toMatchObject({ referrers: 2, signatures: [cosign], warnings: [] });
  for (const name of [sbom, signed, cosign]) expect(await headOf(to, `c/d/manifests/${name}`)).not.toBeNull();
  const listed = await talkTo(to.inner).send('GET', `/v2/c/d/referrers/${digest}`);
  expect(JSON.parse(listed.text).manifests).toMatchObject([{ digest: sbom }]);
  const layout = await copy(runner, `${to.host}/c/d:v1`, `oci-archive:${join(directory.path, 'x.tar')}:v1`);
  expect(layout.result).toMatchObject({ referrers: 2, signatures: [cosign] });
  const back = await copy(runner, `oci-archive:${join(directory.path, 'x.tar')}:v1`, `${to.host}/e/f`);
  expect(back.result).toMatchObject({ referrers: 2, signatures: [cosign] });
  const bare = await copy(runner, `${from.host}/a/b:v1`, `${to.host}/bare/x:v1`, '--no-referrers');
  expect(bare.result).toMatchObject({ referrers: 0, signatures: [] });
});

good('copy', 'a tag that moves leaves an anchor behind', async (runner) => {
  await using registry = await startGuardedRegistry();
  const old = await push(`${registry.host}/c/d:stable`, 'old');
  const digest = await push(`${registry.host}/a/b:v1`, 'new');
  const ran = await copy(runner, `${registry.host}/a/b:v1`, `${registry.host}/c/d:stable`);
  const anchor = `stable-${old.slice('sha256:'.length, 'sha256:'.length + 12)}`;
  expect(ran.result.tags).toEqual([{ tag: 'stable', action: 'moved', previous: old, anchor }]);
  expect(await headOf(registry, `c/d/manifests/${anchor}`)).toBe(old);
  expect(await headOf(registry, 'c/d/manifests/stable')).toBe(digest);
});

good('copy', 'a fixed version is moved by --force alone', async (runner) => {
  await using registry = await startGuardedRegistry();
  const old = await push(`${registry.host}/c/d:v1.2.3`, 'old');
  await push(`${registry.host}/a/b:v1`, 'new');
  registry.seen.length = 0;
  const words = [`${registry.host}/a/b:v1`, `${registry.host}/c/d:v1.2.3`];
  const refused = await runner.inProcess([...words, '-o', 'json']);
  expect([refused.code, JSON.parse(refused.stdout).error.code]).toEqual([4, 'TAG_DIFFERS']);
  expect(sent(registry)).toEqual([]);
  const forced = await copy(runner, ...words, '--force');
  expect(forced.result.tags).toMatchObject([{ tag: 'v1.2.3', action: 'moved', previous: old }]);
});

good('copy', 'an interrupted copy goes on where it broke', async (runner) => {
  await using from = await startGuardedRegistry();
  await using to = await startGuardedRegistry();
  const task = (name: string) =>
    `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec: {steps: [{image: a}]}\n`;
  const many = Array.from({ length: 9 }, (_, index) => task(`t${index}`)).join('---\n');
  const pushed = await runInProcess(['push', `${from.host}/a/b:v1`, '-f', '-'], { input: many });
  expect(pushed.code).toBe(0);
  const words = [`${from.host}/a/b:v1`, `${to.host}/c/d:v1`];
  let uploads = 0;
  let kept = 0;
  const five = gate();
  to.intercept = (request) => {
    if (request.method !== 'POST' || !request.url.includes('digest=')) return undefined;
    return ++uploads <= 5 ? keep(request) : refuse();
  };
  const keep = async (request: Request) => {
    const answer = await to.inner(request);
    if (++kept === 5) five.open();
    return answer;
  };
  // Not before the five are there: a refusal ends what is under way.
  const refuse = async () => {
    await five.opened;
    return Response.json({ errors: [{ code: 'DENIED', message: 'quota' }] }, { status: 403 });
  };
  const broken = await runner.inProcess(words);
  expect([broken.code, broken.stderr]).toEqual([5, expect.stringContaining('error[REGISTRY_DENIED]')]);
  expect(await headOf(to, 'c/d/manifests/v1')).toBeNull();
  to.intercept = undefined;
  from.seen.length = 0;
  const again = await copy(runner, ...words);
  expect(again.code).toBe(0);
  expect(again.result).toMatchObject({ existing: 5, copied: 6 });
  expect(from.seen.filter(({ path }) => path.includes('/blobs/')).length).toBe(5);
});

bad('copy', 'what is not there, and names that are none', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using directory = tempDir();
  await push(`${registry.host}/a/b:v1`);
  const archive = join(directory.path, 'x.tar');
  const refused = async (...words: string[]) => {
    const ran = await inProcess(words);
    return [ran.code, /error\[(\w+)\]/.exec(ran.stderr)?.[1]];
  };
  expect(await refused(`${registry.host}/a/b:v2`, `${registry.host}/c/d`)).toEqual([3, 'NOT_FOUND']);
  expect(await refused(`${registry.host}/a/b`, `${registry.host}/c/d`)).toEqual([2, 'REFERENCE_INVALID']);
  expect(await refused(`${registry.host}/a/b:v1`, `oci-archive:${archive}@sha256:${'0'.repeat(64)}`)).toEqual(
    [2, 'REFERENCE_INVALID'],
  );
  expect(await refused(`${registry.host}/a/b:v1`, `${registry.host}/c/d@sha256:${'0'.repeat(64)}`)).toEqual([
    4,
    'DIGEST_NOT_OURS',
  ]);
  expect(await refused(`oci:${directory.path}/none:v1`, `${registry.host}/c/d`)).toEqual([3, 'NOT_FOUND']);
  expect(await refused(`docker://${registry.host}/a/b:v1`, 'oci:x')).toEqual([2, 'REFERENCE_INVALID']);
  expect(await refused(`${registry.host}/a/b:v1`)).toEqual([2, 'USAGE']);
  const digest = await headOf(registry, 'a/b/manifests/v1');
  expect(await refused(`${registry.host}/a/b@${digest}`, `${registry.host}/c/d`)).toEqual([
    2,
    'REFERENCE_INVALID',
  ]);
  expect(existsSync(archive)).toBe(false);
  registry.intercept = () => new Response('', { status: 503 });
  expect(await refused(`${registry.host}/a/b:v1`, `oci-archive:${archive}`, '--timeout', '1')).toEqual([
    6,
    'REGISTRY_UNREACHABLE',
  ]);
  expect(existsSync(archive)).toBe(false);
});
