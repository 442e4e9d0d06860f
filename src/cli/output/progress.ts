import type { EnsureEvent, OnEvent } from '../../ensure/events.js';
import { isCi } from '../../open/machine.js';
import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';
import { count } from './amounts.js';
import { createPaint } from './terminal.js';
import type { TextWait } from './waits.js';

/** Renders the events of a run on standard error. */
export interface Progress {
  readonly onEvent: OnEvent;
  /** Removes what was drawn for the moment only. */
  end(): void;
}

export interface ProgressOptions extends Omit<CommonOptions, 'output'> {
  readonly debug?: boolean;
}

/**
 * On a terminal: a count and what the run waits for. In a CI job, and with --verbose: a line for each notable event.
 * Elsewhere: warnings only, and nothing with --quiet.
 */
export function createProgress(context: Context, options: ProgressOptions): Progress {
  if (options.quiet) return { onEvent: () => undefined, end: () => undefined };
  // With --debug, requests are printed as separate lines.
  if (context.stderr.isTerminal && !isCi(context) && !options.debug) return liveProgress(context, options);
  const all = options.verbose === true || isCi(context);
  return {
    onEvent: (event) => {
      if (all || ['warning', 'audit-waiting', 'audit-refused'].includes(event.type))
        plainLine(context, options, event);
    },
    end: () => undefined,
  };
}

function plainLine({ stderr }: Context, options: ProgressOptions, event: EnsureEvent): void {
  const line = describe(event, options.verbose === true);
  if (line !== undefined) stderr.line(line);
}

function liveProgress(context: Context, options: ProgressOptions): Progress {
  const { stderr, waits } = context;
  const paint = createPaint(context, 'stderr', options);
  let total = 0;
  let done = 0;
  const open = new Set<string>();
  let wait: TextWait | undefined;
  return {
    onEvent: (event) => {
      if (event.type === 'started') {
        total = event.bundles.length;
        for (const name of event.bundles) open.add(name);
      } else if (event.type === 'finished') {
        done++;
        open.delete(event.bundle);
      }
      if (event.type === 'warning') {
        stderr.line(`${paint('yellow', 'warning:')} ${event.bundle}: ${event.message}`);
        return;
      }
      const text = describe(event, true);
      if (event.type === 'audit-waiting' || event.type === 'audit-refused') return stderr.line(text ?? '');
      if (options.verbose && text !== undefined) stderr.line(text);
      wait ??= waits.begin(workingOn(open));
      wait.say(workingOn(open));
      waits.head(`${done}/${total}`);
    },
    end() {
      wait?.end();
      wait = undefined;
      waits.head('');
    },
  };
}

/** The first of those that are not done yet. */
function workingOn(open: ReadonlySet<string>): string {
  const [first] = open;
  if (first === undefined) return 'writing what was found';
  return open.size === 1 ? `working on ${first}` : `working on ${first} and ${open.size - 1} more`;
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
    case 'audit-refused': {
      const { events, error } = event;
      const refused = `the catalog does not accept ${count(events, 'audit event')}, which ${events === 1 ? 'is' : 'are'} not sent again`;
      return `warning: ${refused}${error ? ` (${error.code}: ${error.message})` : ''}`;
    }
    case 'finished':
      return verbose
        ? `${event.bundle}: ${event.outcome}${event.reason ? ` (${event.reason})` : ''}`
        : undefined;
  }
}
