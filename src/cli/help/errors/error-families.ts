import type { ErrorCode } from '../../../errors.js';
import { catalogErrors } from './catalog-errors.js';
import { contentErrors } from './content-errors.js';
import type { ErrorFamily, ErrorText } from './error-family.js';
import { machineErrors } from './machine-errors.js';
import { otherErrors } from './other-errors.js';
import { registryErrors } from './registry-errors.js';
import { serviceErrors } from './service-errors.js';
import { signatureErrors } from './signature-errors.js';
import { sourceErrors } from './source-errors.js';
import { storedContentErrors } from './stored-content-errors.js';
import { usageErrors } from './usage-errors.js';

/** In the order of the index; `npm run reference` writes docs/reference/errors/ from here. */
export const errorFamilies: readonly ErrorFamily[] = [
  usageErrors,
  contentErrors,
  registryErrors,
  sourceErrors,
  signatureErrors,
  catalogErrors,
  storedContentErrors,
  machineErrors,
  serviceErrors,
  otherErrors,
];

/** One for each code of `errorRows`. */
export const errorTexts: Readonly<Record<ErrorCode, ErrorText>> = {
  ...usageErrors.errors,
  ...contentErrors.errors,
  ...registryErrors.errors,
  ...sourceErrors.errors,
  ...signatureErrors.errors,
  ...catalogErrors.errors,
  ...storedContentErrors.errors,
  ...machineErrors.errors,
  ...serviceErrors.errors,
  ...otherErrors.errors,
};

/** Where the reference describes a code: the page below docs/, without `.md`. */
export function errorPage(code: ErrorCode): string {
  const family = errorFamilies.find(({ errors }) => code in errors);
  return `reference/errors/${family?.page ?? 'README'}`;
}
