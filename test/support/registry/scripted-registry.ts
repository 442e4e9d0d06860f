import { sendTo } from '../../../src/http/serve/handler-transport.js';
import { createRegistryClient } from '../../../src/registry/client.js';
import type { RegistryClientOptions } from '../../../src/registry/connection/pipelines.js';
import type { RegistryError } from '../../../src/registry/registry-error.js';
import { createJumpingClock } from '../clocks/jumping-clock.js';
import { type Answerer, scriptedFetch } from './scripted-fetch.js';

export interface ScriptedOptions extends Partial<RegistryClientOptions> {
  readonly registry?: string;
}

/** A client before a registry that answers as the test specifies, with a clock that never makes anybody wait. */
export function openScripted(
  answer: Answerer,
  { registry = 'registry.example', ...options }: ScriptedOptions = {},
) {
  const { fetch, seen } = scriptedFetch(answer);
  const clock = createJumpingClock();
  const client = createRegistryClient({ send: sendTo(fetch), clock, random: () => 0.5, ...options });
  let counted = 0;
  const store = client.repository(
    { registry, repository: 'acme/hello' },
    { onRequest: () => void counted++ },
  );
  const lines = () => seen.map(({ line }) => line);
  return { store, client, seen, clock, lines, counted: () => counted };
}

/** What the promise fails with; a success is the test's failure. */
export async function failureOf(promise: Promise<unknown>): Promise<RegistryError> {
  return promise.then(
    () => {
      throw new Error('did not fail');
    },
    (error: RegistryError) => error,
  );
}
