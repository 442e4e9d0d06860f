import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (style: Style, text: string) => string;

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Colours for one stream: only on a terminal, never under NO_COLOR or --no-color, always under FORCE_COLOR. */
export function createPaint(
  context: Context,
  stream: 'stdout' | 'stderr',
  { color }: Pick<CommonOptions, 'color'>,
): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = context.environment;
  const wanted = color !== false && !NO_COLOR && TERM !== 'dumb';
  const able = context[stream].isTerminal || (FORCE_COLOR !== undefined && FORCE_COLOR !== '0');
  if (!wanted || !able) return (_, text) => text;
  return (style, text) => `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m`;
}
