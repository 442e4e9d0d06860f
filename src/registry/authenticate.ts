import { answerError } from './answer-error.js';
import { exchange } from './exchange.js';
import { RegistryError } from './registry-error.js';
import type { Wire } from './wire.js';

/**
 * Asks a registry's `/v2/` and answers its challenge, for no repository and without any right: a credential that is
 * refused is found out, and nothing is read or made.
 *
 * @throws RegistryError
 */
export async function authenticate(
  wire: Wire,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const doing = `Cannot log in to ${JSON.stringify(wire.registry)}`;
  await exchange(wire, { method: 'GET', to: '', doing, signal }, async (answer) => {
    const { method, status, headers, url } = answer;
    const page = /^text\/html/i.test(headers.get('content-type') ?? '');
    if (status !== 200) throw await answerError(answer, { doing, now: wire.clock.now() });
    await answer.discard();
    if (!page && answer.fromRegistry) return;
    throw new RegistryError(
      'REGISTRY_UNREACHABLE',
      `${doing}: ${JSON.stringify(url.host)} answered a page, wanted a registry`,
      {
        reason: 'not-a-registry',
        method,
        status,
      },
    );
  });
}
