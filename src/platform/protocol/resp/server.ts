/**
 * A server of the Redis serialization protocol, versions 2 and 3. Blocks give it their commands; connection handling,
 * authentication, pipelining, limits and the commands that every client library expects are built in.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.js';
import { clientCommand } from './client-command.js';
import type { ClientState } from './client-state.js';
import { CommandTable, type RespCommand } from './command.js';
import { Connection } from './connection.js';
import { connectionCommands } from './connection-commands.js';
import type { ConnectionHost, RespCounters } from './connection-host.js';
import { maxClientsReached } from './errors.js';
import type { CommandGate } from './gate.js';
import { defaultRespLimits, type RespLimits } from './limits.js';
import { ReplyWriter } from './reply-writer.js';
import { type InfoSections, serverCommands } from './server-commands.js';
import { serverInfo } from './server-info.js';
import { TurnEnd, type Turns } from './turns.js';

export interface RespServerOptions {
  /** The block's own commands. PING ECHO SELECT HELLO AUTH RESET QUIT CLIENT COMMAND INFO are built in. */
  readonly commands: readonly RespCommand<ClientState>[];
  /** Asked before each command. */
  readonly gate?: CommandGate;
  /** Arguments are read as texts of one character per byte, and given to `handleTexts`. */
  readonly textArguments?: boolean;
  /** Answers leave at the end of their turn, when it has settled. */
  readonly turns?: Turns;
  /** How many SELECT knows; default 1. */
  readonly databases?: number;
  /** PEM: the port then speaks TLS alone. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Without one, everybody is authenticated. */
  readonly password?: Buffer;
  readonly limits?: Partial<RespLimits>;
  /** Sections of INFO behind the built-in Server, Clients and Stats; a section of the same title adds its fields. */
  info(): InfoSections;
  /** As HELLO and INFO give it: `ds-seq`. */
  readonly serverName: string;
  readonly version: string;
  readonly logger?: Logger;
  readonly clock: Clock;
}

export interface RespServer {
  /** Rejects with the system's error (code EADDRINUSE …). Resolves to what was bound: port 0 asks for a free one. */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }>;
  /** Connections now. */
  readonly connections: number;
  /** Commands started and not yet settled. */
  readonly pending: number;
  readonly counters: Readonly<RespCounters>;
  /** Stops accepting and parsing, lets started commands finish, sends their replies, closes; all within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** How often idle, stalled and lingering connections are looked at, milliseconds. */
const HOUSEKEEPING_MS = 1_000;
/** For a TLS handshake, milliseconds. */
const HANDSHAKE_MS = 10_000;
/** How long a connection lingers, once everything is sent, for its peer to close; milliseconds. */
const LINGER_MS = 1_000;
/** The same when the server stops: peers that are idle may not look at their socket at all. */
const STOP_LINGER_MS = 100;

export function createRespServer(options: RespServerOptions): RespServer {
  return new Resp(options);
}

class Resp implements RespServer, ConnectionHost {
  readonly limits: RespLimits;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  readonly table: CommandTable<ClientState>;
  readonly gate: CommandGate | undefined;
  readonly hasTurns: boolean;
  readonly textArguments: boolean;
  readonly passwordRequired: boolean;
  readonly counters: RespCounters = {
    connections: 0,
    rejected: 0,
    commands: 0,
    protocolErrors: 0,
    slowReaders: 0,
    running: 0,
  };

  readonly #server: Server;
  readonly #connections = new Map<Socket, Connection>();
  /** Sockets that are closed on our side, with the monotonic time when they are destroyed. */
  readonly #lingering = new Map<Socket, number>();
  readonly #startedAt: number;
  readonly #housekeeping = new AbortController();
  /** Sockets under the TLS of connections, also of those that are not there yet. */
  readonly #handshaking = new Set<Socket>();
  #lastId = 0;
  readonly #turns: Turns | undefined;
  #scheduled: Connection[] = [];
  #touched: Connection[] = [];
  #stopping: Promise<void> | undefined;
  /** Called when a connection closes or a command settles while stopping. */
  #onProgress: (() => void) | undefined;

  constructor(options: RespServerOptions) {
    this.limits = { ...defaultRespLimits, ...options.limits };
    this.clock = options.clock;
    this.logger = options.logger;
    this.gate = options.gate;
    this.#turns = options.turns;
    this.textArguments = options.textArguments === true;
    this.hasTurns = options.turns !== undefined;
    this.passwordRequired = options.password !== undefined;
    this.#startedAt = options.clock.monotonic();
    this.table = new CommandTable<ClientState>([...this.#builtIn(options), ...options.commands]);
    // Half-open: a peer that has sent its last command may close its side and still gets its replies.
    this.#server = options.tls === undefined ? this.#plainServer() : this.#tlsServer(options.tls);
  }

  #plainServer(): Server {
    return createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  #tlsServer(files: { readonly cert: Buffer; readonly key: Buffer }): Server {
    const options = { ...files, allowHalfOpen: true, handshakeTimeout: HANDSHAKE_MS };
    const server = createTlsServer(options, (socket) => this.#accept(socket));
    server.on('connection', (socket: Socket) => {
      this.#handshaking.add(socket);
      socket.once('close', () => this.#handshaking.delete(socket));
      if (this.#handshaking.size > this.limits.maxClients) socket.destroy();
    });
    // Also one that never begins: Node tells so after the timeout, and leaves the socket open.
    server.on('tlsClientError', (_failure, socket) => socket.destroy());
    return server;
  }

  #builtIn(options: RespServerOptions): RespCommand<ClientState>[] {
    const checkPassword = passwordCheck(options.password);
    const connections = this.#connections;
    return [
      ...connectionCommands({ ...options, passwordRequired: this.passwordRequired, checkPassword }),
      clientCommand({ clients: () => connections.values(), monotonic: () => this.clock.monotonic() }),
      ...serverCommands({
        group: options.serverName,
        table: () => this.table,
        info: () => serverInfo(options, this, this.#port(), this.clock.monotonic() - this.#startedAt),
      }),
    ];
  }

  get connections(): number {
    return this.#connections.size;
  }

  get pending(): number {
    return this.counters.running;
  }

  #port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  listen({ host, port }: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        // Running out of file descriptors must not end the daemon.
        this.#server.on('error', (failure) => this.logger?.error({ err: failure }, 'cannot accept'));
        void this.#keepHouse();
        resolve({ port: this.#port() });
      });
    });
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= this.limits.maxClients || this.#stopping !== undefined) {
      this.#reject(socket);
      return;
    }
    this.counters.connections++;
    const connection = new Connection(++this.#lastId, socket, this);
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#onProgress?.();
    });
  }

  #reject(socket: Socket): void {
    this.counters.rejected++;
    // Beyond the limit nobody is waited for: a flood of connections must not pile up lingering.
    socket.on('error', () => socket.destroy());
    const writer = new ReplyWriter();
    writer.write(maxClientsReached);
    writer.flush(socket);
    socket.destroySoon();
  }

  schedule(connection: Connection): void {
    this.#onProgress?.();
    if (connection.scheduled) return;
    connection.scheduled = true;
    this.#scheduled.push(connection);
    // After all sockets of this turn were read and all promises of it settled.
    if (this.#scheduled.length === 1) setImmediate(() => this.#advanceScheduled());
  }

  #advanceScheduled(): void {
    const scheduled = this.#scheduled;
    this.#scheduled = [];
    for (const connection of scheduled) {
      connection.scheduled = false;
      connection.advance();
    }
    if (this.#turns !== undefined) this.#endTurn(this.#turns);
  }

  touch(connection: Connection): void {
    if (connection.touched) return;
    connection.touched = true;
    this.#touched.push(connection);
  }

  #endTurn(turns: Turns): void {
    const touched = this.#touched;
    this.#touched = [];
    const end = new TurnEnd();
    const waits = turns.end((failure) => {
      end.settled = true;
      end.failure = failure;
      for (const connection of touched) connection.turnSettled();
      this.#onProgress?.();
    });
    for (const connection of touched) connection.endTurn(waits ? end : undefined);
  }

  linger(socket: Socket): void {
    this.#lingering.set(socket, this.clock.monotonic() + this.limits.outputStallMs);
    socket.once('close', () => this.#lingering.delete(socket));
    socket.removeAllListeners('data');
    socket.once('end', () => socket.destroySoon());
    socket.resume();
    socket.end(() => {
      if (this.#lingering.has(socket)) this.#lingering.set(socket, this.clock.monotonic() + LINGER_MS);
    });
    if (socket.readableEnded) socket.destroySoon();
  }

  async #keepHouse(): Promise<void> {
    const { signal } = this.#housekeeping;
    while (!signal.aborted) {
      await this.clock.sleep(HOUSEKEEPING_MS, signal).catch(() => {});
      const now = this.clock.monotonic();
      for (const connection of this.#connections.values()) connection.checkTimeouts(now);
      for (const [socket, deadline] of this.#lingering) if (now >= deadline) socket.destroy();
    }
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const grace = new AbortController();
    const expired = this.clock.sleep(graceMs, grace.signal).catch(() => {});
    for (const connection of [...this.#connections.values()]) connection.close({ dropInput: true });
    await Promise.race([expired, this.#settled()]);
    const lingered = this.clock.sleep(Math.min(graceMs, STOP_LINGER_MS), grace.signal).catch(() => {});
    await Promise.race([expired, lingered, closed]);
    grace.abort();
    this.#housekeeping.abort();
    for (const socket of [...this.#connections.keys(), ...this.#handshaking]) socket.destroy();
    await closed;
  }

  /** Resolves once every command has been answered and every answer handed to the kernel. */
  #settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onProgress = () => {
        const sent = [...this.#connections.keys()].every((socket) => socket.writableFinished || socket.destroyed);
        if (this.counters.running === 0 && sent) resolve();
      };
      for (const socket of this.#connections.keys()) socket.once('finish', () => this.#onProgress?.());
      this.#onProgress();
    });
  }
}

/**
 * Compares in constant time and without telling the length: digests are compared, keyed with a random key so that
 * nobody can prepare prefixes.
 */
function passwordCheck(password: Buffer | undefined): (candidate: Buffer) => boolean {
  const key = randomBytes(32);
  const digest = (bytes: Buffer) => createHash('sha256').update(key).update(bytes).digest();
  const expected = password === undefined ? undefined : digest(password);
  return (candidate) => expected !== undefined && timingSafeEqual(digest(candidate), expected);
}
