import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface BlackHole extends AsyncDisposable {
  /** `127.0.0.1:PORT`; packets to it are dropped by the kernel, as by a firewall. */
  readonly host: string;
}

const listener = `
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => console.log(server.address().port));`;

/** A listener that is stopped in the middle, behind a full queue: Linux answers no further connection. */
export async function startBlackHole(): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', listener], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(String(line));
  child.kill('SIGSTOP');
  const sockets: Socket[] = [];
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    const connected = once(socket, 'connect').then(() => true);
    const dropped = new Promise<false>((resolve) => setTimeout(() => resolve(false), 200));
    if (!(await Promise.race([connected, dropped]))) break;
    if (sockets.length > 50) throw new Error('this system answers connections that nobody accepts');
  }
  return {
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
