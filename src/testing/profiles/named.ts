import type { Profile } from '../profile.js';
import { artifactory } from './artifactory.js';
import { distribution } from './distribution.js';
import { dockerhub } from './dockerhub.js';
import { ecr } from './ecr.js';
import { ghcr } from './ghcr.js';
import { gitlab } from './gitlab.js';
import { harbor } from './harbor.js';
import { quay } from './quay.js';
import { zot, zotCompat } from './zot.js';

/** The profiles by name. */
export const profiles = {
  quay,
  ecr,
  ghcr,
  dockerhub,
  harbor,
  gitlab,
  artifactory,
  distribution,
  zot,
  'zot-compat': zotCompat,
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof profiles;
