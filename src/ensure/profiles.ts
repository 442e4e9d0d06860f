import type { OnDifferent } from '../publish/policy.js';

export const profileNames = ['pull-request', 'release', 'local', 'none'] as const;
/** The recipes: sets of settings with a name. */
export type ProfileName = (typeof profileNames)[number];

/** The settings that a profile represents. */
export interface ProfileSettings {
  readonly profile?: ProfileName | undefined;
  readonly push?: boolean | undefined;
  readonly fallback?: string | boolean | undefined;
  readonly onDifferent?: OnDifferent | undefined;
  readonly frozen?: boolean | undefined;
}

/**
 * The three usual ways to run `ensure`, and none of them.
 *
 * - `pull-request`: publishes nothing, and serves content that differs from the tag from the fallback.
 * - `release`: changes no committed file and accepts no fallback.
 * - `local`: publishes nothing.
 * - `none`: as without a profile, for callers that always name one.
 */
const profiles: Readonly<Record<ProfileName, ProfileSettings>> = {
  'pull-request': { push: false, onDifferent: 'fallback' },
  release: { frozen: true, fallback: false },
  local: { push: false },
  none: {},
};

/** The settings with those of their profile filled in where the caller chose nothing. */
export function applyProfile<Settings extends ProfileSettings>(settings: Settings): Settings {
  if (settings.profile === undefined) return settings;
  const chosen = Object.entries(settings).filter(([, value]) => value !== undefined);
  return { ...settings, ...profiles[settings.profile], ...Object.fromEntries(chosen) };
}
