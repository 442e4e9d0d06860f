import type { Clock } from '../../async/clock.js';
import type { ByteSource } from '../../bytes/byte-source.js';
import type { Send } from '../../http/message.js';
import type { Screen } from './screen.js';
import type { Progress, showWaits, Waiting } from './show-waits.js';

/** What this run waits for, shown on standard error: on a terminal after a while, in a CI job now and then. */
export interface Waits {
  /** From here on waits may be shown; before it, and where it is never called, nothing is. */
  start(settings: WaitSettings): void;
  /** Something other than a request is waited for from now on; its time starts again with each text. */
  begin(text: string): TextWait;
  /** The prefix, such as how many bundles are done. */
  head(text: string): void;
  /** Nothing is drawn while it is open, e.g. while a question waits for its answer. */
  hold(): { end(): void };
  /** Puts what is sent among the waits. */
  readonly watch: (send: Send) => Send;
  /** Removes what is drawn, for good. */
  stop(): void;
}

export interface WaitSettings {
  readonly clock: Clock;
  /** `spinner`: a line for the moment; `lines`: a plain line now and then. */
  readonly form: 'spinner' | 'lines';
  readonly screen: Screen;
}

export interface TextWait {
  /** `progress` is called each time it is drawn. */
  say(text: string, progress?: () => Progress | undefined): void;
  end(): void;
}

/** Where waits are drawn. */
export interface WaitSink {
  draw(line: string | undefined): void;
  line(text: string): void;
}

/** In milliseconds: how long it prints nothing, and how often it repeats. */
const times = { spinner: { first: 300, next: 100 }, lines: { first: 10_000, next: 30_000 } } as const;

export function createWaits(sink: WaitSink): Waits {
  const waiting = new Set<Waiting>();
  let settings: WaitSettings | undefined;
  let show: typeof showWaits | undefined;
  let callOff: (() => void) | undefined;
  let head = '';
  const past = { done: 0, total: 0 };
  let holds = 0;
  let frame = 0;

  function wake(): void {
    if (!settings || callOff || waiting.size === 0) return;
    callOff = settings.clock.alarm(times[settings.form].first, () => void tick());
  }
  async function tick(): Promise<void> {
    show ??= (await import('./show-waits.js')).showWaits;
    callOff = undefined;
    if (!settings || waiting.size === 0) return;
    const { clock, form, screen } = settings;
    if (holds === 0) {
      const line = show([...waiting], { now: clock.now(), frame: frame++, head, past, form, screen });
      if (form === 'spinner') sink.draw(line);
      else sink.line(line);
    }
    callOff = clock.alarm(times[form].next, () => void tick());
  }
  function rest(): void {
    if (!settings || waiting.size > 0) return;
    callOff?.();
    callOff = undefined;
    if (settings.form === 'spinner') sink.draw(undefined);
  }
  function add(wait: Waiting): () => void {
    waiting.add(wait);
    wake();
    return () => {
      if (!waiting.delete(wait)) return;
      past.done += wait.sent + wait.received;
      past.total += wait.sent + wait.received;
      rest();
    };
  }
  return {
    start(given) {
      settings = given;
      wake();
    },
    begin(text) {
      const since = settings?.clock.now() ?? 0;
      const wait: Waiting = { since, text, sent: 0, toSend: 0, received: 0, toReceive: 0 };
      const end = add(wait);
      return {
        end,
        say(next, progress) {
          wait.progress = progress;
          if (wait.text === next) return;
          wait.text = next;
          wait.since = settings?.clock.now() ?? 0;
        },
      };
    },
    head(text) {
      head = text;
    },
    hold() {
      holds++;
      if (settings?.form === 'spinner') sink.draw(undefined);
      let held = true;
      return {
        end() {
          if (held) holds--;
          held = false;
        },
      };
    },
    watch: (send) => (request) => {
      if (!settings) return send(request);
      const { method, url, body } = request;
      const wait: Waiting = {
        since: settings.clock.now(),
        request: { method, url },
        sent: 0,
        toSend: body?.byteLength ?? 0,
        received: 0,
        toReceive: 0,
      };
      const onBodyBytes = (bytes: number) => {
        wait.sent += bytes;
      };
      return watched(send({ ...request, onBodyBytes }), wait, add(wait));
    },
    stop() {
      waiting.clear();
      rest();
      settings = undefined;
    },
  };
}

/** A request is waited for until the whole of its answer is there, or is not wanted any more. */
async function watched(
  response: ReturnType<Send>,
  wait: Waiting,
  end: () => void,
): Promise<Awaited<ReturnType<Send>>> {
  try {
    const answer = await response;
    const { body, headers } = answer;
    if (!body) {
      end();
      return answer;
    }
    wait.toReceive = Number(headers['content-length'] ?? 0) || 0;
    return { ...answer, body: counted(body, wait, end) };
  } catch (error) {
    end();
    throw error;
  }
}

function counted(body: ByteSource, wait: Waiting, end: () => void): ByteSource {
  return {
    async next() {
      try {
        const piece = await body.next();
        if (piece) wait.received += piece.byteLength;
        else end();
        return piece;
      } catch (error) {
        end();
        throw error;
      }
    },
    close() {
      end();
      return body.close();
    },
  };
}
