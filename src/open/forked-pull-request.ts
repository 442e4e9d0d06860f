import { readFileCapped } from '../fs/read-file-capped.js';
import type { RunContext } from './machine.js';

const longestEvent = 32 * 1024 * 1024;

/** Whether this job of GitHub runs for a pull request from a fork, by the event that started it. */
export async function isForkedPullRequest({
  environment,
  signal,
}: Pick<RunContext, 'environment' | 'signal'>): Promise<boolean> {
  const { GITHUB_ACTIONS, GITHUB_EVENT_NAME, GITHUB_EVENT_PATH: path } = environment;
  if (GITHUB_ACTIONS !== 'true' || GITHUB_EVENT_NAME !== 'pull_request' || !path) return false;
  try {
    const bytes = await readFileCapped(path, { limit: longestEvent, missing: 'NOT_READABLE', signal });
    const { pull_request: request } = JSON.parse(new TextDecoder().decode(bytes));
    const [head, base] = [request?.head?.repo?.full_name, request?.base?.repo?.full_name];
    return typeof base === 'string' && head !== base;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
