import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrivateAuthority {
  /** The authority's own certificate, in PEM: what clients have to trust. */
  readonly ca: string;
  /** Key and certificate of a server at localhost and 127.0.0.1, signed by it. */
  readonly key: string;
  readonly cert: string;
}

/** An authority as companies have: nobody trusts it unless told to. */
export function privateAuthority(): PrivateAuthority {
  const directory = mkdtempSync(join(tmpdir(), 'bundles-ca-'));
  const path = (name: string) => join(directory, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe', cwd: directory });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl(
      ...['req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=private authority'],
      ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'],
      ...['-keyout', 'ca-key.pem', '-out', 'ca.pem'],
    );
    openssl('req', ...newKey, '-subj', '/CN=localhost', '-keyout', 'key.pem', '-out', 'request.pem');
    writeFileSync(path('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    openssl(
      ...['x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial'],
      ...['-days', '1', '-extfile', 'names', '-out', 'cert.pem'],
    );
    const read = (name: string) => readFileSync(path(name), 'utf8');
    return { ca: read('ca.pem'), key: read('key.pem'), cert: read('cert.pem') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
