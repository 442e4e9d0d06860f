import type { Credential } from './credential.js';
import { canonicalHost } from './credential-key.js';

/** What GitHub Actions and GitLab CI hand to their jobs, each for its own registry only. */
export function ciCredential(
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): Credential | undefined {
  const host = canonicalHost(registry);
  const { GITHUB_TOKEN, GITHUB_ACTOR, CI_REGISTRY, CI_REGISTRY_USER, CI_REGISTRY_PASSWORD } = environment;
  if (host === 'ghcr.io' && GITHUB_TOKEN) {
    const username = GITHUB_ACTOR || 'x-access-token';
    return { kind: 'basic', username, password: GITHUB_TOKEN, source: 'GITHUB_TOKEN' };
  }
  if (CI_REGISTRY && canonicalHost(CI_REGISTRY) === host && CI_REGISTRY_USER && CI_REGISTRY_PASSWORD) {
    return {
      kind: 'basic',
      username: CI_REGISTRY_USER,
      password: CI_REGISTRY_PASSWORD,
      source: 'CI_REGISTRY_PASSWORD',
    };
  }
  return undefined;
}
