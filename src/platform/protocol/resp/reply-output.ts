/**
 * The replies of one connection on their way out:
 *
 *     reply ────────────▶ writer ──one write a turn──▶ socket
 *       └─▶ queue (in order, behind promises) ─▲  └─sealed, with turns (turns.ts)─▲
 *
 * Replies go straight to the writer while nothing is queued before them.
 */
import type { Socket } from 'node:net';
import { internalError } from './errors.js';
import { isError, type Reply } from './reply.js';
import { ReplyQueue, type ReplySlot } from './reply-queue.js';
import { type Protocol, ReplyWriter } from './reply-writer.js';
import type { ServerContext } from './server-context.js';
import { SlowReaderWatch } from './slow-reader.js';
import { SealedBatches, type TurnEnd } from './turns.js';

/** The connection. */
export interface OutputOwner {
  readonly address: string;
  readonly lastCommand: string;
  /** Cuts it. */
  destroy(): void;
}

export class ReplyOutput {
  readonly #host: ServerContext;
  readonly #socket: Socket;
  readonly #owner: OutputOwner;
  readonly #writer = new ReplyWriter();
  readonly #queue = new ReplyQueue();
  readonly #sealed = new SealedBatches();
  readonly #reader: SlowReaderWatch;
  readonly #mostOutstanding: number;
  readonly #softBytes: number;
  /** Replies that are left out from now on: CLIENT REPLY. */
  #leftOut = 0;

  constructor(socket: Socket, host: ServerContext, owner: OutputOwner) {
    this.#host = host;
    this.#socket = socket;
    this.#owner = owner;
    this.#mostOutstanding = host.limits.maxPendingReplies;
    this.#softBytes = host.limits.outputSoftBytes;
    this.#reader = new SlowReaderWatch(socket, host.limits, host.clock, (unsent) => {
      host.counters.slowReaders++;
      host.logger?.warn({ address: owner.address, unsent }, 'slow reader cut');
      owner.destroy();
    });
  }

  get protocol(): Protocol {
    return this.#writer.protocol;
  }

  set protocol(protocol: Protocol) {
    this.#writer.protocol = protocol;
  }

  /** Commands started and not yet answered, and answers behind them. */
  get outstanding(): number {
    return this.#queue.size;
  }

  /** All that is held in memory. */
  get bytes(): number {
    return this.#writer.length + this.#sealed.bytes + this.#queue.bytes + this.#socket.writableLength;
  }

  /** Everything was handed to the socket. */
  get drained(): boolean {
    return this.#queue.size === 0 && this.#writer.length === 0 && this.#sealed.empty;
  }

  /** Nothing is awaited, neither from a command nor from a turn. */
  get idle(): boolean {
    return this.#queue.size === 0 && this.#sealed.empty;
  }

  /** Too much is outstanding, or not read by the peer, for a further command. */
  get backedUp(): boolean {
    const { size, bytes } = this.#queue;
    return (size > 0 && (size >= this.#mostOutstanding || bytes > this.#softBytes)) || this.#reader.stalled;
  }

  /** What is gathered should be sent before more is. */
  get large(): boolean {
    return this.#writer.length + this.#sealed.bytes > this.#softBytes;
  }

  /** Answers a command: whether with an error. Few are, and the writer comes across them: all others need no look. */
  reply(reply: Reply): boolean {
    if (this.#leftOut > 0) {
      this.#leftOut--;
    } else if (this.#queue.size > 0) {
      this.#queue.append(reply);
    } else {
      const { errors } = this.#writer;
      this.#write(reply);
      return this.#writer.errors !== errors && isError(reply);
    }
    return isError(reply);
  }

  /** As {@link reply}, of what stands whatever becomes of the turn. */
  replyApart(reply: Reply, entry?: { failedCalls: number }): void {
    const before = this.#writer.replies;
    const failed = this.reply(reply);
    if (failed && entry !== undefined) entry.failedCalls++;
    if (this.#host.hasTurns && this.#writer.replies > before) this.#writer.keepLast(reply);
  }

  /** To be called before the reply that tells so: of OFF and SKIP it is left out, too. */
  setReplies(mode: 'on' | 'off' | 'skip'): void {
    if (mode === 'on') this.#leftOut = 0;
    else if (mode === 'off') this.#leftOut = Number.POSITIVE_INFINITY;
    else this.#leftOut = Math.max(this.#leftOut, 2);
  }

  /** As in Redis, one that is to be skipped stays so. */
  resetReplies(): void {
    if (this.#leftOut > 1) this.#leftOut = 0;
  }

  /** The place of a reply that comes later. */
  reserve(): ReplySlot {
    if (this.#leftOut === 0) return this.#queue.reserve();
    this.#leftOut--;
    return this.#queue.reserve(true);
  }

  /** Whether something can leave now: {@link drainQueue}. */
  settle(slot: ReplySlot, reply: Reply): boolean {
    return this.#queue.settle(slot, reply);
  }

  drainQueue(): void {
    while (this.#queue.ready) {
      const reply = this.#queue.shift();
      if (reply !== undefined) this.#write(reply);
    }
  }

  /** The turn has ended, and what was answered in it may leave at once, or when the end has settled. */
  endTurn(end: TurnEnd | undefined): void {
    // The usual case: nothing waits, and nothing is to be waited for.
    if (this.#writer.length > 0 && (end !== undefined || !this.#sealed.empty)) this.#sealed.add(this.#writer, end);
  }

  /** Sends what waited for turns that have settled. */
  sendSettled(): void {
    if (this.#sealed.empty) return;
    this.#sealed.sendSettled(this.#socket);
    this.#reader.sent();
  }

  /** Sends what is gathered, unless it waits for a turn. */
  flush(): void {
    if (this.#writer.length === 0 || !this.#sealed.empty || this.#socket.destroyed) return;
    this.#writer.flush(this.#socket);
    this.#reader.sent();
  }

  /** The socket has drained. */
  socketDrained(): void {
    this.#reader.drained();
  }

  /** Called about once a second: true where the peer was cut, since it does not read. */
  checkTime(now: number): boolean {
    return this.#reader.checkTime(now);
  }

  #write(reply: Reply): void {
    try {
      this.#writer.write(reply);
    } catch (failure) {
      this.#host.logger?.error({ err: failure, command: this.#owner.lastCommand }, 'reply cannot be encoded');
      this.#writer.write(internalError);
    }
  }
}
