import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { mustRun, run } from '../support/program/run-cli.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('docker-registry', 'skopeo');
/** For the password `s3cret-pass`. */
const htpasswd = 'robot:$2y$04$pHa4eLmRV0Ay75SnoBwd2ufG9fmGJlMMEaWU3K6DFBW1BgfqcedYu\n';

test.skipIf(peers === undefined)(
  'docker-registry distinguishes the right password from a wrong one at login',
  async () => {
    await using registry = await startDockerRegistry({ htpasswd });
    await using directory = tempDir();
    const home = directory.path;
    const words = ['login', registry.host, '-u', 'robot', '--password-stdin'];
    const wrong = await runInProcess(words, { home, input: 'wrong-pass\n' });
    expect([wrong.code, existsSync(join(home, '.docker'))]).toEqual([5, false]);
    await registry.forget();
    const right = await runInProcess(words, { home, input: 's3cret-pass\n' });
    expect([right.code, right.stderr]).toEqual([0, '']);
    const asked = (await registry.requests()).map(
      ({ method, path, status }) => `${method} ${path} ${status}`,
    );
    expect(asked).toEqual(['GET /v2/ 401', 'GET /v2/ 200']);
    await using project = sampleProject({ repository: `${registry.host}/acme` });
    const { bundle } = await runJson(['ensure', '--config', project.config], { home });
    expect([bundle.verdict, bundle.outcome]).toEqual(['absent', 'published']);
  },
);

test.skipIf(peers === undefined)(
  'skopeo reads what login keeps, and logout removes what skopeo keeps',
  async () => {
    await using registry = await startDockerRegistry({ htpasswd });
    await using directory = tempDir();
    const home = directory.path;
    const file = join(home, '.docker', 'config.json');
    const options = { home, input: 's3cret-pass' };
    await runInProcess(['login', registry.host, '-u', 'robot', '--password-stdin'], options);
    const env = { HOME: home, XDG_RUNTIME_DIR: join(home, 'run') };
    const who = await mustRun('skopeo', ['login', '--get-login', '--authfile', file, registry.host], { env });
    expect(who.trim()).toBe('robot');
    expect((await runInProcess(['logout', registry.host], { home })).stdout).toContain('logged out');
    expect(
      (await run('skopeo', ['login', '--get-login', '--authfile', file, registry.host], { env })).code,
    ).not.toBe(0);
    const login = [
      'login',
      '--authfile',
      file,
      '-u',
      'robot',
      '--password-stdin',
      '--tls-verify=false',
      registry.host,
    ];
    await mustRun('skopeo', login, { env, input: 's3cret-pass' });
    await using project = sampleProject({ repository: `${registry.host}/acme` });
    const words = ['ensure', '--config', project.config];
    expect((await runJson(words, { home })).bundle.outcome).toBe('published');
    expect((await runInProcess(['logout', registry.host], { home })).stdout).toContain('logged out');
    expect((await runJson([...words, '--no-push'], { home })).bundle.verdict).toBe('denied');
  },
);
