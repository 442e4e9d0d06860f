import type { ConfigNode } from '../../yaml-file/config-node.js';
import type { RegistrySettings } from '../project.js';
import { type ImageSpec, parseImages } from './parse-images.js';
import { type LintSettings, parseLint } from './parse-lint.js';
import { parseRegistries } from './parse-registries.js';
import { parseSigning, type SigningSettings } from './parse-signing.js';
import { parseWorkflows, type WorkflowSpec, type WorkflowsContext } from './parse-workflows.js';

/** The sections that few files have. Their code is loaded for those alone. */
export interface RareSections {
  readonly lint: LintSettings;
  readonly images: readonly ImageSpec[];
  readonly signing: SigningSettings;
  readonly registries: ReadonlyMap<string, RegistrySettings>;
  readonly workflows: readonly WorkflowSpec[];
}

export function parseRare(
  nodes: Readonly<Record<keyof RareSections, ConfigNode>>,
  context: WorkflowsContext,
): RareSections {
  const images = parseImages(nodes.images);
  return {
    lint: parseLint(nodes.lint),
    images,
    signing: parseSigning(nodes.signing),
    registries: parseRegistries(nodes.registries),
    workflows: parseWorkflows(nodes.workflows, images, context),
  };
}
