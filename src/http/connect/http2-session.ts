import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders, Settings } from 'node:http2';
import type { TLSSocket } from 'node:tls';

/** One HTTP/2 connection; each request on it is a separate stream. */
export interface Session {
  /** A further request may be sent. */
  readonly usable: boolean;
  /** Requests sent on it before. */
  readonly served: number;
  /** Bytes of one body that the server takes in each round trip. */
  readonly uploadWindow: number;
  /** The connection under it is open. */
  readonly connected: boolean;
  /** @throws where the session cannot be used any more; nothing was sent then */
  send(headers: OutgoingHttpHeaders, options: { readonly endStream: boolean }): SentStream;
  destroy(): void;
}

export interface SentStream {
  readonly stream: ClientHttp2Stream;
  /** True when the server states that it did nothing for it. */
  unprocessed(): boolean;
  /** Takes this request back and nothing else; a connection that has been silent is not used again. */
  cancel(): void;
}

export interface SessionOptions {
  readonly origin: string;
  /** Called with how many requests the server takes at once. */
  readonly onLimit: (streams: number) => void;
  /** Called when the server refuses further requests while some are under way; `requests` is how many it had taken. */
  readonly onGoaway: (requests: number) => void;
  readonly onEnd: () => void;
}

/** Speaks HTTP/2 on a connection whose server has chosen it. */
export async function createSession(
  socket: TLSSocket,
  { origin, onLimit, onGoaway, onEnd }: SessionOptions,
): Promise<Session> {
  // Loading takes some 6 ms, so it waits until a server supports HTTP/2.
  const { connect, constants } = await import('node:http2');
  if (socket.destroyed) throw socket.errored ?? closedEarly();
  const client = connect(origin, { createConnection: () => socket, settings });
  let served = 0;
  const streams = new Set<ClientHttp2Stream>();
  const uploads = new Set<ClientHttp2Stream>();
  let holding = 0;
  let uploadWindow = 65_535;
  let retired = false;
  let lastProcessed = Number.POSITIVE_INFINITY;
  listen(client, {
    onSettings({ maxConcurrentStreams, initialWindowSize = uploadWindow }) {
      uploadWindow = initialWindowSize;
      if (maxConcurrentStreams !== undefined) onLimit(maxConcurrentStreams);
    },
    onGoaway(last) {
      if (!retired && streams.size > 0) onGoaway((last + 1) / 2);
      lastProcessed = last;
      retire();
    },
  });
  socket.unref();
  socket.once('close', onEnd);
  const watch = watchSession(client, socket, {
    waiting: () => holding > 0,
    uploading: () => uploads.size > 0,
  });
  const end = () => {
    client.destroy();
    // It would wait for a peer that reads what is left, or that closes its side.
    setImmediate(() => socket.destroy());
  };
  const retire = () => {
    retired = true;
    if (streams.size === 0) setImmediate(end);
  };
  const hold = (more: 1 | -1) => {
    holding += more;
    if (holding === 0) socket.unref();
    else if (holding === 1 && more === 1) socket.ref();
  };

  return {
    get usable() {
      return !retired && !client.closed && !client.destroyed && socket.writable;
    },
    get served() {
      return served;
    },
    get uploadWindow() {
      return uploadWindow;
    },
    get connected() {
      return !socket.destroyed;
    },
    send(headers, options) {
      const stream = client.request(headers, options);
      served++;
      streams.add(stream);
      if (!options.endStream) uploads.add(stream);
      stream.once('response', () => uploads.delete(stream));
      holdWhileWanted(stream, hold);
      stream.once('close', () => {
        streams.delete(stream);
        uploads.delete(stream);
        if (retired) retire();
      });
      return {
        stream,
        unprocessed: () =>
          stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ||
          (stream.id ?? Number.POSITIVE_INFINITY) > lastProcessed,
        cancel() {
          if (watch.quietMs() >= silenceMs) retire();
          stream.close(constants.NGHTTP2_CANCEL);
          // Its place is free at once, also where the peer reads nothing any more.
          stream.destroy();
        },
      };
    },
    destroy: end,
  };
}

/** How much of a response a server may send before it is read. */
export const streamWindow = 8 * 1024 * 1024;
const sessionWindow = 4 * streamWindow;
/** If a request waits this long while nothing arrives, the connection may be dead. */
const silenceMs = 1_000;

const settings = {
  enablePush: false,
  initialWindowSize: streamWindow,
  maxHeaderListSize: 32 * 1024,
} as const;

function listen(
  client: ClientHttp2Session,
  {
    onSettings,
    onGoaway,
  }: {
    readonly onSettings: (settings: Settings) => void;
    readonly onGoaway: (lastProcessed: number) => void;
  },
): void {
  client.once('connect', () => client.destroyed || client.setLocalWindowSize(sessionWindow));
  client.on('remoteSettings', onSettings);
  client.on('goaway', (_code, lastStreamId: number) => onGoaway(lastStreamId));
  // Every stream reports it too.
  client.on('error', () => undefined);
  client.on('stream', (pushed) => {
    pushed.on('error', () => undefined);
    pushed.close();
  });
}

/** An answer that is waited for or read keeps the process running; one left alone must not. */
function holdWhileWanted(stream: ClientHttp2Stream, hold: (more: 1 | -1) => void): void {
  let held = false;
  const want = (wanted: boolean) => {
    if (held === wanted) return;
    held = wanted;
    hold(wanted ? 1 : -1);
  };
  want(true);
  stream.on('pause', () => want(false));
  stream.on('resume', () => want(!stream.destroyed));
  stream.once('close', () => want(false));
}

function closedEarly(): Error {
  return Object.assign(new Error('closed before the first request'), { code: 'ECONNRESET' });
}

interface Watch {
  /** How long a request has waited while nothing arrived, to the second. */
  quietMs(): number;
}

interface WatchOptions {
  /** True while a request waits for a response. */
  readonly waiting: () => boolean;
  /** A body that is not answered yet may still be on its way, and a sign of life would wait behind it. */
  readonly uploading: () => boolean;
}

/**
 * Ends a session on which nothing arrives while a request waits. A peer that is gone answers no PING. After a protocol
 * error of the peer, Node 20 silently stops reading and writing: not even the PING is sent.
 */
function watchSession(
  client: ClientHttp2Session,
  socket: TLSSocket,
  { waiting, uploading }: WatchOptions,
): Watch {
  let heard = -1;
  let heardAt = Number.POSITIVE_INFINITY;
  let probe: { looks: number; readonly written: number } | undefined;
  let nextProbeAt = 0;
  const look = () => {
    const now = performance.now();
    if (!waiting() || socket.bytesRead !== heard) {
      heard = socket.bytesRead;
      heardAt = waiting() ? now : Number.POSITIVE_INFINITY;
      probe = undefined;
    } else if (uploading()) {
      probe = undefined;
    } else if (probe === undefined) {
      if (now < nextProbeAt) return;
      nextProbeAt = now + betweenProbesMs;
      probe = { looks: 0, written: socket.bytesWritten };
      client.ping(() => undefined);
    } else if (socket.bytesWritten === probe.written) {
      client.destroy(silent('HTTP2_PROTOCOL_ERROR'));
    } else if (++probe.looks >= mostLooks) {
      client.destroy(silent('ETIMEDOUT'));
    }
  };
  const timer = setInterval(() => client.destroyed || look(), lookMs).unref();
  socket.once('close', () => clearInterval(timer));
  return { quietMs: () => (socket.bytesRead === heard ? performance.now() - heardAt : 0) };
}

const lookMs = 1_000;
/** Looks, not time: a process that was busy for long has not heard what came in the meantime. */
const mostLooks = 5;
/** Some servers count PINGs. */
const betweenProbesMs = 5_000;

function silent(code: string): Error {
  return Object.assign(new Error('the connection has gone silent'), { code });
}
