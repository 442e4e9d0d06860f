import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun } from '../program/run-cli.js';

export interface Containerd extends AsyncDisposable {
  ctr(...words: string[]): Promise<string>;
}

/** A containerd of its own below `directory`, without the plugin that Kubernetes needs; needs root. */
export async function startContainerd(
  programs: { readonly containerd: string; readonly ctr: string },
  directory: string,
): Promise<Containerd> {
  const at = (name: string) => join(directory, name);
  const [socket, config] = [at('containerd.sock'), at('containerd.toml')];
  const settings = [
    'version = 2',
    `root = "${at('containerd-root')}"`,
    `state = "${at('containerd-state')}"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    `address = "${socket}"`,
  ];
  writeFileSync(config, `${settings.join('\n')}\n`);
  const child: ChildProcess = spawn(programs.containerd, ['--config', config], { stdio: 'ignore' });
  for (let tries = 0; !existsSync(socket); tries++) {
    if (tries > 300 || child.exitCode !== null) throw new Error('containerd does not start');
    await sleep(100);
  }
  return {
    ctr: (...words) => mustRun(programs.ctr, ['--address', socket, ...words], { env: { HOME: directory } }),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
