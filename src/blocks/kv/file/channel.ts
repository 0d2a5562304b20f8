/** Commands on the file in this process: each a turn of its own, on the disk when it is answered. */
import type { Clock, Random } from '../../../platform/clock.js';
import { DsError } from '../../../platform/errors.js';
import { unknownCommand, wrongArity } from '../../../platform/protocol/resp/errors.js';
import type { Reply, TaggedReply } from '../../../platform/protocol/resp/reply.js';
import { Waiting } from '../../../platform/protocol/resp/waiting.js';
import { ErrorReply } from '../../../platform/protocol/resp-client/connection.js';
import type { WireReply } from '../../../platform/protocol/resp-client/values.js';
import { type ByteString, bytesOf } from '../bytes.js';
import type { CommandChannel } from '../channel.js';
import { refusal } from '../errors.js';
import type { Call, KvCommand, Outcome } from '../redis/command.js';
import { RememberedCursors } from '../server/cursors.js';
import { uniform } from '../server/uniform.js';
import { Fold } from '../store/fold.js';
import { DATABASES, Keyspace } from '../store/keyspace.js';
import { wireOfReply } from './wire-of-reply.js';

/** Keys that are not folded, beyond which a command that wrote folds: each later one would read them all, ~1 µs each. */
const FOLD_FROM = 2_000;

export interface FileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Those that can be called. */
  readonly commands: readonly KvCommand[];
  readonly mustExist?: boolean;
}

export class FileChannel implements CommandChannel {
  readonly server = 'file';
  readonly keyspace: Keyspace;
  readonly #commands: ReadonlyMap<string, KvCommand>;
  readonly #random: () => number;
  readonly #cursors: RememberedCursors;
  readonly #fold: Fold;
  #selected = 0;
  #wrote = false;

  constructor({ path, clock, random, commands, mustExist = false }: FileOptions) {
    this.keyspace = new Keyspace({ path, clock, mustExist });
    this.#fold = new Fold(this.keyspace);
    this.#commands = new Map(commands.map((command) => [command.name, command]));
    this.#random = uniform(random);
    this.#cursors = new RememberedCursors(this.#random);
  }

  async send(args: readonly ByteString[]): Promise<WireReply> {
    return this.#turn([args], ([command]) => this.#run(command ?? []));
  }

  async transaction(commands: readonly (readonly ByteString[])[]): Promise<readonly WireReply[]> {
    return this.#turn(commands, () => commands.map((command) => this.#run(command)));
  }

  async close(): Promise<void> {
    try {
      if (this.#wrote && this.keyspace.memory.fresh.length > FOLD_FROM) this.#fold.all();
    } finally {
      this.keyspace.close();
    }
  }

  #turn<T>(commands: readonly (readonly ByteString[])[], work: (commands: readonly (readonly ByteString[])[]) => T): T {
    const writes = commands.some(([name = '']) => this.#find(name)?.flags.includes('write') === true);
    this.#wrote ||= writes;
    try {
      const result = this.keyspace.turn(writes ? 'write' : 'read', () => work(commands));
      // What is not folded is held in memory: an import of millions of keys is to end.
      if (writes && this.#fold.due) this.#fold.all();
      return result;
    } catch (failure) {
      throw asErrorReply(failure);
    }
  }

  #find(name: string): KvCommand | undefined {
    return this.#commands.get(name.toLowerCase());
  }

  #run([name = '', ...args]: readonly ByteString[]): WireReply {
    if (name.toLowerCase() === 'select') return this.#select(args);
    const command = this.#find(name);
    if (command === undefined) throw new ErrorReply(textOf(unknownCommand(name, args.map(bytesOf))));
    const { arity } = command;
    const count = args.length + 1;
    if (arity < 0 ? count < -arity : count !== arity) throw new ErrorReply(textOf(wrongArity(command.name)));
    return wireOfReply(answered(command.run(this.#call(), args)));
  }

  #select([number = '']: readonly ByteString[]): WireReply {
    if (!/^\d{1,9}$/.test(number)) throw refusal('ERR', 'value is not an integer or out of range');
    if (Number(number) >= DATABASES) throw refusal('ERR', 'DB index is out of range');
    this.#selected = Number(number);
    return 'OK';
  }

  #call(): Call {
    return {
      keyspace: this.keyspace,
      database: this.keyspace.database(this.#selected),
      protocol: 2,
      random: this.#random,
      cursors: this.#cursors,
      // Nobody else is in this process to bring what would be waited for: the answer is that of a transaction.
      wait: (_keys, _timeoutMs, _attempt, whenOver, atOnce = whenOver) => atOnce,
    };
  }
}

/** {@link FileChannel} answers each wait at once. */
function answered(outcome: Outcome): Reply {
  if (outcome instanceof Waiting) throw new TypeError('a command waits');
  return outcome;
}

/** A refusal in Redis's words, whose code is one word; the errors of the catalogues have a point in theirs. */
function asErrorReply(failure: unknown): unknown {
  if (!(failure instanceof DsError) || failure.code.includes('.')) return failure;
  return new ErrorReply(`${failure.code.toUpperCase()} ${failure.message}`);
}

/** Of an error reply, without its minus and its line end. */
function textOf(reply: TaggedReply): string {
  if (reply.type === 'error') return `${reply.code} ${reply.message}`;
  return reply.type === 'raw' ? reply.bytes.toString('utf8').slice(1, -2) : '';
}
