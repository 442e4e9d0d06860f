import { inspect } from 'node:util';
import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';
import type { Paint, Screen } from './screen.js';

type Stream = 'stdout' | 'stderr';
type Colour = Pick<CommonOptions, 'color'>;

export function createScreen(context: Context, stream: Stream, options: Colour): Screen {
  const { isTerminal, columns } = context[stream];
  return {
    paint: createPaint(context, stream, options),
    clean: context[stream].clean,
    width: isTerminal ? Math.max(columns, 40) : Number.POSITIVE_INFINITY,
    unicode: !isTerminal || showsUnicode(context.environment),
  };
}

/** Colours for one stream: only on a terminal, never under NO_COLOR or --no-color, always under FORCE_COLOR. */
export function createPaint(context: Context, stream: Stream, { color }: Colour): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = context.environment;
  const wanted = color !== false && !NO_COLOR && TERM !== 'dumb';
  const able = context[stream].isTerminal || (FORCE_COLOR !== undefined && FORCE_COLOR !== '0');
  if (!wanted || !able) return (_, text) => text;
  const mark = context[stream].style;
  return (style, text) => {
    const [start, end] = inspect.colors[style] ?? [0, 0];
    return `${mark(start)}${text}${mark(end)}`;
  };
}

/** By the locale's variables in the order in which they count; without any, UTF-8. */
function showsUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: Context['environment']): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG || 'UTF-8';
  return TERM !== 'dumb' && /utf-?8/i.test(locale);
}
