/**
 * One connection: bytes → requests → handlers → replies in order → bytes.
 *
 *     socket ──chunk──▶ parser ──request──▶ handler ──reply or promise──▶ output (reply-output.ts) ──one write──▶ socket
 *
 * What arrives in one turn of the event loop is worked off at its end, for all connections, and each one's replies leave with one write; so do
 * those whose promises settle in one turn (a group commit settles many). As in Redis, whose replies leave before it sleeps: the clients are then
 * woken together and come back together. Answering each chunk at once gave redis-benchmark, 50 connections, 0.93 of Redis's INCR and 0.79 with
 * 16 pipelined; the end of the turn gives 1.24 and 1.16 (`npm run bench -- seq serve`).
 *
 *     reading ⇄ blocked ──▶ closing ──▶ lingering ──▶ closed
 *
 * - blocked: too many replies outstanding, too much unsent, or a command is held: neither parsed nor, but for its end, read further
 * - closing: by QUIT, a protocol error, the peer's end or the server's stop: nothing more is parsed, replies are finished
 * - lingering: all is sent and the sending side closed; input is thrown away for a moment, because closing a socket with
 *   unread input makes the kernel send a reset that can overtake the last reply
 */
import type { Socket } from 'node:net';
import { readSocket } from '../socket-reads.js';
import type { ClientState } from './client-state.js';
import { asBuffers, type CommandArguments, type CommandEntry } from './command.js';
import { answerCall, failureReply } from './command-call.js';
import type { ConnectionHost } from './connection-host.js';
import { noAuth, unknownCommand, wrongArity } from './errors.js';
import { isHttp } from './http-request.js';
import { error, isError, type Reply } from './reply.js';
import { ReplyOutput } from './reply-output.js';
import type { Protocol } from './reply-writer.js';
import { RequestParser, RespProtocolError } from './request-parser.js';
import type { TurnEnd } from './turns.js';
import { type Unblocking, Waiting } from './waiting.js';

/** Milliseconds for which one connection's commands are worked off in a turn; the rest is for the next one. */
const MOST_TURN_MS = 20;
/** Commands from one look at the clock to the next. */
const COMMANDS_A_LOOK = 8;
/** Input in bytes that is worked off before the turn's end: a flood is met by what blocks reading, not by memory. */
const WORK_OFF_BYTES = 65_536;

interface HeldCommand {
  readonly entry: CommandEntry<ClientState>;
  readonly args: CommandArguments;
}

export class Connection implements ClientState {
  name = '';
  libraryName = '';
  libraryVersion = '';
  lastCommand = 'NULL';
  database = 0;
  inTransaction = false;
  readonly address: string;
  readonly localAddress: string;
  readonly connectedAt: number;
  lastActiveAt: number;

  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #parser: RequestParser;
  readonly #stopReading: () => void;
  readonly #output: ReplyOutput;
  /** The command that blocks the connection. */
  #waiting: Waiting | undefined;
  #onLeft: (() => void)[] = [];
  #onReset: (() => void)[] = [];
  /** A barrier command that waits for all replies before it, or any during a pause. */
  #held: HeldCommand | undefined;
  #authenticated: boolean;
  /** The peer has closed its sending side. */
  #inputEnded = false;
  #closing = false;
  #finished = false;
  /** Commands were left in the parser since too much is to be sent in this turn, or it took too long. */
  #leftOver = false;
  /** Bytes of {@link RespCounters.unfinishedBytes} that are this connection's. */
  #unfinished = 0;
  /** Set while advance() is already scheduled for the end of this turn. */
  scheduled = false;
  /** Set while endTurn() is to be called. */
  touched = false;

  constructor(
    readonly id: number,
    socket: Socket,
    host: ConnectionHost,
  ) {
    this.#host = host;
    this.#socket = socket;
    this.#parser = new RequestParser(host.limits, host.textArguments);
    this.#output = new ReplyOutput(socket, host, this);
    this.#authenticated = !host.passwordRequired;
    this.#parser.authenticated = this.#authenticated;
    this.address = `${socket.remoteAddress}:${socket.remotePort}`;
    this.localAddress = `${socket.localAddress}:${socket.localPort}`;
    this.connectedAt = host.clock.monotonic();
    this.lastActiveAt = this.connectedAt;
    socket.setNoDelay(true);
    this.#stopReading = readSocket(socket, (chunk) => this.#received(chunk));
    socket.on('end', () => this.#ended());
    socket.once('close', () => this.#left());
    socket.on('drain', () => {
      this.#output.socketDrained();
      this.#goOn();
    });
    // A reset or a broken pipe is the peer's way to leave; 'close' follows.
    socket.on('error', (failure) => host.logger?.debug({ err: failure, address: this.address }, 'connection failed'));
  }

  get protocol(): Protocol {
    return this.#output.protocol;
  }

  set protocol(protocol: Protocol) {
    this.#output.protocol = protocol;
  }

  get authenticated(): boolean {
    return this.#authenticated;
  }

  set authenticated(authenticated: boolean) {
    this.#authenticated = authenticated;
    this.#parser.authenticated = authenticated;
  }

  get closed(): boolean {
    return this.#finished || this.#socket.destroyed;
  }

  get flags(): string {
    if (this.suspended) return 'b';
    return this.inTransaction ? 'x' : 'N';
  }

  onLeft(callback: () => void): void {
    this.#onLeft.push(callback);
  }

  onReset(callback: () => void): void {
    this.#onReset.push(callback);
  }

  setReplies(mode: 'on' | 'off' | 'skip'): void {
    this.#output.setReplies(mode);
  }

  reset(): void {
    this.#output.resetReplies();
    for (const callback of this.#onReset) callback();
  }

  get pendingReplies(): number {
    return this.#output.outstanding;
  }

  get outputBytes(): number {
    return this.#output.bytes;
  }

  get inputBytes(): number {
    return this.#parser.buffered;
  }

  closeAfterReplies(): void {
    this.#closing = true;
  }

  /** Parses what has arrived, answers it, closes. What has not been started when the server stops never will be. */
  close({ dropInput = false } = {}): void {
    this.#inputEnded = true;
    if (dropInput) {
      this.#closing = true;
      this.#held = undefined;
      this.#waiting?.leave();
      this.#waiting = undefined;
    }
    this.#goOn();
  }

  /** The peer sends no more: Redis takes that for the end of a client that waits. */
  #ended(): void {
    this.close({ dropInput: this.suspended });
  }

  unblock(how: Unblocking): boolean {
    if (this.#waiting?.onUnblock === undefined) return false;
    this.#waiting.onUnblock(how);
    return true;
  }

  #left(): void {
    this.#waiting?.leave();
    this.#host.pause.forget(this);
    this.#host.counters.unfinishedBytes -= this.#unfinished;
    this.#unfinished = 0;
    for (const callback of this.#onLeft.splice(0)) callback();
  }

  /** With turns nothing is done outside of one. */
  #goOn(): void {
    if (this.#host.hasTurns) this.#host.schedule(this);
    else this.advance();
  }

  destroy(): void {
    // Not only when the socket has closed: nothing may be handed to whoever is no more.
    this.#waiting?.leave();
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.lastActiveAt = this.#host.clock.monotonic();
    this.#parser.push(chunk);
    if (this.#parser.buffered > WORK_OFF_BYTES) {
      if (this.#host.hasTurns) this.#socket.pause();
      else {
        this.advance();
        return;
      }
    }
    this.#host.schedule(this);
  }

  /** Does whatever can be done now: sends settled replies, starts what was held, parses, flushes, closes. */
  advance(): void {
    if (this.#finished || this.#socket.destroyed) return;
    this.#process();
    if (this.#host.hasTurns) this.#host.touch(this);
    else this.#afterwards();
  }

  /** The turn has ended, and what was answered in it may leave at once, or when the end has settled. */
  endTurn(end: TurnEnd | undefined): void {
    this.touched = false;
    this.#output.endTurn(end);
    this.turnSettled();
  }

  turnSettled(): void {
    if (this.#finished || this.#socket.destroyed) return;
    this.#output.sendSettled();
    if (!this.#socket.destroyed) this.#afterwards();
  }

  /** Sends, closes, and reads on, as it is time to. */
  #afterwards(): void {
    if (!this.touched) this.#output.flush();
    if (this.#socket.destroyed) return;
    const blocked = this.#blocked();
    if (this.#drained && (this.#closing || (this.#inputEnded && !blocked && !this.#leftOver))) this.#finish();
    else if (!this.#closing && this.suspended) this.#readWhileWaiting();
    // A closing connection is not read: its peer's flood must not be buffered.
    else if (blocked) this.#socket.pause();
    else this.#resume();
  }

  get #drained(): boolean {
    return this.#output.drained && this.#held === undefined && this.#waiting === undefined;
  }

  /** Waits for what happens elsewhere, be it for long. */
  get suspended(): boolean {
    return this.#waiting !== undefined || (this.#held !== undefined && this.#host.pause.has(this));
  }

  /** Or its peer's end would not be noticed, and what it waits for would be handed to nobody. */
  #readWhileWaiting(): void {
    if (this.#parser.buffered > WORK_OFF_BYTES) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #resume(): void {
    const wasPaused = this.#socket.isPaused();
    if (wasPaused) this.#socket.resume();
    // Requests that came before the pause, or were left for want of room, go on in the next turn.
    if (this.#host.hasTurns && (this.#leftOver || (wasPaused && this.#parser.buffered > 0))) {
      this.#leftOver = false;
      this.#host.schedule(this);
    }
  }

  #finish(): void {
    this.#finished = true;
    this.#stopReading();
    this.#host.linger(this.#socket);
  }

  #process(): void {
    this.#output.drainQueue();
    if (this.#held !== undefined && this.#output.outstanding === 0 && !this.#closing) {
      const { entry, args } = this.#held;
      this.#held = undefined;
      this.#begin(entry, args);
    }
    try {
      const until = this.#host.hasTurns ? this.#host.clock.monotonic() + MOST_TURN_MS : Number.POSITIVE_INFINITY;
      for (let count = 1; !this.#blocked() && this.#parser.next(); count++) {
        const { name, args, texts, textual } = this.#parser;
        this.#dispatch(name, textual ? texts : args);
        if (count % COMMANDS_A_LOOK > 0 || this.#host.clock.monotonic() < until) continue;
        this.#leftOver = true;
        break;
      }
      this.#countUnfinished();
    } catch (failure) {
      if (!(failure instanceof RespProtocolError)) throw failure;
      this.#host.counters.protocolErrors++;
      this.#host.logger?.debug({ address: this.address, reason: failure.message }, 'protocol error');
      this.#output.replyApart(error('ERR', failure.message));
      this.#closing = true;
    }
  }

  #countUnfinished(): void {
    const bytes = this.#parser.unfinishedBytes;
    if (bytes === this.#unfinished) return;
    const { counters, limits } = this.#host;
    counters.unfinishedBytes += bytes - this.#unfinished;
    this.#unfinished = bytes;
    if (counters.unfinishedBytes <= limits.maxUnfinishedBytes) return;
    throw new RespProtocolError('too many bytes of unfinished commands of all clients');
  }

  /** Whether no further command may be started now. Sends what is gathered when it grows large. */
  #blocked(): boolean {
    if (this.#closing || this.#held !== undefined || this.#waiting !== undefined || this.#output.backedUp) return true;
    if (this.#output.large) {
      if (this.#host.hasTurns) {
        this.#leftOver = true;
        return true;
      }
      this.#output.flush();
      if (this.#output.backedUp) return true;
    }
    return this.#socket.destroyed;
  }

  #dispatch(name: string, args: CommandArguments): void {
    this.#host.counters.commands++;
    const entry = this.#host.table.find(name);
    this.lastCommand = entry?.name ?? 'NULL';
    if (entry === undefined || args.length < entry.least || args.length > entry.most) this.#refuse(name, entry, args);
    else if (!this.#authenticated && !entry.open) this.#output.replyApart(noAuth);
    else if (entry.barrier && this.#output.outstanding > 0) this.#held = { entry, args };
    else if (this.#host.pause.active) this.#begin(entry, args);
    else this.#start(entry, args);
  }

  /** Of an unknown command, or one with too few or too many arguments. */
  #refuse(name: string, entry: CommandEntry<ClientState> | undefined, args: CommandArguments): void {
    if (isHttp(name, args)) {
      this.#host.logger?.warn({ address: this.address }, 'HTTP on the RESP port, connection closed');
      this.#host.counters.protocolErrors++;
      this.destroy();
      return;
    }
    this.#host.gate?.refused(this);
    this.#output.replyApart(entry === undefined ? unknownCommand(name, asBuffers(args)) : wrongArity(entry.name));
  }

  /** Starts a command, or keeps it until a pause is over. */
  #begin(entry: CommandEntry<ClientState>, args: CommandArguments): void {
    if (!this.#host.pause.keeps(this, entry)) this.#start(entry, args);
    // As in #wait: whoever has closed its side is taken to have left.
    else if (this.#inputEnded) this.#closing = true;
    else this.#held = { entry, args };
  }

  #start(entry: CommandEntry<ClientState>, args: CommandArguments): void {
    const reply = answerCall(this.#host, this, entry, args);
    if (reply instanceof Promise) this.#await(reply, entry);
    else if (reply instanceof Waiting) this.#wait(reply, entry);
    // What is queued for EXEC stays so, whatever becomes of the turn.
    else if (!entry.ofTurn || this.inTransaction) this.#output.replyApart(reply, entry);
    else if (this.#output.reply(reply)) entry.failedCalls++;
  }

  #wait(waiting: Waiting, entry: CommandEntry<ClientState>): void {
    if (this.#inputEnded) {
      // Whoever has closed its side is taken to have left, as when it does so later; what was answered before is sent.
      waiting.leave();
      this.#closing = true;
      return;
    }
    this.#waiting = waiting;
    waiting.connect((reply) => {
      this.#waiting = undefined;
      if (this.#output.reply(reply)) entry.failedCalls++;
      if (this.#host.hasTurns) this.#host.touch(this);
      this.#host.schedule(this);
    });
  }

  #await(promise: Promise<Reply>, entry: CommandEntry<ClientState>): void {
    const { counters } = this.#host;
    const slot = this.#output.reserve();
    counters.running++;
    const settle = (reply: Reply) => {
      counters.running--;
      if (isError(reply)) entry.failedCalls++;
      if (this.#output.settle(slot, reply)) this.#host.schedule(this);
    };
    promise.then(settle, (failure: unknown) => settle(failureReply(this.#host, entry, failure)));
  }

  /** Closes a connection that has been silent or has not read for too long. Called about once a second. */
  checkTimeouts(now: number): void {
    const { idleTimeoutMs } = this.#host.limits;
    if (this.#output.checkTime(now) || idleTimeoutMs === 0) return;
    const idle = this.#output.idle && !this.suspended;
    if (idle && now - this.lastActiveAt > idleTimeoutMs) this.close({ dropInput: true });
  }
}
