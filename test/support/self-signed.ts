import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Without it nothing here works; who needs it skips, loudly. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface SelfSignedOptions {
  /** Default `DNS:localhost,IP:127.0.0.1`. */
  readonly names?: string;
  /** For how long it holds; a negative number: it has expired. Default 1. */
  readonly days?: number;
}

/** A key and a certificate, by default for localhost, that no authority has signed. */
export function selfSigned({ names = 'DNS:localhost,IP:127.0.0.1', days = 1 }: SelfSignedOptions = {}): {
  readonly key: string;
  readonly cert: string;
} {
  const directory = mkdtempSync(join(tmpdir(), 'bundles-cert-'));
  const path = (name: string) => join(directory, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe', cwd: directory });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl('req', '-new', ...newKey, '-subj', '/CN=localhost', '-keyout', 'key.pem', '-out', 'request.pem');
    // With key identifiers, as authorities write them: by its subject alone one is taken for another.
    const extensions = [
      'subjectKeyIdentifier=hash',
      'authorityKeyIdentifier=keyid:always',
      'basicConstraints=CA:TRUE',
    ];
    writeFileSync(path('extensions'), `${[`subjectAltName=${names}`, ...extensions].join('\n')}\n`);
    openssl(
      ...['x509', '-req', '-in', 'request.pem', '-signkey', 'key.pem', '-days', String(days)],
      ...['-extfile', 'extensions', '-out', 'cert.pem'],
    );
    return { key: readFileSync(path('key.pem'), 'utf8'), cert: readFileSync(path('cert.pem'), 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
