import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

export interface SpawnedServer {
  /** Kills it. */
  stop(): Promise<void>;
}

/** Starts a program that serves on a loopback port, and waits until it accepts connections there. */
export async function spawnServer(
  program: string,
  words: readonly string[],
  port: number,
): Promise<SpawnedServer> {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const messages: string[] = [];
  child.stderr.on('data', (text: Buffer) => messages.length < 50 && messages.push(String(text)));
  const ended = once(child, 'exit');
  const failed = () => new Error(`${program} does not start: ${messages.join('')}`);
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (tries > 2_400 || child.exitCode !== null) throw failed();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  // Another program may have taken the port in the meantime.
  if (child.exitCode !== null) throw failed();
  return {
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
