/** Commands as data and handler, and the table that finds them by name. */
import { map, type Reply, set, simple } from './reply.js';
import type { Protocol } from './reply-writer.js';
import type { Waiting } from './waiting.js';

/** What a handler may know of the connection that a command came from. */
export interface RespConnection {
  /** Unique within the server's life, from 1. */
  readonly id: number;
  readonly protocol: Protocol;
  /** As CLIENT SETNAME gave it, else empty. From outside: escape it before it reaches a terminal. */
  readonly name: string;
  /** `127.0.0.1:50412` */
  readonly address: string;
  readonly closed: boolean;
  /** Number of the selected database, from 0. */
  readonly database: number;
  /** Calls back once when the connection has ended. */
  onLeft(callback: () => void): void;
}

/**
 * One command. Handlers of a connection are **started** in order of arrival, an asynchronous one does not hold up the
 * next, and replies leave in order of arrival. A command whose effect must not begin before everything earlier on its
 * connection has been answered sets `barrier`.
 */
export interface RespCommand<Connection extends RespConnection = RespConnection> {
  /** As in COMMAND LIST; any case. */
  readonly name: string;
  /** As Redis: number of arguments with the name; negative means at least. */
  readonly arity: number;
  /** As Redis: `write`, `readonly`, `fast`, `admin`, `no_auth` (allowed before authentication) … */
  readonly flags: readonly string[];
  /** Positions of keys among the arguments, the name being 0; absent for a command without keys. */
  readonly firstKey?: number;
  readonly lastKey?: number;
  readonly step?: number;
  /** Keys of a call beside those, where they stand at no fixed positions; `args` as given to {@link handle}. */
  readonly moreKeys?: (args: readonly Buffer[]) => readonly Buffer[];
  /** One sentence for COMMAND DOCS. */
  readonly summary: string;
  readonly barrier?: boolean;
  /** Its answers tell of the turn: where that fails (turns.ts) they are errors. All others stand, and so does what they did. */
  readonly ofTurn?: boolean;
  /**
   * Answers one call. `args` are without the name; they are views of the received bytes and stay as they are for ever,
   * but hold up to 64 KiB in memory each: copy what is kept. A thrown DsError becomes `-<CODE> <message>`, anything
   * else is logged and becomes `-ERR internal error`. Return a plain value, not a promise, wherever possible. A
   * {@link Waiting} blocks the connection until it is answered.
   */
  handle(connection: Connection, args: readonly Buffer[]): Reply | Promise<Reply> | Waiting;
  /** In place of `handle` where the server reads arguments as texts of one character per byte (`textArguments`). */
  handleTexts?(connection: Connection, args: readonly string[]): Reply | Promise<Reply> | Waiting;
}

/** Calls a command with the arguments in the form in which it takes them. */
export function callCommand<Connection extends RespConnection>(
  command: RespCommand<Connection>,
  connection: Connection,
  texts: readonly string[],
): Reply | Promise<Reply> | Waiting {
  return command.handleTexts === undefined
    ? command.handle(connection, buffersOf(texts))
    : command.handleTexts(connection, texts);
}

/** As a server reads them: all Buffers, or all texts of one character per byte. */
export type CommandArguments = readonly Buffer[] | readonly string[];

export const isTexts = (args: CommandArguments): args is readonly string[] => typeof args[0] === 'string';
export const asBuffers = (args: CommandArguments): readonly Buffer[] => (isTexts(args) ? buffersOf(args) : args);

const buffersOf = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

export interface CommandEntry<Connection extends RespConnection> {
  readonly command: RespCommand<Connection>;
  /** Lower case, as Redis's messages have it. */
  readonly name: string;
  readonly barrier: boolean;
  /** Changes something: CLIENT PAUSE WRITE. */
  readonly writes: boolean;
  readonly ofTurn: boolean;
  /** May be called before authentication. */
  readonly open: boolean;
  /** Number of arguments without the name. */
  readonly least: number;
  readonly most: number;
  /** Since the start, or CONFIG RESETSTAT, for INFO commandstats: how often it was run. */
  calls: number;
  /** How often that was answered with an error. */
  failedCalls: number;
}

export class CommandTable<Connection extends RespConnection> {
  /** By upper-case and by lower-case name, so that the usual spellings need no conversion. */
  readonly #entries = new Map<string, CommandEntry<Connection>>();
  readonly #list: CommandEntry<Connection>[] = [];

  constructor(commands: readonly RespCommand<Connection>[]) {
    for (const command of commands) this.#add(command);
  }

  #add(command: RespCommand<Connection>): void {
    const name = command.name.toLowerCase();
    if (this.#entries.has(name)) throw new TypeError(`command ${name} is defined twice`);
    const least = Math.abs(command.arity) - 1;
    const entry: CommandEntry<Connection> = {
      command,
      name,
      barrier: command.barrier === true,
      writes: command.flags.includes('write'),
      ofTurn: command.ofTurn === true,
      open: command.flags.includes('no_auth'),
      least,
      most: command.arity < 0 ? Number.POSITIVE_INFINITY : least,
      calls: 0,
      failedCalls: 0,
    };
    this.#entries.set(name, entry);
    this.#entries.set(name.toUpperCase(), entry);
    this.#list.push(entry);
  }

  find(name: string): CommandEntry<Connection> | undefined {
    return this.#entries.get(name) ?? this.#entries.get(name.toUpperCase());
  }

  /** All counting begins anew: CONFIG RESETSTAT. */
  resetCounts(): void {
    for (const entry of this.#list) {
      entry.calls = 0;
      entry.failedCalls = 0;
    }
  }

  all(): readonly CommandEntry<Connection>[] {
    return this.#list;
  }
}

/** The ten elements of a command in the answer of COMMAND and COMMAND INFO (Redis 7). */
export function commandInfo({ command, name }: CommandEntry<never>): Reply {
  return [
    name,
    command.arity,
    set(command.flags.map(simple)),
    command.firstKey ?? 0,
    command.lastKey ?? command.firstKey ?? 0,
    command.step ?? (command.firstKey === undefined ? 0 : 1),
    set([]),
    [],
    [],
    [],
  ];
}

/** A command's name and description in the answer of COMMAND DOCS. */
export function commandDocs({ command, name }: CommandEntry<never>, group: string): readonly [Reply, Reply] {
  return [
    name,
    map([
      ['summary', command.summary],
      ['since', '1.0.0'],
      ['group', group],
    ]),
  ];
}
