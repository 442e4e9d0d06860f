import type { ConfigNode } from '../../yaml-file/config-node.js';
import type { RegistrySettings } from '../project.js';
import { type ImageSpec, parseImages } from './parse-images.js';
import { type LintSettings, parseLint } from './parse-lint.js';
import { parseRegistries } from './parse-registries.js';
import { parseSigning, type SigningSettings } from './parse-signing.js';

/** The sections that few files have. Their code is loaded for those alone. */
export interface RareSections {
  readonly lint: LintSettings;
  readonly images: readonly ImageSpec[];
  readonly signing: SigningSettings;
  readonly registries: ReadonlyMap<string, RegistrySettings>;
}

export function parseRare(nodes: Readonly<Record<keyof RareSections, ConfigNode>>): RareSections {
  return {
    lint: parseLint(nodes.lint),
    images: parseImages(nodes.images),
    signing: parseSigning(nodes.signing),
    registries: parseRegistries(nodes.registries),
  };
}
