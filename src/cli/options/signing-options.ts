import { signatureStorages } from '../../project/config/signature-storages.js';
import type { OptionRow } from '../command.js';

/** Of everything that demands a signature. */
export const trustedKeyOption: OptionRow = {
  flags: '--key <file>',
  summary: 'public key (PEM) of the required signature; if repeated, any of them',
  repeat: true,
};

/** Of everything that signs. */
export const signingKeyOption: OptionRow = {
  flags: '--key <file>',
  summary: 'private key (PEM) of generate-key-pair or cosign, or in PKCS8 or SEC1',
};

export const storageOption: OptionRow = {
  flags: '--signature-storage <form>',
  summary: 'store it as a referrer (cosign 3), at a tag (cosign 1 and 2), or both',
  choices: signatureStorages,
  usually: 'referrer',
};
