import type { BuildSecret } from './build-inputs.js';

/** What is known of an image in an engine's store. */
export interface LocalImage {
  /** Hexadecimal, without `sha256:`. */
  readonly id: string;
  /** The digest of its manifest; empty if the engine does not report it. */
  readonly digest: string;
  /** Its references; none: dangling. */
  readonly names: readonly string[];
  /** `repository@digest` under which registries have it. */
  readonly repositoryDigests: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly created: number;
  /** Bytes. */
  readonly size: number;
  /** Without a name, and no other image is made from it. */
  readonly dangling: boolean;
}

/** The machine that builds: this one, or the one behind a socket. */
export interface EngineStatus {
  readonly version: string;
  /** True where it works on another machine, such as podman's on a Mac. */
  readonly remote: boolean;
  /** Of that machine; undefined where it is this one. */
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly freeDiskBytes: number | undefined;
  /** Directories of this machine that a build fills. */
  readonly directories: readonly string[];
  /** A directory of this machine with a directory for each container; undefined where there is none. */
  readonly containers: string | undefined;
  /** It is remote, and yet this machine: its processes can be seen and ended. */
  readonly visible: boolean;
}

/** What an image is made of. */
export interface ImageLayers {
  /** Of its layers, the lowest first: the sha256 of each. */
  readonly layers: readonly string[];
  /** The image that it was made from, where that is known; else empty. */
  readonly parent: string;
  readonly named: boolean;
  /** Bytes of each layer, where they are known. */
  readonly sizes: readonly number[] | undefined;
}

export interface WorkingContainer {
  readonly id: string;
  /** Seconds since 1970; infinity if the engine does not report it. */
  readonly created: number;
}

export interface BuildRequest {
  /** A directory. */
  readonly context: string;
  /** Files of this run: what is built by, what is left out, and where the id is written. */
  readonly containerfile: string;
  readonly ignoreFile: string;
  readonly idFile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly secrets: readonly BuildSecret[];
  /** Repositories of layers, without a tag. */
  readonly cacheFrom: string | undefined;
  readonly cacheTo: string | undefined;
  /** Of each step. */
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** At least one. */
  readonly platforms: readonly string[];
  /** The stage to build; undefined: the last. */
  readonly target: string | undefined;
  /** The name of the list that several platforms make. */
  readonly list: string;
  /** All bases come from registries without TLS. */
  readonly plainHttp: boolean;
  /** A name in the /etc/hosts of everything that the build runs, which identifies its processes. */
  readonly host: string | undefined;
}

export interface ListMembers {
  readonly images: readonly LocalImage[];
  /** How many of them the store does not have. */
  readonly missing: number;
}

export interface PushOptions {
  readonly plainHttp: boolean;
  /** Its name is that of a list of images. */
  readonly list: boolean;
}

export interface PullOptions {
  readonly plainHttp: boolean;
  /** Default: that of the engine's machine. */
  readonly platform?: string | undefined;
}

/** A container engine by its command line. Each answers within a deadline. @throws ENGINE_FAILED and other codes of this machine */
export interface Engine {
  readonly name: 'podman' | 'buildah' | 'docker' | 'none';
  readonly program: string;
  /** Builds several platforms at once. */
  readonly lists: boolean;
  status(): Promise<EngineStatus>;
  /** The words of the command that builds. */
  build(request: BuildRequest): readonly string[];
  inspect(reference: string): Promise<LocalImage | undefined>;
  tag(source: string, reference: string): Promise<void>;
  pull(reference: string, options: PullOptions): Promise<void>;
  push(reference: string, options: PushOptions): Promise<void>;
  /** Writes a docker archive. */
  save(reference: string, file: string): Promise<void>;
  /** All images, dangling ones included. */
  images(): Promise<readonly LocalImage[]>;
  /** The images that a list (of several platforms) is made of; undefined where the name does not represent a list. */
  members(reference: string): Promise<ListMembers | undefined>;
  /** Takes away one name of a list; its images stay. One that is not there is fine. */
  removeList(name: string): Promise<void>;
  /** What images are made of, by their id; without those that the engine states nothing of. `sized`: those whose sizes are wanted. */
  layers(
    images: readonly LocalImage[],
    sized: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, ImageLayers>>;
  /** Digests of the images that lists in the store are made of: they have no names, and are needed. */
  listedDigests(): Promise<ReadonlySet<string>>;
  /** Containers of builds that seem to be under way, by whomever. */
  buildsUnderWay(): Promise<readonly WorkingContainer[]>;
  /** A working container of a build that is over. */
  removeContainer(id: string): Promise<void>;
  /** One name, or an image without names; never by force. */
  remove(nameOrId: string): Promise<void>;
}
