import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runExitCode } from '../../../src/cli/commands/ensure/run-projects.js';
import { createRun } from '../../../src/ensure/create-run.js';
import { ensureProject } from '../../../src/ensure/ensure-project.js';
import type { BundleResult } from '../../../src/ensure/result.js';
import type { Fetch } from '../../../src/http/serve/handler-transport.js';
import { digestOf } from '../../../src/oci/digest.js';
import type { Image } from '../../../src/oci/image.js';
import type { Project } from '../../../src/project/project.js';
import { readProject } from '../../../src/project/read-project.js';
import { withHeaders } from '../../../src/testing/profile.js';
import { createJumpingClock } from '../clocks/jumping-clock.js';
import { createModelRegistry, holdImage, type ModelRegistry } from '../registry/model-registry.js';
import { type SampleProject, samplePipeline, sampleProject } from '../samples/sample-project.js';
import { clientsOver, imageOf, keychainOf } from '../samples/scenario.js';
import { type Script, type Step, scripted, stepOf } from './random-answers.js';

/** One run of `ensure` against a registry behind a script. */
export interface RandomRun {
  readonly script: Script;
  readonly guarded: boolean;
  readonly singlePost: boolean;
  readonly holds: 'nothing' | 'ours' | 'other';
  /** The lock already has the tag. */
  readonly locked: boolean;
  readonly fallback: boolean;
  readonly credential: boolean;
  readonly push: boolean;
  readonly onDifferent: 'fail' | 'reuse' | 'fallback';
}

/** One request, and what of its answer reached the client. */
export interface Exchange {
  readonly step: Step;
  readonly url: URL;
  readonly sentAt: number;
  /** Of the request's body; undefined where it is empty. */
  readonly sent: string | undefined;
  /** Undefined where no answer came. */
  status: number | undefined;
  headers: Headers;
  body: Uint8Array;
  /** The body came to its end. */
  whole: boolean;
  endedAt: number;
}

export interface RandomTrace {
  readonly exchanges: readonly Exchange[];
  readonly bundle: BundleResult;
  readonly code: number;
  readonly json: string;
  /** Until the last answer, or the failure to get one: what follows is this machine's work. */
  readonly ms: number;
  readonly registry: ModelRegistry;
}

/** What all runs share: the project, and the images that its tag may hold. */
export interface World extends AsyncDisposable {
  readonly sources: SampleProject;
  readonly project: Project;
  readonly ours: Image;
  readonly other: Image;
  readonly theirs: Image;
}

export const host = 'registry.example';
const taggedManifest = '/v2/acme/alpha/manifests/v1.0.0';
const password = 's3cret-robot';

export async function createWorld(): Promise<World> {
  const repository = `${host}/acme`;
  const sources = sampleProject({ repository, workflow: false });
  const [ours, other, theirs] = await Promise.all(
    ['alpha', 'other', 'theirs'].map((text) => imageOf(repository, samplePipeline(text))),
  );
  if (!ours || !other || !theirs) throw new Error('no images');
  const project = await readProject(sources.config);
  return {
    ...{ sources, project, ours, other, theirs },
    [Symbol.asyncDispose]: () => sources[Symbol.asyncDispose](),
  };
}

export async function runRandom(world: World, run: RandomRun): Promise<RandomTrace> {
  const clock = createJumpingClock();
  const registry = createModelRegistry(run);
  if (run.holds !== 'nothing') holdImage(registry, run.holds === 'ours' ? world.ours : world.other);
  await prepareLock(world, run.locked);
  const exchanges: Exchange[] = [];
  const rival = () => holdImage(registry, world.theirs);
  const behind = scripted(registry.handle, run.script, { clock, rival });
  const startedAt = clock.now();
  const fetch = recording(behind, exchanges, () => clock.now() - startedAt);
  const keychain = keychainOf(host, run.credential ? 'robot' : undefined);
  const registries = clientsOver(fetch, { clock, keychain, fallback: run.fallback });
  const { fallback, push, onDifferent } = run;
  const settings = { mode: 'ensure', fallback, push, onDifferent } as const;
  const result = await ensureProject(createRun(world.project, settings, { clock, registries }));
  return {
    exchanges,
    bundle: result.bundles[0] as BundleResult,
    code: runExitCode('ensure', result),
    json: JSON.stringify(result),
    ms: Math.max(0, ...exchanges.map(({ endedAt }) => endedAt)),
    registry,
  };
}

async function prepareLock({ sources, project }: World, locked: boolean): Promise<void> {
  rmSync(join(sources.directory, 'bundles.lock'), { force: true });
  if (!locked) return;
  const clock = createJumpingClock();
  await ensureProject(createRun(project, { mode: 'ensure' }, { clock, registries: undefined }));
}

function recording(next: Fetch, exchanges: Exchange[], now: () => number): Fetch {
  return async (request) => {
    const bytes = new Uint8Array(await request.clone().arrayBuffer());
    const exchange: Exchange = {
      step: stepOf(request),
      url: new URL(request.url),
      sentAt: now(),
      sent: bytes.length > 0 ? digestOf(bytes) : undefined,
      status: undefined,
      headers: new Headers(),
      body: new Uint8Array(0),
      whole: false,
      endedAt: now(),
    };
    const end = () => {
      exchange.endedAt = now();
    };
    exchanges.push(exchange);
    const answer = await next(request).finally(end);
    exchange.status = answer.status;
    exchange.headers = new Headers(answer.headers);
    if (answer.body === null) {
      exchange.whole = true;
      return answer;
    }
    return withHeaders(answer, {}, watched(answer.body, exchange, end));
  };
}

function watched(
  body: ReadableStream<Uint8Array>,
  exchange: Exchange,
  end: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read().finally(end);
        if (done) {
          exchange.whole = true;
          return controller.close();
        }
        exchange.body = Buffer.concat([exchange.body, value]);
        controller.enqueue(value);
      },
      cancel(reason) {
        end();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** What a run has done that it must never do; a trace in order gives none. */
export function violations(trace: RandomTrace, run: RandomRun, { ours }: World): string[] {
  const { bundle, exchanges, code, json } = trace;
  const digest = ours.manifest.descriptor.digest;
  const found: string[] = [];
  const must = (holds: boolean, what: string) => void (holds || found.push(what));

  must(bundle.verdict !== null, 'there is no verdict');
  must(bundle.requests === exchanges.length, `${bundle.requests} requests counted, ${exchanges.length} sent`);
  must(!json.includes(password), 'a secret is in the result');
  must((bundle.outcome === 'failed') === (code !== 0), `outcome ${bundle.outcome} with exit ${code}`);
  must(bundle.outcome !== 'failed' || bundle.error !== null, 'a failure without an error');
  must(run.fallback || bundle.outcome !== 'fallback', 'a fallback that is not allowed');

  const reads = exchanges.filter(isTagRead);
  const showsOurs = (one: Exchange) => isTagRead(one) && digestShown(one) === digest;
  const showsOther = (one: Exchange) => isTagRead(one) && one.status === 200;
  const puts = exchanges.filter(isTagPut);
  const [firstPut] = puts;
  switch (bundle.verdict) {
    case 'present':
      must(reads.some(showsOurs), 'present without an answer that shows our digest');
      break;
    case 'equivalent':
    case 'different':
      must(reads.some(showsOther), `${bundle.verdict} without an answer that shows other content`);
      break;
    case 'absent':
      must(reads.some(provesAbsence), 'absent without a GET that proves it');
      break;
    case 'denied':
      must(exchanges.some(refuses), 'denied without a refusal');
      break;
    default:
      must(bundle.reason !== null, 'unreachable without a reason');
  }
  if (bundle.outcome === 'published') {
    must(firstPut !== undefined, 'published without a PUT');
    const after = exchanges.slice(exchanges.indexOf(firstPut as Exchange));
    const proven = after.some((one) => showsOurs(one) || (isTagPut(one) && one.status === 201));
    must(proven, 'published without proof');
  }
  if (bundle.outcome === 'reused')
    must(run.onDifferent === 'reuse' || reads.some(showsOurs), 'reused unseen');
  if (!run.push) must(puts.length === 0 && !exchanges.some(asksToPush), 'a push that is not allowed');

  if (firstPut) {
    const before = exchanges.slice(0, exchanges.indexOf(firstPut)).filter(isTagRead);
    const last = before.at(-1);
    const proven = last !== undefined && provesAbsence(last);
    must(proven, 'a PUT that no proven absence precedes');
    const between = exchanges.slice(
      exchanges.indexOf(firstPut),
      exchanges.lastIndexOf(puts.at(-1) as Exchange),
    );
    const warned = between.some((one) => isTagRead(one) && isOther(digestShown(one), digest));
    must(!warned, 'another PUT although the tag was seen with other content');
  }
  found.push(...repeatedUploads(exchanges));
  found.push(...impatience(trace, run));
  return found;
}

const isTagRead = ({ step, url }: Exchange) =>
  url.pathname === taggedManifest && (step === 'HEAD manifest' || step === 'GET manifest');
const isTagPut = ({ step, url }: Exchange) => url.pathname === taggedManifest && step === 'PUT manifest';
const isOther = (shown: string | undefined, digest: string) => shown !== undefined && shown !== digest;
const asksToPush = ({ url }: Exchange) => decodeURIComponent(url.search).includes(',push');

/** The digest that an answer shows; undefined where it shows none that can be believed. */
function digestShown({ step, status, headers, body, whole }: Exchange): string | undefined {
  if (status !== 200) return undefined;
  if (step === 'GET manifest') return whole ? digestOf(body) : undefined;
  const digest = headers.get('docker-content-digest') ?? '';
  return /^sha256:[a-f0-9]{64}$/.test(digest) ? digest : undefined;
}

const absentCodes = ['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'TAG_EXPIRED', 'NOT_FOUND', 'BLOB_UNKNOWN'];

function provesAbsence({ step, status, body }: Exchange): boolean {
  if (step !== 'GET manifest' || status !== 404) return false;
  const text = new TextDecoder().decode(body);
  return absentCodes.some((code) => text.includes(`"${code}"`));
}

/** A registry that refuses, by right or by a policy of its own. */
function refuses({ status }: Exchange): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 404 && status !== 429;
}

/** A session that took bytes, or may have taken them, takes no more; what was stored is not sent again. */
function repeatedUploads(exchanges: readonly Exchange[]): string[] {
  const found: string[] = [];
  const used = new Set<string>();
  let stored = new Set<string>();
  for (const { step, url, sent, status } of exchanges) {
    const refused = status === 401 || (status !== undefined && status >= 300 && status < 400);
    // A registry that misses a blob, or that reports it, may be sent it again.
    if (step === 'PUT manifest' || step === 'HEAD blob') stored = new Set();
    if (sent === undefined || (step !== 'PUT upload' && step !== 'POST uploads')) continue;
    if (step === 'PUT upload') {
      if (used.has(url.pathname)) found.push(`two uploads to ${url.pathname}`);
      if (!refused) used.add(url.pathname);
    }
    if (stored.has(sent)) found.push(`${sent} was stored and is sent again`);
    if (status === 201) stored.add(sent);
  }
  return found;
}

/** In all, of a host that never answers where a fallback is allowed. */
const briefMs = 2_500;
/** One failing request, all attempts included, where each got a head and then a body that stops. */
const troubleMs = 46_000;
/** The first attempt to send bytes may take longer alone. */
const sendMs = 121_000;

function impatience({ exchanges, ms }: RandomTrace, { fallback }: RandomRun): string[] {
  const answered = exchanges.some(({ status }) => status !== undefined);
  if (fallback && !answered && ms > briefMs) return [`${ms} ms for a host that never answered`];
  const found: string[] = [];
  const troubles = new Map<string, number>();
  for (const one of exchanges) {
    const key = `${one.step} ${one.url.pathname}`;
    const since = troubles.get(key) ?? one.sentAt;
    const most = one.sent === undefined ? troubleMs : sendMs;
    if (one.endedAt - since > most) found.push(`${one.endedAt - since} ms of trouble with ${one.step}`);
    // Of an error's body, what came is enough.
    const whole = one.whole || (one.status !== undefined && one.status >= 300);
    if (one.status === undefined || !whole || mayPass.has(one.status)) troubles.set(key, since);
    else troubles.delete(key);
  }
  return found;
}

/** Statuses that are tried again. */
const mayPass = new Set([408, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524]);
