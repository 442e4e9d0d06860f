import { lstat, open, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Clock } from '../../async/clock.js';
import { keepFresh } from '../../fs/heartbeat.js';
import { writeError } from '../../fs/machine-error.js';
import { formatIdentity, ownIdentity } from '../../fs/process-identity.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import type { Engine } from '../engine.js';
import { objectOf, textOf, textsOf } from '../engine-json.js';
import { parseEngineJson } from '../run-engine.js';
import { parseBuildHostName } from './build-host.js';
import { createPodman } from './podman.js';
import { endMachineRuns, endServiceRuns } from './service-runs.js';

/**
 * A build that runs in a service (`podman --remote`, a podman machine). It continues to the end of its step after its
 * client is gone, so a file beside those of its slot records how any process can find out whether it has ended.
 */
export interface ServiceBuild {
  /** Called once the service itself has reported the end of the build. */
  done(): void;
  /** Ends what the build runs, and waits until it is over; false where it is not within that time. */
  settle(withinMs: number): Promise<boolean>;
  /** Called at the end. The file stays where the build may go on. */
  close(options: { readonly over: boolean }): Promise<void>;
}

interface ServiceRecord {
  readonly host: string;
  readonly program: string;
  /** How the service is found. */
  readonly environment: Readonly<Record<string, string>>;
  /** Working containers that were there before it began. */
  readonly before: readonly string[];
  /** Its processes are visible where the record was made. */
  readonly visibleOn: string | undefined;
  readonly timeoutMs: number;
}

export interface ServiceBuildOptions {
  readonly engine: Engine;
  /** The host name that identifies everything it runs. */
  readonly host: string;
  /** The beginning of the names of the files of its slot. */
  readonly mark: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly visible: boolean;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

const leading =
  /^(?:PATH|HOME|XDG_(?:CONFIG_HOME|RUNTIME_DIR)|CONTAINER_(?:HOST|CONNECTION|SSHKEY)|CONTAINERS_CONF(?:_OVERRIDE)?|PODMAN_CONNECTIONS_CONF)$/;
const longestRecord = 256 * 1024;
const lookMs = 300;
const machinePauseMs = 3_000;
/** Where its processes are visible and none is there for so long, it is over: containers of others may have begun meanwhile. */
const quietMs = 3_000;
/** Between the clocks of two machines. */
const skewMs = 60_000;

/** @throws NOT_WRITABLE, DISK_FULL, ENGINE_FAILED if the service cannot be queried */
export async function openServiceBuild(options: ServiceBuildOptions): Promise<ServiceBuild> {
  const { engine, host, mark, environment, visible, timeoutMs, clock } = options;
  const record: ServiceRecord = {
    host,
    program: engine.program,
    environment: Object.fromEntries(
      Object.entries(environment).filter(
        (pair): pair is [string, string] => pair[1] !== undefined && leading.test(pair[0]),
      ),
    ),
    before: (await engine.buildsUnderWay()).map(({ id }) => id.slice(0, 12)),
    visibleOn: visible ? hostname() : undefined,
    timeoutMs,
  };
  const file = `${mark}.${formatIdentity(await ownIdentity())}.service`;
  await writeRecord(file, record);
  const beating = new AbortController();
  void keepFresh(file, { clock, signal: beating.signal });
  let isDone = false;
  return {
    done() {
      isDone = true;
    },
    async settle(withinMs) {
      if (isDone) return true;
      const watch = createServiceWatch(clock);
      for (let waitedMs = 0; waitedMs <= withinMs; waitedMs += lookMs) {
        if (await watch.isOver(file, waitedMs)) return true;
        await clock.sleep(lookMs);
      }
      return false;
    },
    async close({ over }) {
      beating.abort();
      if (over) await unlink(file).catch(() => undefined);
    },
  };
}

export interface ServiceWatch {
  /**
   * Whether the build of a file is over, after what it runs was ended. `waitedMs` is the observer's own waiting time so
   * far. To be asked only of files of this user or root, whose client is gone.
   */
  isOver(file: string, waitedMs: number): Promise<boolean>;
}

export function createServiceWatch(clock: Clock): ServiceWatch {
  const seen = new Map<string, { askedAtMs: number; sentAtMs: number; quietFromMs: number | undefined }>();
  return {
    async isOver(file, waitedMs) {
      const state = seen.get(file) ?? {
        askedAtMs: Number.NEGATIVE_INFINITY,
        sentAtMs: Number.NEGATIVE_INFINITY,
        quietFromMs: undefined,
      };
      if (waitedMs - state.askedAtMs < lookMs) return false;
      seen.set(file, state);
      state.askedAtMs = waitedMs;
      const record = await readRecord(file);
      if (record === undefined) return true;
      const visible = record.visibleOn === hostname();
      const runs = visible ? await endServiceRuns(record.host) : 0;
      state.quietFromMs = runs > 0 ? undefined : (state.quietFromMs ?? waitedMs);
      if (!visible && waitedMs - state.sentAtMs >= machinePauseMs) {
        state.sentAtMs = waitedMs;
        await endMachineRuns(record.program, record.host, record);
      }
      const containers = runs > 0 ? undefined : await containersOf(file, record);
      if (containers === 0) return true;
      if (visible) return state.quietFromMs !== undefined && waitedMs - state.quietFromMs >= quietMs;
      // No build takes longer, so what is still there was left by a service that was killed.
      return clock.now() - (await lastSignOf(file)) > record.timeoutMs;
    },
  };
}

/** Working containers that began while the client lived; undefined where the service does not answer. */
async function containersOf(file: string, record: ServiceRecord): Promise<number | undefined> {
  const podman = createPodman(record.program, { environment: record.environment });
  try {
    const [found, lastSign] = await Promise.all([podman.buildsUnderWay(), lastSignOf(file)]);
    const latest = (lastSign + skewMs) / 1000;
    return found.filter(({ id, created }) => created <= latest && !record.before.includes(id.slice(0, 12)))
      .length;
  } catch {
    return undefined;
  }
}

async function lastSignOf(file: string): Promise<number> {
  return (await lstat(file).catch(() => undefined))?.mtimeMs ?? 0;
}

async function writeRecord(file: string, record: ServiceRecord): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(JSON.stringify(record)).finally(() => handle.close());
  } catch (error) {
    throw writeError(error, `note a build in ${JSON.stringify(file)}`, file);
  }
}

async function readRecord(file: string): Promise<ServiceRecord | undefined> {
  const bytes = await readFileCapped(file, { limit: longestRecord, missing: 'NOT_FOUND' }).catch(
    () => undefined,
  );
  const record = objectOf(parseEngineJson(bytes && new TextDecoder().decode(bytes)));
  const program = textOf(record.program);
  const host = textOf(record.host);
  if (program === '' || parseBuildHostName(host) === undefined) return undefined;
  const environment = Object.fromEntries(
    Object.entries(objectOf(record.environment)).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string' && leading.test(pair[0]),
    ),
  );
  const timeoutMs = typeof record.timeoutMs === 'number' ? record.timeoutMs : 0;
  const visibleOn = textOf(record.visibleOn) || undefined;
  return { host, program, environment, before: textsOf(record.before), visibleOn, timeoutMs };
}
