import type { Reference } from '../oci/reference.js';
import type { ActionTypeDeclaration, WorkflowDeclaration } from '../workflow/declaration.js';
import type { SchemaFormat } from '../workflow/schema-document.js';
import type { ImageSpec } from './config/parse-images.js';
import type { LintSettings } from './config/parse-lint.js';
import type { SigningSettings } from './config/parse-signing.js';
import type { WorkflowSpec } from './config/parse-workflows.js';
import type { Match } from './discover/find-matches.js';

/** `ci`: only in a CI job, or if the caller requests it. */
export const publishChoices = ['auto', 'ci', 'never'] as const;
export type PublishChoice = (typeof publishChoices)[number];

/** What a bundles.yaml declares, defaults filled in, overrides of the run applied. */
export interface Project {
  /** The path it was read from, as given. */
  readonly file: string;
  /** The directory of `file`, as given; declared paths are relative to it. */
  readonly directory: string;
  /** Tags put after the fixed one, by digest. */
  readonly moving: readonly string[];
  readonly publish: PublishChoice;
  readonly fallback: Fallback;
  readonly schemas: SchemaSettings;
  /** Those whose documents the project writes, sorted by name. */
  readonly actionTypes: readonly ActionTypeDeclaration[];
  readonly catalog: Catalog;
  /** Outcomes become audit events of the catalog. */
  readonly audit: boolean;
  /** How registries are reached, by host in lower case (`docker.io` for Docker Hub). */
  readonly registries: ReadonlyMap<string, RegistrySettings>;
  /** Sorted by name. */
  readonly bundles: readonly BundleSpec[];
  /** Service images, sorted by name. */
  readonly images: readonly ImageSpec[];
  /** Those declared by themselves, sorted by name; a bundle's own is part of the bundle. */
  readonly workflows: readonly WorkflowSpec[];
  /** What the cluster takes, and rules that are not wanted. */
  readonly lint: LintSettings;
  /** How bundles are signed, where a run signs. */
  readonly signing: SigningSettings;
  /** True where the run gave a repository or a tag: the committed lock is not to be written then. */
  readonly overridden: boolean;
}

/** Where bundles are served when the declared registry cannot serve them. */
export type Fallback =
  | { readonly kind: 'none' }
  | { readonly kind: 'embedded' }
  | {
      readonly kind: 'registry';
      /** Host and optional path; bundle NAME lies at `registry`/NAME. */
      readonly registry: string;
      /** The same place as the cluster names it, where that differs. */
      readonly clusterReference: string | undefined;
    };

export interface SchemaSettings {
  /** Relative to the project's directory, with `/`. */
  readonly directory: string;
  readonly format: SchemaFormat | 'none';
}

export interface RegistrySettings {
  /** It has no TLS. */
  readonly plainHttp: boolean;
  /** A file of certificate authorities, relative to the project's directory, with `/`. */
  readonly caFile: string | undefined;
  /** Asked first for what is read by digest: hosts, each with an optional path below which repositories lie. */
  readonly mirrors: readonly string[];
  /** Its certificate is not looked at. */
  readonly insecureSkipTlsVerify: boolean;
  /** HTTP/2 is offered to it. */
  readonly http2: boolean;
}

/** Where workflows are registered. */
export type Catalog =
  | { readonly kind: 'none' }
  /** Of the state directory. */
  | { readonly kind: 'embedded' }
  | {
      readonly kind: 'data-storage';
      readonly url: string;
      readonly api: '2026-01';
      /** Put before the version of a workflow. */
      readonly versionPrefix: '' | 'v';
    }
  | {
      readonly kind: 'kubernetes';
      /** Of the kubeconfig; undefined for the current one. */
      readonly context: string | undefined;
      /** Undefined for that of the context. */
      readonly namespace: string | undefined;
      /** `none`: the status is written as the admission webhook of kubernaut would, for tests. */
      readonly webhook: 'none' | undefined;
    }
  | {
      readonly kind: 'manifests';
      /** Relative to the project's directory, with `/`. */
      readonly directory: string;
    };

/** One bundle, declared or discovered. */
export interface BundleSpec {
  readonly name: string;
  /** Canonical: registry, repository, tag; never a digest. */
  readonly reference: Reference & { readonly tag: string };
  /** Files, directories and globs as declared, relative to the project's directory. */
  readonly files: readonly string[];
  /** Of the manifest. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Of the config. */
  readonly labels: Readonly<Record<string, string>>;
  /** True where images that the sources name by tag are pinned by digest in the built bundle. */
  readonly pin: boolean;
  readonly workflow: WorkflowDeclaration | undefined;
  /** The path at which `discover` found it; undefined for one that only `bundles` declares. */
  readonly discovered: Match | undefined;
}

/** Values a run gives instead of those in the file, from flags or the environment. */
export interface ProjectOverrides {
  readonly repository?: string | undefined;
  readonly tag?: string | undefined;
  readonly fallback?: string | undefined;
  readonly catalog?: string | undefined;
}
