import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cliPath, mustRun } from '../../test/support/program/run-cli.js';
import type { BenchProject } from './write-project.js';

const accept = 'application/vnd.docker.distribution.manifest.v2+json';
const patience = { timeoutMs: 600_000 };

/** Median time of a start: of Node with these arguments, or of our command line with one option. */
export async function start(what: readonly string[] | string, times: number): Promise<number> {
  const args = typeof what === 'string' ? [cliPath, what] : what;
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    took.push((await timed(() => mustRun(process.execPath, args))).milliseconds);
  }
  return took.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}

/** `bundles ensure` in the project, without a fallback that would hide a failure; its peak memory is read from Linux. */
export async function ensure(project: BenchProject): Promise<{ milliseconds: number; peakMiB: number }> {
  let peakMiB = 0;
  const { milliseconds } = await timed(async () => {
    const child = spawn(process.execPath, [cliPath, 'ensure', '--quiet', '--no-fallback'], {
      cwd: project.directory,
      env: { PATH: process.env.PATH, HOME: project.directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = text(child.stdout);
    const watch = setInterval(() => {
      peakMiB = Math.max(peakMiB, peakMemory(child.pid));
    }, 20);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    clearInterval(watch);
    if (code !== 0) throw new Error(`bundles ensure: exit ${code}\n${await output}`);
  });
  return { milliseconds, peakMiB };
}

/** What the network alone costs: all tags asked at once over kept connections. */
export async function curlHeads({ directory, repository, tag, names }: BenchProject): Promise<Timed> {
  const [, host, path] = /^([^/]+)\/(.+)$/.exec(repository)!;
  const settings = join(directory, 'curl.conf');
  const urls = names.map(
    (name) => `url = "http://${host}/v2/${path}/${name}/manifests/${tag}"\noutput = /dev/null\n`,
  );
  writeFileSync(settings, `header = "accept: ${accept}"\n${urls.join('')}`);
  return await timed(() => mustRun('curl', ['-sS', '-f', '-I', '--parallel', '-K', settings], patience));
}

/** What a loop needs where the registry speaks TLS, or wants a credential. */
export interface Trust {
  /** File of the authority that is trusted. */
  readonly ca?: string;
  /** Directory of docker's config.json. */
  readonly config?: string;
}

/** The check that people write in shell today, for the first `part` bundles. */
export async function skopeoLoop(
  { repository, tag, names }: BenchProject,
  part: number,
  { config }: Trust = {},
): Promise<Timed> {
  const login = config === undefined ? '' : `--authfile '${join(config, 'config.json')}'`;
  const script = `for ref in "$@"; do skopeo inspect --raw --tls-verify=false ${login} "docker://$ref" >/dev/null; done`;
  const references = names.slice(0, part).map((name) => `${repository}/${name}:${tag}`);
  return await timed(() => mustRun('sh', ['-ec', script, 'sh', ...references], patience));
}

/** Pushing everything always, as people do today, for the first `part` bundles. */
export async function tknLoop(
  { directory, repository, tag, names }: BenchProject,
  {
    part,
    tkn,
    home,
    ca,
    config,
  }: Trust & { readonly part: number; readonly tkn: string; readonly home: string },
): Promise<Timed> {
  const script =
    'for name in "$@"; do "$TKN" bundle push "$TO/$name:$TAG" -f "$name.yaml" >/dev/null 2>&1; done';
  const env = {
    TKN: tkn,
    TO: `${repository}-tkn`,
    TAG: tag,
    HOME: home,
    TZ: 'UTC',
    SSL_CERT_FILE: ca,
    DOCKER_CONFIG: config,
  };
  return await timed(() =>
    mustRun('sh', ['-ec', script, 'sh', ...names.slice(0, part)], { ...patience, cwd: directory, env }),
  );
}

export interface Timed {
  readonly milliseconds: number;
}

async function timed(action: () => Promise<unknown>): Promise<Timed> {
  const started = performance.now();
  await action();
  return { milliseconds: performance.now() - started };
}

function peakMemory(pid: number | undefined): number {
  try {
    const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib ?? 0) / 1024;
  } catch {
    return 0;
  }
}
