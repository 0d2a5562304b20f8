/**
 * Loki's tail: new entries by WebSocket, as they arrive.
 *
 *     arrivals ──▶ waiting, a moment each ──frame──▶ socket ──slow: its buffer is full──▶ left out, counted, told in dropped_entries
 *
 * A reader that is gone without a word (half-open) answers no ping, and is cut.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Clock } from '../../../platform/clock.js';
import { DsError, messageOf } from '../../../platform/errors.js';
import { httpErrors } from '../../../platform/protocol/errors.js';
import { logErrors } from '../errors.js';
import type { Labels } from '../labels.js';
import type { Entry } from '../log-store.js';
import type { TenantLogs } from './logs.js';
import { StreamsAnswer, sizeOfEntry } from './loki-answers.js';
import { badParameter, type Params } from './params.js';

const MOST_TAILS = 64;
/** Bytes that wait, here and in the socket, before entries are left out. */
const MOST_BUFFERED = 4 * 1024 * 1024;
/** Entries of a frame, and for how long they are gathered, milliseconds. */
const MOST_OF_FRAME = 500;
const GATHER_MS = 50;
/** Entries that are told one by one as left out; the rest is only counted by the metrics. */
const MOST_TOLD = 100;
/** Entries of what there is already that are sent at most. */
const MOST_HISTORY = 5_000;
const PING_EVERY_MS = 15_000;
const LONGEST_DELAY_S = 5;
/** Nothing that a reader says is listened to. Bytes of a message from it. */
const LARGEST_MESSAGE = 1024;
const DEFAULT_SINCE_NS = 3_600n * 1_000_000_000n;
/** RFC 6455, section 7.4.1. */
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;
const INTERNAL_ERROR = 1011;

export interface TailParts {
  readonly clock: Clock;
  readonly logger: Logger;
  dropped(count: number): void;
}

/** As a reader asks for it. */
export interface TailOrder {
  readonly query: string;
  readonly start: bigint;
  /** Entries of what there is already. */
  readonly history: number;
  readonly delayMs: number;
}

/** Error: `log.bad_parameter`. */
export function readTailOrder(params: Params, clock: Clock): TailOrder {
  const delay = params.text('delay_for') ?? '0';
  if (!/^\d{1,3}$/.test(delay) || Number(delay) > LONGEST_DELAY_S) {
    throw badParameter(
      `delay_for cannot be ${JSON.stringify(delay)}: it is a number of seconds, ${LONGEST_DELAY_S} at most`,
    );
  }
  const now = BigInt(clock.micros()) * 1_000n;
  return {
    query: params.required('query'),
    start: params.time('start') ?? now - DEFAULT_SINCE_NS,
    history: Math.min(params.limit(), MOST_HISTORY),
    delayMs: Number(delay) * 1_000,
  };
}

export class Tails {
  readonly #parts: TailParts;
  readonly #stopping = new AbortController();
  readonly #open = new Set<Tail>();
  /** Those that become WebSockets at this moment. */
  #opening = 0;
  #upgrade: Upgrade | undefined;

  constructor(parts: TailParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Error: `log.overloaded`, before the connection is a WebSocket. */
  async accept(
    connection: readonly [IncomingMessage, Duplex, Buffer],
    request: TailOrder,
    logs: TenantLogs,
  ): Promise<void> {
    if (this.#open.size + this.#opening >= MOST_TAILS)
      throw logErrors.error('log.overloaded', `${MOST_TAILS} readers follow already`);
    const tail = await this.#tailOn(connection, request);
    this.#open.add(tail);
    void tail.run(logs, this.#stopping.signal).finally(() => this.#open.delete(tail));
  }

  async #tailOn(connection: readonly [IncomingMessage, Duplex, Buffer], request: TailOrder): Promise<Tail> {
    this.#opening++;
    try {
      this.#upgrade ??= await loadUpgrade();
      return await this.#upgrade(connection, (socket) => new Tail(socket, request, this.#parts));
    } finally {
      this.#opening--;
    }
  }

  stop(): void {
    this.#stopping.abort();
  }
}

/**
 * What becomes of the WebSocket is made before anything is read of it: a frame that came with the handshake may be an error, and one that
 * nobody listens to ends the process.
 */
type Upgrade = (
  connection: readonly [IncomingMessage, Duplex, Buffer],
  make: (socket: WebSocket) => Tail,
) => Promise<Tail>;

async function loadUpgrade(): Promise<Upgrade> {
  const { WebSocketServer } = await import('./web-socket-server.js');
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false });
  return ([request, socket, head], make) =>
    new Promise<Tail>((resolve, reject) => {
      // A handshake that is none is answered and ended by the library, without a word.
      socket.once('close', () => reject(httpErrors.error('http.bad_request', 'the handshake is none of a WebSocket')));
      server.handleUpgrade(request, socket, head, (made) => resolve(make(made)));
    });
}

class Tail {
  readonly #socket: WebSocket;
  readonly #request: TailOrder;
  readonly #parts: TailParts;
  #waiting: Entry[] = [];
  #waitingBytes = 0;
  #dropped: { readonly labels: Labels; readonly timestamp: string }[] = [];
  /** Something is gathered, and will be sent in a moment. */
  #isGathering = false;
  readonly #gone = new AbortController();
  #answersPings = true;

  constructor(socket: WebSocket, request: TailOrder, parts: TailParts) {
    this.#socket = socket;
    this.#request = request;
    this.#parts = parts;
    socket.on('error', () => this.#gone.abort());
    socket.on('close', () => this.#gone.abort());
    socket.on('pong', () => {
      this.#answersPings = true;
    });
  }

  /** Until the reader goes, or the daemon stops. */
  async run(logs: TenantLogs, stopping: AbortSignal): Promise<void> {
    const socket = this.#socket;
    const signal = AbortSignal.any([this.#gone.signal, stopping]);
    void this.#ping(signal);
    try {
      const { query, start, history } = this.#request;
      for await (const entry of logs.tail({ query, start, history, signal })) this.#take(entry);
      this.#send();
      socket.close(GOING_AWAY, 'the daemon stops');
    } catch (error) {
      this.#fail(error, signal);
    } finally {
      this.#gone.abort();
    }
  }

  #take(entry: Entry): void {
    if (this.#socket.bufferedAmount + this.#waitingBytes > MOST_BUFFERED) {
      this.#parts.dropped(1);
      if (this.#dropped.length < MOST_TOLD) {
        this.#dropped.push({ labels: entry.labels, timestamp: String(entry.timestamp) });
      }
      return;
    }
    this.#waiting.push(entry);
    this.#waitingBytes += sizeOfEntry(entry.line, entry.labels);
    if (this.#waiting.length >= MOST_OF_FRAME && this.#request.delayMs === 0) this.#send();
    else if (!this.#isGathering) void this.#gather();
  }

  async #gather(): Promise<void> {
    this.#isGathering = true;
    await this.#parts.clock.sleep(GATHER_MS + this.#request.delayMs, this.#gone.signal).catch(() => {});
    this.#isGathering = false;
    if (!this.#gone.signal.aborted) this.#send();
  }

  #send(): void {
    if (this.#waiting.length === 0 && this.#dropped.length === 0) return;
    const answer = new StreamsAnswer();
    for (const entry of this.#waiting) answer.add(entry);
    const dropped = this.#dropped.length === 0 ? {} : { dropped_entries: this.#dropped };
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#dropped = [];
    this.#socket.send(JSON.stringify({ streams: answer.streams, ...dropped }));
  }

  async #ping(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#parts.clock.sleep(PING_EVERY_MS, signal).catch(() => {});
      if (signal.aborted) return;
      if (!this.#answersPings) {
        this.#socket.terminate();
        return;
      }
      this.#answersPings = false;
      this.#socket.ping();
      // What was left out is told with the next entry, and here where none comes.
      if (this.#dropped.length > 0 && this.#socket.bufferedAmount === 0) this.#send();
    }
  }

  #fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) {
      this.#socket.close(GOING_AWAY, 'the daemon stops');
      return;
    }
    if (!(error instanceof DsError)) this.#parts.logger.error({ err: error }, 'a tail failed');
    // A reason has 123 bytes at most.
    const reason = Buffer.from(messageOf(error)).subarray(0, 120).toString('utf8').replace(/�$/, '');
    this.#socket.close(error instanceof DsError ? POLICY_VIOLATION : INTERNAL_ERROR, reason);
  }
}
