import type { Clock } from '../../../src/async/clock.js';
import type { Keychain } from '../../../src/auth/credential.js';
import { createKeychain } from '../../../src/auth/keychain.js';
import { runExitCode } from '../../../src/cli/commands/ensure/run-projects.js';
import { buildLocalBundle } from '../../../src/ensure/bundle/local-bundle.js';
import { createRun, type RunEnvironment, type RunSettings } from '../../../src/ensure/create-run.js';
import { ensureProject } from '../../../src/ensure/ensure-project.js';
import type { BundleResult } from '../../../src/ensure/result.js';
import { type Fetch, sendTo } from '../../../src/http/serve/handler-transport.js';
import type { Image } from '../../../src/oci/image.js';
import { readProject } from '../../../src/project/read-project.js';
import { createRegistryClient } from '../../../src/registry/client.js';
import { pushImage } from '../../../src/registry/push-image.js';
import {
  type OpenFaultyRegistry,
  type OpenFaultyRegistryOptions,
  openFaultyRegistry,
  type SeenRequest,
} from '../../../src/testing/faulty-registry.js';
import { createJumpingClock, type JumpingClock } from '../clocks/jumping-clock.js';
import { lockOffline } from '../lock-offline.js';
import { credentials } from '../program/run-in-process.js';
import { samplePipeline, sampleProject } from './sample-project.js';

export interface Scenario
  extends OpenFaultyRegistryOptions,
    Pick<RunSettings, 'push' | 'onDifferent' | 'names'> {
  /** The account of the client; default: anonymous. */
  readonly as?: 'robot' | 'reader' | 'stranger' | 'wrong';
  /** Instead of a credential file. */
  readonly keychain?: Keychain;
  /** What the tag holds at the start. Default nothing. */
  readonly holds?: 'ours' | 'other';
  /** Whether the lock already has the tag. Default true. */
  readonly locked?: boolean;
  /** Default `check`. */
  readonly mode?: 'check' | 'ensure';
  /** Default false, as by --no-fallback: then patience is full, too. */
  readonly fallback?: boolean;
  /** Sits between client and registry: an Error is the network's. */
  readonly network?: (request: Request) => Error | undefined;
  readonly log?: (line: string) => void;
}

export interface Played {
  readonly code: number;
  readonly bundle: BundleResult;
  /** The whole result as JSON, as it is printed. */
  readonly json: string;
  readonly requests: readonly SeenRequest[];
  readonly clock: JumpingClock;
  readonly registry: OpenFaultyRegistry;
  /** What the tag names afterwards. */
  readonly digest: string | null;
}

const now = Date.parse('2026-03-04T05:06:07Z');
const users = {
  robot: { password: 's3cret-robot', may: 'push' },
  reader: { password: 's3cret-reader', may: 'pull' },
  stranger: { password: 's3cret-stranger', may: 'nothing' },
} as const;

/** Runs `check` or `ensure` of one bundle against a faulty registry in this process, without real waits. */
export async function play(scenario: Scenario): Promise<Played> {
  const { mode = 'check', as, holds, fallback = false, network, push, onDifferent, names, log } = scenario;
  const { locked = true } = scenario;
  const clock: JumpingClock = createJumpingClock(now, { busy: () => registry.busy() });
  const registry = await openFaultyRegistry({ users, clock, ...scenario });
  await using _ = registry;
  const repository = `${registry.host}/acme`;
  await using project = sampleProject({ repository });
  if (locked) await lockOffline(project);
  if (holds === 'other') await seed(registry, samplePipeline('other'));
  if (holds === 'ours') await seed(registry, samplePipeline('alpha'));
  const fetch: Fetch = async (request) => {
    const broken = network?.(request);
    if (broken) throw broken;
    return registry.fetch(request);
  };
  const keychain = scenario.keychain ?? keychainOf(registry.host, as);
  const registries = clientsOver(fetch, { clock, keychain, fallback, log });
  const settings = { mode, fallback, push, onDifferent, names };
  const run = createRun(await readProject(project.config), settings, { clock, registries });
  const result = await ensureProject(run);
  return {
    code: runExitCode(mode, result),
    bundle: result.bundles[0] as BundleResult,
    json: JSON.stringify(result),
    requests: [...registry.requests],
    clock,
    registry,
    digest: await digestIn(registry),
  };
}

/** The clients of a run, over a handler in this process. */
export function clientsOver(
  handler: Fetch,
  { clock, keychain, fallback, log }: ClientsOptions,
): NonNullable<RunEnvironment['registries']> {
  const send = sendTo(handler);
  const common = { send, clock, random: () => 0.5, patience: fallback ? 'brief' : 'full', log } as const;
  return {
    send,
    registry: createRegistryClient({ ...common, keychain }),
    anonymous: createRegistryClient(common),
  };
}

export interface ClientsOptions {
  readonly clock: Clock;
  readonly keychain: Keychain;
  readonly fallback: boolean;
  readonly log?: ((line: string) => void) | undefined;
}

/** The environment of a user who has logged in. */
export function keychainOf(host: string, as: Scenario['as']): Keychain {
  const password = as === undefined || as === 'wrong' ? 's3cret-wrong' : users[as].password;
  const user = as === 'wrong' ? 'robot' : as;
  const environment = user === undefined ? {} : credentials(host, user, password);
  return createKeychain({ environment, home: undefined, uid: undefined, platform: 'linux' });
}

async function seed(registry: OpenFaultyRegistry, text: string): Promise<void> {
  const client = createRegistryClient({ send: sendTo(registry.content) });
  const image = await imageOf(`${registry.host}/acme`, text);
  await pushImage(client.repository({ registry: registry.host, repository: 'acme/alpha' }), image, 'v1.0.0');
}

/** What the sources give does not depend on where it is pushed: built once for each text. */
export function imageOf(repository: string, text: string): Promise<Image> {
  const known = images.get(text) ?? buildImage(repository, text);
  images.set(text, known);
  return known;
}

const images = new Map<string, Promise<Image>>();

async function buildImage(repository: string, text: string): Promise<Image> {
  await using project = sampleProject({ repository });
  project.write('pipelines/alpha.yaml', text);
  const read = await readProject(project.config);
  const [spec] = read.bundles;
  if (!spec) throw new Error('no bundle');
  const local = await buildLocalBundle({ project: read, spec, entry: undefined, created: undefined });
  return (await local.bundle()).image;
}

async function digestIn({ content, host }: OpenFaultyRegistry): Promise<string | null> {
  const held = await content(
    new Request(`https://${host}/v2/acme/alpha/manifests/v1.0.0`, { method: 'HEAD' }),
  );
  return held.headers.get('docker-content-digest');
}
