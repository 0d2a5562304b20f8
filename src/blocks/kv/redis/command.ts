/** A command of Redis's, as this store runs it. */
import type { Reply } from '../../../platform/protocol/resp/reply.js';
import type { Waiting } from '../../../platform/protocol/resp/waiting.js';
import type { ByteString } from '../bytes.js';
import type { CollectionEntry, CollectionType } from '../entry.js';
import { refusal, wrongType } from '../errors.js';
import type { Database } from '../store/database.js';
import type { Keyspace } from '../store/keyspace.js';

/** What a command runs on. Everything is synchronous: a command is over when it returns, unless it waits ({@link Call.wait}). */
export interface Call {
  readonly keyspace: Keyspace;
  /** The one that the connection has selected. */
  readonly database: Database;
  /** RESP version of the connection. */
  readonly protocol: 2 | 3;
  /** Uniform in [0, 1). */
  random(): number;
  /** Of SCAN and its kin: a number for a place, and the place of a number. */
  readonly cursors: Cursors;
  /**
   * Blocks the connection until one of the keys (of the present database) holds a collection with which `attempt` gets its answer.
   * `attempt` was called once before, in vain; it is called again, within a writing turn, after each change of such a key, which it is
   * told, and returns undefined to go on waiting; what it throws is the answer. After `timeoutMs` (0: never) the answer is `whenOver`; in
   * a transaction it is so at once, or `atOnce` where Redis tells the two apart. The handler returns what this returns.
   */
  wait(
    keys: readonly ByteString[],
    timeoutMs: number,
    attempt: (key: ByteString) => Reply | undefined,
    whenOver: Reply,
    atOnce?: Reply,
  ): Outcome;
}

export interface Cursors {
  /** A number other than 0 that stands for the place behind which a scan goes on. */
  give(place: string): bigint;
  /** undefined: it was never given, or too long ago. */
  place(cursor: bigint): string | undefined;
}

/** A {@link Waiting} is made by {@link Call.wait} only. */
export type Outcome = Reply | Waiting;

export interface KvCommand {
  /** Lower case. */
  readonly name: string;
  /** As Redis: number of arguments with the name; negative means at least. */
  readonly arity: number;
  /** As Redis. Exactly one of `write` and `readonly` on what touches keys: which turn it runs in. */
  readonly flags: readonly string[];
  readonly firstKey?: number;
  readonly lastKey?: number;
  readonly step?: number;
  /** Keys of a call beside those, where they stand at no fixed positions: {@link keysByNumber}. */
  readonly moreKeys?: (args: readonly Buffer[]) => readonly Buffer[];
  /** One sentence for COMMAND DOCS. */
  readonly summary: string;
  /** `args` are without the name, one character a byte. Thrown DsErrors of `refusal` become `-CODE message`. */
  run(call: Call, args: readonly ByteString[]): Outcome;
}

/** The collection of a type under a key; undefined where there is none. Error: WRONGTYPE. */
export function collection(database: Database, key: ByteString, type: CollectionType): CollectionEntry | undefined {
  const entry = database.find(key);
  if (entry === undefined) return undefined;
  if (entry.type !== type) throw wrongType();
  return entry;
}

/** For {@link KvCommand.moreKeys}: the keys behind an argument that says how many they are. */
export function keysByNumber(at: number): (args: readonly Buffer[]) => readonly Buffer[] {
  return (args) => {
    const count = Number(args[at]?.toString('latin1'));
    return count > 0 ? args.slice(at + 1, at + 1 + count) : [];
  };
}

/** An argument that the arity has made sure of. */
export function arg(args: readonly ByteString[], at: number): ByteString {
  const value = args[at];
  if (value === undefined) throw refusal('ERR', 'wrong number of arguments');
  return value;
}
