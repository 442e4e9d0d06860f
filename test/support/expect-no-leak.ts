import { expect } from 'vitest';
import type { SeenRequest } from '../../src/testing/faulty-registry.js';
import type { Profile } from '../../src/testing/profile.js';

/** Where the profiles' token services are asked. */
export const tokenPath = /^\/(?:token|v2\/auth|jwt\/auth|service\/token)\?/;

const bearerProfiles = new Set<unknown>(['quay', 'ghcr', 'dockerhub', 'harbor', 'gitlab']);
/** Their token service is on another host, and that is right. */
const tokensElsewhere = new Set<unknown>(['dockerhub', 'gitlab']);

/** By the requests seen: only the token service gets a credential, and only the registry's own origin a token. */
export function expectNoLeak(
  requests: readonly SeenRequest[],
  {
    origin: home,
    profile: given,
  }: { readonly origin: string; readonly profile?: string | Profile | undefined },
): void {
  const profile = typeof given === 'object' ? given.name : given;
  for (const { origin, path, query, authorization, headers } of requests) {
    const at = `${origin}${path}`;
    expect([at, headers.includes('cookie')]).toEqual([at, false]);
    if (authorization === undefined) continue;
    const isToken = tokenPath.test(`${path}${query}`);
    if (origin === home) {
      const wanted = bearerProfiles.has(profile) && !isToken ? 'Bearer' : 'Basic';
      expect([at, authorization]).toEqual([at, wanted]);
    } else {
      const found = [at, isToken, authorization, tokensElsewhere.has(profile)];
      expect(found).toEqual([at, true, 'Basic', true]);
    }
  }
}
