import type { OptionRow } from '../command.js';
import { InvalidValue } from './invalid-value.js';

/** Of every command that sends requests. */
export const debugOption: OptionRow = {
  flags: '--debug',
  summary: 'log each request and response on standard error, with headers and without secrets',
  group: 'connection',
};

/** The options of every command that sends requests to a registry. */
export const connectionOptions: readonly OptionRow[] = [
  {
    flags: '--plain-http <host>',
    summary: 'registry host without TLS; detected automatically on loopback',
    repeat: true,
  },
  { flags: '--ca-file <file>', summary: 'additional certificate authorities (PEM)', repeat: true },
  { flags: '--cert-file <file>', summary: 'client certificate (PEM); with --key-file' },
  { flags: '--key-file <file>', summary: 'private key (PEM) of --cert-file' },
  {
    flags: '--insecure-skip-tls-verify <host>',
    summary: 'registry host whose certificate is not verified; every run warns',
    repeat: true,
  },
  {
    flags: '--trust-registry <host>',
    summary: 'apply the settings of bundles.yaml for this registry even with a credential',
    variable: 'BUNDLES_TRUST_REGISTRY',
    repeat: true,
  },
  {
    flags: '--ci-credentials',
    summary: 'use GITHUB_TOKEN for ghcr.io, and CI_REGISTRY_USER and CI_REGISTRY_PASSWORD for CI_REGISTRY',
  },
  {
    flags: '--timeout <seconds>',
    summary: 'longest wait for a response, and for a host to recover',
    usually: '40',
    parse: seconds,
  },
  {
    flags: '--connect-timeout <seconds>',
    summary: 'longest wait for a connection, TLS included',
    usually: '10',
    parse: seconds,
  },
  { flags: '--max-requests <number>', summary: 'stop before sending more requests than this', parse: whole },
  debugOption,
].map((row: OptionRow): OptionRow => ({ ...row, group: 'connection' }));

function seconds(text: string): number {
  const number = /^\d{1,5}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (number > 0 && number <= 86_400) return number;
  throw new InvalidValue('seconds, more than 0 and at most 86400');
}

function whole(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidValue('a whole number from 1');
}
