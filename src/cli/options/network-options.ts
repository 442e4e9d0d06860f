import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect } from './common-options.js';

/** Adds the options of everything that asks a registry. */
export function addNetworkOptions(command: Command): Command {
  return command
    .addOption(plainHttpOption())
    .option('--ca-file <file>', 'certificate authorities (PEM) to trust too; may be repeated', collect)
    .option('--cert-file <file>', 'certificate (PEM) that tells registries who we are; with --key-file')
    .option('--key-file <file>', 'private key (PEM) of --cert-file')
    .option(
      '--insecure-skip-tls-verify <host>',
      'registry host whose certificate is not checked; may be repeated; every run warns',
      collect,
    )
    .option(
      '--trust-registry <host>',
      'use what bundles.yaml says of this registry with a credential too (BUNDLES_TRUST_REGISTRY)',
      collect,
    )
    .option(
      '--ci-credentials',
      'use GITHUB_TOKEN for ghcr.io, and CI_REGISTRY_USER and _PASSWORD for CI_REGISTRY',
    )
    .option(
      '--timeout <seconds>',
      'longest wait for an answer, and for a host to recover (default 40)',
      seconds,
    )
    .option(
      '--connect-timeout <seconds>',
      'longest wait for a connection, TLS included (default 10)',
      seconds,
    )
    .option('--max-requests <number>', 'stop before sending more requests than this', whole)
    .addOption(debugOption());
}

/** Of every command that sends requests. */
export function debugOption(): Option {
  return new Option(
    '--debug',
    'print each request and its answer on standard error, with headers and without secrets',
  );
}

/** Hosts that may be spoken to without TLS. */
export function plainHttpOption(): Option {
  return new Option(
    '--plain-http <host>',
    'registry host to reach by plain http; may be repeated; loopback hosts need none',
  ).argParser(collect);
}

function seconds(text: string): number {
  const number = /^\d{1,5}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (number > 0 && number <= 86_400) return number;
  throw new InvalidArgumentError('wanted seconds, more than 0 and at most 86400.');
}

function whole(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('wanted a whole number from 1.');
}
