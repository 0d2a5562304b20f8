/**
 * A Redis or Valkey: no revisions, no order of keys, no history. What compares before it writes is one script, so that nobody comes between.
 */

import type { Clock } from '../../../platform/clock.js';
import { ErrorReply } from '../../../platform/protocol/resp-client/connection.js';
import { defineScript, type Script } from '../../../platform/protocol/resp-client/script.js';
import { readList, readNumber, readText, type WireReply } from '../../../platform/protocol/resp-client/values.js';
import type { ByteString } from '../bytes.js';
import type { CommandChannel } from '../channel.js';
import { CommonStore } from '../common-store.js';
import type { ValueType } from '../entry.js';
import { kvErrors } from '../errors.js';
import type {
  ChangePage,
  Conditions,
  KeyPage,
  ListedKey,
  PageRequest,
  PutOptions,
  StoredValue,
  StoreStats,
  WriteResult,
} from '../key-value-store.js';
import { explained, explaining } from '../redis-errors.js';

/** KEYS[1]; what it must hold, what it shall, further arguments of SET. */
const putIfEqual = defineScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], unpack(ARGV, 2))
return 1`);

const deleteIfEqual = defineScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`);

const TYPES: ReadonlySet<WireReply> = new Set(['string', 'list', 'set', 'zset', 'hash']);

export class RedisStore extends CommonStore {
  readonly #clock: Clock;
  #tellsTimes = true;

  constructor(channel: CommandChannel, clock: Clock) {
    super(channel);
    this.#clock = clock;
  }

  async get(key: ByteString): Promise<StoredValue | undefined> {
    const [value, time] = await Promise.all([this.ask(['GET', key], key), this.#time(key)]);
    return value === null ? undefined : { value: readText(value, 'value'), ...time };
  }

  async put(key: ByteString, value: ByteString, options: PutOptions = {}): Promise<WriteResult> {
    this.#refuseRevision(options);
    const { ttlMs, ifAbsent = false, ifEquals } = options;
    // They cannot both hold. The script would not tell that its SET did nothing.
    if (ifAbsent && ifEquals !== undefined) return { done: false };
    const set = [value, ...(ttlMs === undefined ? [] : ['PX', String(ttlMs)]), ...(ifAbsent ? ['NX'] : [])];
    if (ifEquals !== undefined) return { done: (await this.#script(putIfEqual, key, [ifEquals, ...set])) === '1' };
    return { done: (await this.ask(['SET', key, ...set], key)) === 'OK' };
  }

  async delete(key: ByteString, conditions: Conditions = {}): Promise<WriteResult> {
    this.#refuseRevision(conditions);
    const { ifEquals } = conditions;
    if (ifEquals !== undefined) return { done: (await this.#script(deleteIfEqual, key, [ifEquals])) === '1' };
    return { done: (await this.ask(['DEL', key])) === '1' };
  }

  async page({ prefix = '', match, type, after, limit }: PageRequest): Promise<KeyPage> {
    const pattern = match ?? (prefix === '' ? undefined : `${escapePattern(prefix)}*`);
    const options = [...(pattern === undefined ? [] : ['MATCH', pattern]), 'COUNT', String(limit)];
    const reply = await this.ask(['SCAN', after ?? '0', ...options]);
    const [cursor = null, found = null] = readList(reply, 'SCAN');
    const names = readList(found, 'keys').map((key) => readText(key, 'key'));
    const listed = await Promise.all(names.filter((name) => name.startsWith(prefix)).map((key) => this.#list(key)));
    const keys = listed.filter((one): one is ListedKey => typeof one === 'object');
    const leftOut = listed.filter((one) => one === 'unknown').length;
    return {
      keys: type === undefined ? keys : keys.filter((one) => one.type === type),
      ...(leftOut === 0 ? {} : { leftOut }),
      ...(cursor === '0' ? {} : { next: readText(cursor, 'cursor') }),
    };
  }

  async changes(): Promise<ChangePage> {
    throw this.#noRevisions('it keeps no history of changes');
  }

  async stats(): Promise<StoreStats> {
    const info = readText(await this.ask(['INFO']), 'INFO');
    const databases = [...info.matchAll(/^db(\d+):keys=(\d+),expires=(\d+)/gm)];
    const memory = /^used_memory:(\d+)/m.exec(info);
    const { server, version } = this.channel;
    return {
      server,
      ...(version === undefined ? {} : { version }),
      databases: databases.map(([, database, keys, expiring]) => ({
        database: Number(database),
        keys: Number(keys),
        expiring: Number(expiring),
      })),
      ...(memory === null ? {} : { bytes: Number(memory[1]) }),
    };
  }

  /** `gone`: by now; `unknown`: of a type that only Redis has. */
  async #list(key: ByteString): Promise<ListedKey | 'gone' | 'unknown'> {
    const [type, time] = await Promise.all([this.ask(['TYPE', key]), this.#time(key)]);
    if (type === 'none') return 'gone';
    return TYPES.has(type) ? { key, type: type as ValueType, ...time } : 'unknown';
  }

  /** Exactly where the server can tell, which is from Redis 7 on; elsewhere by this machine's clock. */
  async #time(key: ByteString): Promise<{ readonly expiresAt?: number }> {
    if (this.#tellsTimes) {
      try {
        const at = readNumber(await this.channel.send(['PEXPIRETIME', key]), 'PEXPIRETIME');
        return at < 0 ? {} : { expiresAt: at };
      } catch (failure) {
        if (!(failure instanceof ErrorReply) || !/unknown command/i.test(failure.message)) throw explained(failure);
        this.#tellsTimes = false;
      }
    }
    const leftMs = readNumber(await this.ask(['PTTL', key]), 'PTTL');
    return leftMs < 0 ? {} : { expiresAt: this.#clock.now() + leftMs };
  }

  async #script({ digest, lua }: Script, key: ByteString, args: readonly ByteString[]): Promise<WireReply> {
    try {
      return await this.channel.send(['EVALSHA', digest, '1', key, ...args]);
    } catch (failure) {
      if (!(failure instanceof ErrorReply) || failure.code !== 'NOSCRIPT')
        return explaining(Promise.reject(failure), key);
    }
    return this.ask(['EVAL', lua, '1', key, ...args], key);
  }

  #refuseRevision({ ifRevision }: Conditions): void {
    if (ifRevision !== undefined) throw this.#noRevisions('its keys have no revisions');
  }

  #noRevisions(why: string) {
    const { server } = this.channel;
    return kvErrors.error('kv.no_revisions', `the server is a ${server === 'valkey' ? 'Valkey' : 'Redis'}: ${why}`, {
      hint: 'ds kv serve has them, and so has a file: --db PATH',
    });
  }
}

/** A text as a pattern that only it fits. */
const escapePattern = (text: ByteString): ByteString => text.replace(/[*?[\]\\^]/g, '\\$&');
