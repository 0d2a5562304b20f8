/**
 * New entries by Loki's tail: a WebSocket on which the server sends what arrives.
 *
 *     socket  ──frames──▶  waiting entries, bounded  ──▶  whoever reads
 *                               full: the socket is paused, the server keeps its own bound and counts what it drops
 */
import type { RawData, WebSocket } from 'ws';
import { messageOf } from '../../../platform/errors.js';
import { logErrors } from '../errors.js';
import type { Entry } from '../log-store.js';
import { isObject, type JsonObject, parseJson } from '../wire/json.js';
import { streamEntries } from './answers.js';
import type { Endpoint } from './endpoint.js';

/** Entries that wait to be read before the socket is paused. */
const MOST_WAITING = 10_000;
/** Of a frame. Bytes. */
const MOST_FRAME = 32 * 1024 * 1024;
/** Objects and lists of a frame: an entry is one, or two with metadata. */
const MOST_OBJECTS = 250_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface TailRequest {
  readonly query: string;
  readonly start: bigint;
  readonly signal: AbortSignal;
  /** Hears how many entries the server has dropped because this end was too slow. */
  readonly onDropped?: ((count: number) => void) | undefined;
}

/** Until the signal. Errors: `log.unreachable`, `log.refused`, `log.bad_answer`. */
export async function* tailEntries(endpoint: Endpoint, request: TailRequest): AsyncGenerator<Entry> {
  const { signal } = request;
  if (signal.aborted) return;
  const { WebSocket: Socket } = await import('./web-socket.js');
  const params = new URLSearchParams({ query: request.query, start: String(request.start), limit: '5000' });
  const url = `${endpoint.origin.replace(/^http/, 'ws')}${endpoint.prefix}/loki/api/v1/tail?${params}`;
  const socket = new Socket(url, {
    headers: endpoint.headers,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: MOST_FRAME,
    perMessageDeflate: false,
  });
  const frames = new Frames(socket, endpoint, request);
  const stop = () => {
    socket.close();
    // The server may never answer to that.
    frames.wake();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const entries = await frames.next();
      if (entries === undefined) return;
      yield* entries;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    socket.terminate();
  }
}

class Frames {
  #entries: Entry[] = [];
  #failure: unknown;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly endpoint: Endpoint,
    private readonly request: TailRequest,
  ) {
    socket.on('message', (data) => this.#take(bytesOf(data)));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      this.#end(this.#refused(`it refused (${response.statusCode})`));
      socket.terminate();
    });
    socket.on('error', (error) => this.#end(this.#unreachable(messageOf(error))));
    socket.on('close', (_code, reason) => {
      this.#end(
        request.signal.aborted
          ? undefined
          : this.#unreachable(`it ended the tail${reason.length > 0 ? `: ${reason}` : ''}`),
      );
    });
  }

  /** What has come; undefined at the end. */
  async next(): Promise<Entry[] | undefined> {
    while (this.#entries.length === 0) {
      if (this.request.signal.aborted) return undefined;
      if (this.#ended) {
        if (this.#failure === undefined) return undefined;
        throw this.#failure;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const entries = this.#entries;
    this.#entries = [];
    if (this.socket.isPaused) this.socket.resume();
    return entries;
  }

  /** Lets who waits look again. */
  wake(): void {
    this.#wake?.();
  }

  #take(frame: Buffer): void {
    try {
      const { streams, dropped_entries: dropped } = parseFrame(frame);
      for (const entry of streamEntries(streams)) this.#entries.push(entry);
      if (Array.isArray(dropped)) this.request.onDropped?.(dropped.length);
    } catch (error) {
      this.#end(error);
      this.socket.terminate();
    }
    if (this.#entries.length > MOST_WAITING) this.socket.pause();
    this.#wake?.();
  }

  #end(failure: unknown): void {
    if (!this.#ended) this.#failure = failure;
    this.#ended = true;
    this.#wake?.();
  }

  #refused(why: string) {
    return logErrors.error('log.refused', `${this.endpoint.origin} does not tail: ${why}`, {
      hint: 'ask without following, or look at the token and the tenant',
    });
  }

  #unreachable(why: string) {
    return logErrors.error('log.unreachable', `${this.endpoint.origin} cannot be followed: ${why}`, {
      hint: 'start one: ds log serve; or name another: --url URL',
    });
  }
}

/** Error: `log.bad_answer`. */
function parseFrame(frame: Buffer): JsonObject {
  let cause: unknown;
  try {
    const parsed = parseJson(frame, undefined, undefined, MOST_OBJECTS);
    if (isObject(parsed)) return parsed;
  } catch (error) {
    cause = error;
  }
  throw logErrors.error(
    'log.bad_answer',
    `the server sent a frame that is none of Loki's${cause === undefined ? '' : `: ${messageOf(cause)}`}`,
    {
      hint: 'look at what the URL names: curl -i URL/loki/api/v1/status/buildinfo',
      cause,
    },
  );
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
