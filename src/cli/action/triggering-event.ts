import { readFileCapped } from '../../fs/read-file-capped.js';

/** What started a workflow of GitHub, as far as it decides what a run may do. */
export interface TriggeringEvent {
  readonly name: string;
  /**
   * A pull request from a fork, or one with the permissions of the repository although its author does not have them.
   * GitHub gives jobs of forks no secrets and a read-only token.
   */
  readonly isFromStranger: boolean;
}

/** GitHub cuts what an event holds long before. */
const limit = 32 * 1024 * 1024;

/** By the variables and the file of the runner; whatever cannot be read there counts as the repository's own. */
export async function readTriggeringEvent(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<TriggeringEvent> {
  const { GITHUB_EVENT_NAME: name = '', GITHUB_EVENT_PATH: path } = environment;
  if (name === 'pull_request_target') return { name, isFromStranger: true };
  if (!/^pull_request/.test(name) || !path) return { name, isFromStranger: false };
  return { name, isFromStranger: isFromFork(await readEvent(path)) };
}

async function readEvent(path: string): Promise<unknown> {
  try {
    const bytes = await readFileCapped(path, { limit, missing: 'NOT_READABLE' });
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** The repository of a head may have been removed: then it is null. */
function isFromFork(event: unknown): boolean {
  const { pull_request: pull } = (event ?? {}) as {
    readonly pull_request?: { readonly head?: Side; readonly base?: Side };
  };
  const [head, base] = [pull?.head?.repo?.full_name, pull?.base?.repo?.full_name];
  return base !== undefined && head !== base;
}

interface Side {
  readonly repo?: { readonly full_name?: string } | null;
}
