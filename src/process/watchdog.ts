import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

export interface WatchdogOrder {
  /** Directories to remove once this process is gone. */
  readonly directories: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What cleans up after this process where it cannot do so itself. */
export interface Watchdog {
  /**
   * How to start a command that must not outlive this process: `program` and `words`, with `stdio` behind the first three
   * streams. It registers itself before it starts, so that no SIGKILL comes too early. With `group`, all of its process
   * group is guarded, and it must be started as the leader of one.
   */
  guarded(command: readonly string[], options: { readonly group: boolean }): GuardedCommand;
  /** Called when everything is in order: nothing is cleaned up any more. Waits for its end. */
  dismiss(): Promise<void>;
}

export interface GuardedCommand {
  readonly program: string;
  readonly words: readonly string[];
  readonly stdio: readonly Writable[];
}

/**
 * A small shell that waits for the end of this process, by SIGKILL too: its input ends then. It kills what it guards
 * and removes the directories. Its lines are `guard TARGET` and `dismiss`; everything else comes as arguments.
 */
const script = `
targets=
while read -r word target; do
  case $word in
    guard) targets="$targets $target" ;;
    dismiss) exit 0 ;;
  esac
done
for target in $targets; do kill -KILL "$target" 2>/dev/null; done
rm -rf -- "$@"
`;

/** Becomes the command after it has sent the watchdog its process or, as `-`, its group. */
const register = 'echo "guard $1$$" >&3; exec 3>&-; shift; exec "$@"';

/** Starts a watchdog. Where there is no \`sh\`, nothing watches. */
export function startWatchdog({ directories, environment }: WatchdogOrder): Watchdog {
  const shell = spawn('sh', ['-c', script, 'bundles-watchdog', ...directories], {
    // `rm` is where every POSIX system has it, whatever the PATH.
    env: { PATH: [environment.PATH, '/usr/bin', '/bin'].filter(Boolean).join(':') },
    // In a separate session, so that a signal that ends this process does not end it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  });
  let gone = false;
  const exit = once(shell, 'exit').then(
    () => undefined,
    () => undefined,
  );
  void exit.then(() => {
    gone = true;
  });
  shell.stdin.on('error', () => undefined);
  return {
    guarded([program = '', ...words], { group }) {
      if (gone) return { program, words, stdio: [] };
      const registering = ['-c', register, 'bundles-guarded', group ? '-' : '', program, ...words];
      return { program: '/bin/sh', words: registering, stdio: [shell.stdin] };
    },
    async dismiss() {
      if (gone) return;
      shell.stdin.end('dismiss\n');
      await exit;
    },
  };
}
