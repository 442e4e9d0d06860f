import type { ErrorCode } from '../../errors.js';
import { environmentErrorTexts } from './environment-error-texts.js';
import type { ErrorText } from './error-text.js';
import { inputErrorTexts } from './input-error-texts.js';

/** One for each code of `errorRows`; `npm run reference` writes docs/errors.md from here. */
export const errorTexts: Readonly<Record<ErrorCode, ErrorText>> = {
  ...inputErrorTexts,
  ...environmentErrorTexts,
};
