import { signatureStorages } from '../../project/config/signature-storages.js';
import type { OptionRow } from '../command.js';

/** Of everything that demands a signature. */
export const trustedKeyOption: OptionRow = {
  flags: '--key <file>',
  summary: 'public key (PEM) of which a valid signature is wanted; given several times, any of them',
  repeat: true,
};

/** Of everything that signs. */
export const signingKeyOption: OptionRow = {
  flags: '--key <file>',
  summary: 'private key (PEM): from generate-key-pair or cosign, or in PKCS8 or SEC1',
};

export const storageOption: OptionRow = {
  flags: '--signature-storage <form>',
  summary: 'as a referrer (cosign 3), at the tag sha256-….sig (cosign 1 and 2), or both',
  choices: signatureStorages,
  usually: 'referrer',
};
