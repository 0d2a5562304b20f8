/**
 * A server of the Redis serialization protocol, versions 2 and 3. Blocks give it their commands; connection handling,
 * authentication, pipelining, limits and the commands that every client library expects are built in.
 */
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.js';
import { clientCommand } from './client-command.js';
import type { ClientState } from './client-state.js';
import { CommandTable, type RespCommand } from './command.js';
import { Connection } from './connection.js';
import { connectionCommands } from './connection-commands.js';
import type { ConnectionHost } from './connection-host.js';
import { maxClientsReached } from './errors.js';
import type { CommandGate } from './gate.js';
import { defaultRespLimits, type RespLimits } from './limits.js';
import { LingeringSockets } from './lingering.js';
import { passwordCheck } from './password-check.js';
import { Pause } from './pause.js';
import { Port, type PortTls } from './port.js';
import { ReplyWriter } from './reply-writer.js';
import { type InfoSections, serverCommands } from './server-commands.js';
import type { RespCounters } from './server-context.js';
import { serverInfo } from './server-info.js';
import { TurnLoop } from './turn-loop.js';
import type { Turns } from './turns.js';

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
  /** The port then speaks TLS alone. */
  readonly tls?: PortTls;
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
  /** Connections that wait: BLPOP and its kin, CLIENT PAUSE. */
  readonly blocked: number;
  /** Commands started and not yet settled. */
  readonly pending: number;
  readonly counters: Readonly<RespCounters>;
  /** How often each command was called is counted anew. */
  resetCommandCounts(): void;
  /** Stops accepting and parsing, lets started commands finish, sends their replies, closes; all within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** How often idle, stalled and lingering connections are looked at, milliseconds. */
const HOUSEKEEPING_MS = 1_000;
/** For peers to close their side when the server stops: those that are idle may not look at their socket at all. */
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
    unfinishedBytes: 0,
    running: 0,
  };

  readonly pause: Pause;
  readonly #port: Port;
  readonly #connections = new Map<Socket, Connection>();
  readonly #lingering: LingeringSockets;
  readonly #startedAt: number;
  readonly #housekeeping = new AbortController();
  readonly #loop: TurnLoop;
  #lastId = 0;
  #stopping: Promise<void> | undefined;
  /** Called when a connection closes or a command settles while stopping. */
  #onProgress: (() => void) | undefined;

  constructor(options: RespServerOptions) {
    this.limits = { ...defaultRespLimits, ...options.limits };
    this.clock = options.clock;
    this.logger = options.logger;
    this.gate = options.gate;
    this.#loop = new TurnLoop(options.turns, () => this.#onProgress?.());
    this.pause = new Pause(options.clock, {
      writes: (connection, entry) => entry.writes || this.gate?.writes(connection, entry) === true,
      goOn: (connection) => this.schedule(connection),
    });
    this.#lingering = new LingeringSockets(options.clock, this.limits.outputStallMs);
    this.textArguments = options.textArguments === true;
    this.hasTurns = options.turns !== undefined;
    this.passwordRequired = options.password !== undefined;
    this.#startedAt = options.clock.monotonic();
    this.table = new CommandTable<ClientState>([...this.#builtIn(options), ...options.commands]);
    this.#port = new Port(options.tls, this.limits.maxClients, (socket) => this.#accept(socket));
  }

  #builtIn(options: RespServerOptions): RespCommand<ClientState>[] {
    const checkPassword = passwordCheck(options.password);
    const connections = this.#connections;
    return [
      ...connectionCommands({ ...options, passwordRequired: this.passwordRequired, checkPassword }),
      clientCommand({
        clients: () => [...connections.values()].filter(({ closed }) => !closed),
        monotonic: () => this.clock.monotonic(),
        pausing: () => ({ pause: this.pause, anyWrites: this.table.all().some(({ writes }) => writes) }),
      }),
      ...serverCommands({
        group: options.serverName,
        table: () => this.table,
        info: () => serverInfo(options, this, this.#port.number, this.clock.monotonic() - this.#startedAt),
      }),
    ];
  }

  get connections(): number {
    return this.#connections.size;
  }

  get blocked(): number {
    let count = 0;
    for (const connection of this.#connections.values()) if (connection.suspended) count++;
    return count;
  }

  resetCommandCounts(): void {
    this.table.resetCounts();
  }

  get pending(): number {
    return this.counters.running;
  }

  async listen(address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }> {
    // Running out of file descriptors must not end the daemon.
    await this.#port.listen(address, (failure) => this.logger?.error({ err: failure }, 'cannot accept'));
    void this.#keepHouse();
    return { port: this.#port.number };
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
    this.#loop.schedule(connection);
  }

  touch(connection: Connection): void {
    this.#loop.touch(connection);
  }

  linger(socket: Socket): void {
    this.#lingering.add(socket);
  }

  async #keepHouse(): Promise<void> {
    const { signal } = this.#housekeeping;
    while (!signal.aborted) {
      await this.clock.sleep(HOUSEKEEPING_MS, signal).catch(() => {});
      const now = this.clock.monotonic();
      for (const connection of this.#connections.values()) connection.checkTimeouts(now);
      this.#lingering.checkTime(now);
    }
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    const closed = this.#port.close();
    const grace = new AbortController();
    const expired = this.clock.sleep(graceMs, grace.signal).catch(() => {});
    for (const connection of [...this.#connections.values()]) connection.close({ dropInput: true });
    await Promise.race([expired, this.#settled()]);
    const lingered = this.clock.sleep(Math.min(graceMs, STOP_LINGER_MS), grace.signal).catch(() => {});
    await Promise.race([expired, lingered, closed]);
    grace.abort();
    this.#housekeeping.abort();
    this.pause.end();
    for (const socket of this.#connections.keys()) socket.destroy();
    this.#port.destroySockets();
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
