import type { EnsureEvent, OnEvent } from '../../ensure/events.js';
import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';
import { count, withShortDigests } from './amounts.js';
import { createPaint } from './terminal.js';
import { cutText } from './text-width.js';

/** Renders the events of a run on standard error. */
export interface Progress {
  readonly onEvent: OnEvent;
  /** Removes what was drawn for the moment only. */
  end(): void;
}

/** A counting line on a terminal; elsewhere a plain line for each thing worth one; nothing under --quiet. */
export function createProgress(
  context: Context,
  options: Omit<CommonOptions, 'output'> & { readonly debug?: boolean },
): Progress {
  if (options.quiet) return { onEvent: () => undefined, end: () => undefined };
  // Other lines would break into one that is drawn again and again.
  if (context.stderr.isTerminal && !context.environment.CI && !options.debug)
    return liveProgress(context, options);
  return { onEvent: (event) => plainLine(context, options, event), end: () => undefined };
}

function plainLine({ stderr }: Context, options: Omit<CommonOptions, 'output'>, event: EnsureEvent): void {
  const line = describe(event, options.verbose === true);
  if (line !== undefined) stderr.line(line);
}

function liveProgress(context: Context, options: Omit<CommonOptions, 'output'>): Progress {
  const paint = createPaint(context, 'stderr', options);
  let total = 0;
  let done = 0;
  let doing = '';
  const draw = () => {
    const line = cutText(`${done}/${total} ${withShortDigests(doing)}`, context.stderr.columns - 1);
    context.stderr.draw(paint('dim', line));
  };
  const clear = () => context.stderr.draw(undefined);
  return {
    onEvent: (event) => {
      if (event.type === 'started') total = event.bundles.length;
      else if (event.type === 'finished') done++;
      else doing = describe(event, true) ?? doing;
      if (event.type === 'audit-waiting') {
        context.stderr.line(describe(event, true) ?? '');
        return;
      }
      if (event.type === 'warning') {
        context.stderr.line(`${paint('yellow', 'warning:')} ${event.bundle}: ${event.message}`);
      }
      draw();
    },
    end: clear,
  };
}

function describe(event: EnsureEvent, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'started':
      return undefined;
    case 'built':
      return verbose
        ? `${event.bundle}: built ${event.digest} (${count(event.objects, 'object')})`
        : undefined;
    case 'verdict':
      return verbose
        ? `${event.bundle}: ${event.verdict}${event.reason ? ` (${event.reason})` : ''}`
        : undefined;
    case 'publishing':
      return `${event.bundle}: publishing to ${event.reference}`;
    case 'registered':
      return verbose ? `${event.bundle}: workflow ${event.workflow} ${event.action}` : undefined;
    case 'warning':
      return `warning: ${event.bundle}: ${event.message}`;
    case 'audit-waiting': {
      const { events, error } = event;
      const waiting = `${count(events, 'audit event')} ${events === 1 ? 'waits' : 'wait'} in the state directory for the next run`;
      return `warning: ${waiting}${error ? ` (${error.code}: ${error.message})` : ''}`;
    }
    case 'finished':
      return verbose
        ? `${event.bundle}: ${event.outcome}${event.reason ? ` (${event.reason})` : ''}`
        : undefined;
  }
}
