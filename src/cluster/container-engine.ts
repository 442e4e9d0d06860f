import type { CallOptions } from '../content/store.js';
import { ProgramError, runProgram } from '../process/run-program.js';
import {
  type ContainerNetwork,
  type InspectedContainer,
  parseContainers,
  parseNetworks,
} from './container-networks.js';

export interface ContainerEngineOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Programs to ask, in this order. Default docker, podman. */
  readonly programs?: readonly string[];
}

/** What the container engines of this machine run. */
export interface ContainerView {
  /** Running ones, of every engine. */
  readonly containers: readonly InspectedContainer[];
  /** A network by its name, from whichever engine knows it. */
  network(name: string, options?: CallOptions): Promise<ContainerNetwork | undefined>;
}

const longestInspection = 16 * 1024 * 1024;
const timeoutMs = 10_000;

/** Asks the engines that are installed and answer; one that does not has no containers. Changes nothing. */
export async function inspectContainers(
  { environment, programs = ['docker', 'podman'] }: ContainerEngineOptions,
  { signal }: CallOptions = {},
): Promise<ContainerView> {
  const ask = async (program: string, words: readonly string[]): Promise<string | undefined> => {
    try {
      const ran = await runProgram(program, words, {
        environment,
        timeoutMs,
        signal,
        longestOutput: longestInspection,
      });
      return ran.status === 0 ? ran.output : undefined;
    } catch (error) {
      if (error instanceof ProgramError) return undefined;
      throw error;
    }
  };
  const containersOf = async (program: string): Promise<readonly InspectedContainer[]> => {
    const ids = (await ask(program, ['ps', '--quiet']))?.split(/\s+/).filter((id) => id !== '') ?? [];
    if (ids.length === 0) return [];
    return parseContainers((await ask(program, ['inspect', ...ids])) ?? '');
  };
  const found = await Promise.all(programs.map(containersOf));
  return {
    containers: found.flat(),
    async network(name) {
      for (const program of programs) {
        const [network] = parseNetworks((await ask(program, ['network', 'inspect', name])) ?? '');
        if (network) return network;
      }
      return undefined;
    },
  };
}
