/** Runs commands on a keyspace of a file of its own, each as a turn of its own, without sockets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { byteStringOfText } from '../../../src/blocks/kv/bytes.js';
import type { Call, Cursors, KvCommand } from '../../../src/blocks/kv/redis/command.js';
import { Keyspace, type KeyspaceOptions } from '../../../src/blocks/kv/store/keyspace.js';
import { DsError } from '../../../src/platform/errors.js';
import type { Reply, TaggedReply } from '../../../src/platform/protocol/resp/reply.js';
import { ManualClock } from '../../helpers/manual-clock.js';

/** What a client sees: byte strings as latin1 texts, maps and sets as arrays in RESP2's manner, errors as `-CODE message`. */
export type Plain = string | number | bigint | boolean | null | readonly Plain[];

export class CommandHost {
  readonly clock = new ManualClock();
  readonly folder = mkdtempSync(join(tmpdir(), 'kv-'));
  readonly path = join(this.folder, 'kv.db');
  keyspace: Keyspace;
  selected = 0;
  protocol: 2 | 3 = 2;
  /** Set to make random choices known. */
  random = Math.random;
  readonly #commands = new Map<string, KvCommand>();
  readonly #options: Partial<KeyspaceOptions>;
  readonly #places: string[] = [];

  constructor(commands: readonly KvCommand[], options: Partial<KeyspaceOptions> = {}) {
    for (const command of commands) this.#commands.set(command.name, command);
    this.#options = options;
    this.keyspace = this.#open();
  }

  /** Closes the file and opens it again: what is there afterwards was in it. */
  reopen(): void {
    this.keyspace.close();
    this.keyspace = this.#open();
  }

  close(): void {
    this.keyspace.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Arguments: texts (as UTF-8) and numbers. */
  run(name: string, ...args: readonly (string | number | bigint)[]): Plain {
    return this.runBytes(name, ...args.map((arg) => byteStringOfText(String(arg))));
  }

  /** Arguments of one character a byte. */
  runBytes(name: string, ...args: readonly string[]): Plain {
    const command = this.#commands.get(name.toLowerCase());
    if (command === undefined) throw new TypeError(`no command ${name}`);
    const count = args.length + 1;
    if (command.arity < 0 ? count < -command.arity : count !== command.arity) return '-ERR wrong number of arguments';
    try {
      const mode = command.flags.includes('write') ? 'write' : 'read';
      return plain(this.keyspace.turn(mode, () => answered(command.run(this.#call(), args))));
    } catch (error) {
      if (error instanceof DsError) return `-${error.code.toUpperCase()} ${error.message}`;
      throw error;
    }
  }

  #open(): Keyspace {
    return new Keyspace({ path: this.path, clock: this.clock, ...this.#options });
  }

  #call(): Call {
    const cursors: Cursors = {
      give: (place) => BigInt(this.#places.push(place)),
      place: (cursor) => this.#places[Number(cursor) - 1],
    };
    return {
      keyspace: this.keyspace,
      database: this.keyspace.database(this.selected),
      protocol: this.protocol,
      random: () => this.random(),
      cursors,
      wait: (_keys, _timeoutMs, _attempt, whenOver) => whenOver,
    };
  }
}

function answered(outcome: ReturnType<KvCommand['run']>): Reply {
  if (typeof outcome === 'object' && outcome !== null && 'waits' in outcome) throw new TypeError('it waits');
  return outcome;
}

function plain(reply: Reply): Plain {
  if (reply === null || typeof reply !== 'object') return reply;
  if (Buffer.isBuffer(reply)) return reply.toString('latin1');
  if (!('type' in reply)) return reply.map(plain);
  return tagged(reply);
}

function tagged(reply: TaggedReply): Plain {
  switch (reply.type) {
    case 'error':
      return `-${reply.code} ${reply.message}`;
    case 'map':
      return reply.entries.flatMap(([key, value]) => [plain(key), plain(value)]);
    case 'set':
    case 'push':
      return reply.items.map(plain);
    case 'double':
    case 'bigNumber':
      return reply.value;
    case 'raw':
      return reply.bytes.toString('latin1');
    default:
      return 'text' in reply ? reply.text : null;
  }
}
