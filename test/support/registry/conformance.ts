import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const suite = 'github.com/opencontainers/distribution-spec/conformance';
/** The suite has no releases of its own: a commit of its main branch, after v1.1.1 of the specification. */
const version = 'v0.0.0-20260831232431-97274622c111';

/**
 * The OCI conformance suite, built by Go from its module at a pinned version, or undefined after a loud notice where
 * there is no Go; with CI=true that is an error.
 */
export function findConformanceSuite(): string | undefined {
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME ? join(homedir(), '.cache') : tmpdir());
  const directory = join(base, 'tekton-bundles', `conformance-${version}`);
  const program = join(directory, 'conformance');
  if (existsSync(program)) return program;
  const partial = join(directory, `build-${process.pid}`);
  mkdirSync(partial, { recursive: true });
  try {
    execFileSync('go', ['install', `${suite}@${version}`], {
      env: { ...process.env, GOBIN: partial, GOTOOLCHAIN: 'local', GOFLAGS: '-trimpath -buildvcs=false' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (cause) {
    if (process.env.CI === 'true') throw new Error('cannot build the OCI conformance suite', { cause });
    console.warn('SKIPPED: the OCI conformance suite needs Go 1.24 or later and the Go module proxy');
    return undefined;
  }
  renameSync(join(partial, 'conformance'), program);
  return program;
}

export interface ConformanceResult {
  readonly counts: Readonly<Record<'pass' | 'skip' | 'fail' | 'error' | 'disabled' | 'total', number>>;
  /** Names of cases that neither passed nor were switched off. */
  readonly skipped: readonly string[];
  readonly failed: readonly string[];
  /** The first line of its JUnit report. */
  readonly junit: string;
}

/** Runs every API and data test of version 1.1 of the specification, the optional ones too, and the tag parameters of the next. */
export async function runConformanceSuite(
  program: string,
  { host, directory }: { readonly host: string; readonly directory: string },
): Promise<ConformanceResult> {
  const child = spawn(program, {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      OCI_VERSION: '1.1',
      OCI_REGISTRY: host,
      OCI_TLS: 'disabled',
      OCI_RESULTS_DIR: directory,
      OCI_API_BLOBS_DIGEST_HEADER: 'true',
      OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
      OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
      OCI_API_MANIFESTS_TAG_PARAM: 'true',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const piece of child.stdout) output += piece;
  const lines = output.split('\n');
  const named = (status: string) =>
    lines.flatMap((line) => (line.endsWith(`: ${status}`) && line.includes('/') ? [line.trim()] : []));
  const count = (name: string) =>
    Number(new RegExp(`^ +${name}\\.+: +(\\d+)$`, 'm').exec(output)?.[1] ?? Number.NaN);
  return {
    counts: {
      pass: count('Pass'),
      skip: count('Skip'),
      fail: count('FAIL'),
      error: count('Error'),
      disabled: count('Disabled'),
      total: count('Total'),
    },
    skipped: named('Skip'),
    failed: [...named('FAIL'), ...named('Error')],
    junit: readFileSync(join(directory, 'junit.xml'), 'utf8').split('\n', 1)[0] ?? '',
  };
}
