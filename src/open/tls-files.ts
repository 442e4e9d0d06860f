import { BundlesError, type ErrorCode } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import type { TlsSettings } from '../http/connect/agents.js';
import type { NetworkOptions } from './network-options.js';

const longestFile = 4 * 1024 * 1024;
const block = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** The certificates of a PEM file; Node itself would pass over what is none. @throws `code`, NOT_READABLE */
export async function readAuthorities(
  file: string,
  { code, signal }: { readonly code: ErrorCode; readonly signal: AbortSignal },
): Promise<string> {
  const text = await readText(file, { code, signal });
  const found = text.match(block) ?? [];
  if (found.length === 0) throw unusable(file, { code, why: 'it contains no certificate in PEM form' });
  const { X509Certificate } = await import('node:crypto');
  for (const [index, pem] of found.entries()) {
    try {
      new X509Certificate(pem);
    } catch (cause) {
      throw unusable(file, { code, why: `its certificate ${index + 1} is none`, cause });
    }
  }
  return found.join('\n');
}

/** What --cert-file and --key-file name; undefined without them. @throws USAGE, NOT_READABLE */
export async function readClientCertificate(
  { certFile, keyFile }: NetworkOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<Pick<TlsSettings, 'cert' | 'key'> | undefined> {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw new BundlesError('USAGE', 'Cannot use --cert-file or --key-file alone: the other one is missing', {
      hint: 'A certificate needs its key: name both files',
    });
  }
  const [cert, key] = await Promise.all(
    [certFile, keyFile].map((file) => readText(file, { code: 'USAGE', signal })),
  );
  const { createSecureContext } = await import('node:tls');
  const pair = { cert: cert ?? '', key: key ?? '' };
  try {
    createSecureContext(pair);
  } catch {
    // No cause: what the library states may quote the file.
    throw unusable(certFile, {
      code: 'USAGE',
      why: `it and the key in ${JSON.stringify(keyFile)} do not fit`,
    });
  }
  return pair;
}

async function readText(
  file: string,
  { code, signal }: { readonly code: ErrorCode; readonly signal: AbortSignal },
): Promise<string> {
  const missingHint = 'Correct the path of the PEM file, or leave it out';
  const bytes = await readFileCapped(file, {
    ...{ limit: longestFile, missing: code, missingHint },
    ...{ tooLarge: code, signal },
  });
  return new TextDecoder().decode(bytes);
}

function unusable(
  file: string,
  { code, why, cause }: { readonly code: ErrorCode; readonly why: string; readonly cause?: unknown },
): BundlesError {
  return new BundlesError(code, `Cannot use the certificates of ${JSON.stringify(file)}: ${why}`, {
    hint: 'Expected PEM: lines between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----, and a key without a passphrase',
    details: { path: file },
    cause,
  });
}
