import { sampleEvent, sampleRegistration } from './catalog-samples.js';

/** What a catalog acknowledged under load. */
export interface Acknowledged {
  /** Names of workflows answered with 201. */
  readonly workflows: Set<string>;
  /** Ids of events answered with 201 or 202. */
  readonly events: Set<string>;
  /** Ids of those answered with 202. */
  readonly kept: Set<string>;
  /** Other statuses, and how often. */
  readonly refused: Map<number, number>;
}

export function nothingAcknowledged(): Acknowledged {
  return { workflows: new Set(), events: new Set(), kept: new Set(), refused: new Map() };
}

let counter = 0;

/**
 * Several clients that register workflows and record events as fast as they are answered, until the signal is aborted.
 * A connection that breaks ends nothing: the next request is another one.
 */
export async function loadCatalog(
  url: () => string,
  {
    acknowledged,
    signal,
    clients = 6,
    pauseMs = 0,
    workflows = true,
  }: {
    readonly acknowledged: Acknowledged;
    readonly signal: AbortSignal;
    readonly clients?: number;
    readonly pauseMs?: number;
    readonly workflows?: boolean;
  },
): Promise<void> {
  const client = async (index: number) => {
    while (!signal.aborted) {
      const registers = workflows && index % 2 === 0;
      const name = `load-${process.pid}-${++counter}`;
      const path = registers ? '/api/v1/workflows' : '/api/v1/audit/events';
      const body = registers
        ? sampleRegistration({ workflow_name: name })
        : sampleEvent({ correlation_id: name });
      try {
        const response = await fetch(`${url()}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        const answer = (await response.json()) as { event_id: string };
        if (registers && response.status === 201) acknowledged.workflows.add(name);
        else if (!registers && (response.status === 201 || response.status === 202)) {
          acknowledged.events.add(answer.event_id);
          if (response.status === 202) acknowledged.kept.add(answer.event_id);
        } else
          acknowledged.refused.set(response.status, (acknowledged.refused.get(response.status) ?? 0) + 1);
      } catch {
        await pause(20);
      }
      if (pauseMs > 0) await pause(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until nothing is kept aside any more. */
export async function untilReplayed(url: string, withinMs = 120_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (text.includes('\nbundles_catalog_spooled_entries 0\n')) return;
    await pause(200);
  }
  throw new Error('what was kept aside was not replayed in time');
}
