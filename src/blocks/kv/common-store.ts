/** What is the same on a file, a daemon and a Redis: commands that all of them have. */
import { readBigint, readNumber, unexpected, type WireReply } from '../../platform/protocol/resp-client/values.js';
import type { ByteString } from './bytes.js';
import type { CommandChannel } from './channel.js';
import type { ValueType } from './entry.js';
import type {
  ChangePage,
  Conditions,
  Expiry,
  KeyPage,
  KeyValueStore,
  PageRequest,
  PutOptions,
  StoredValue,
  StoreStats,
  WriteResult,
} from './key-value-store.js';
import { explaining } from './redis-errors.js';

const NO_KEY = -2;
const NO_TIME = -1;
const TYPES: readonly ValueType[] = ['string', 'list', 'set', 'zset', 'hash'];

export abstract class CommonStore implements KeyValueStore {
  protected readonly channel: CommandChannel;

  constructor(channel: CommandChannel) {
    this.channel = channel;
  }

  abstract get(key: ByteString): Promise<StoredValue | undefined>;
  abstract put(key: ByteString, value: ByteString, options?: PutOptions): Promise<WriteResult>;
  abstract delete(key: ByteString, conditions?: Conditions): Promise<WriteResult>;
  abstract page(request: PageRequest): Promise<KeyPage>;
  abstract changes(after: number, prefix?: ByteString): Promise<ChangePage>;
  abstract stats(): Promise<StoreStats>;

  async increment(key: ByteString, by: bigint): Promise<bigint> {
    return readBigint(await this.ask(['INCRBY', key, String(by)], key), 'INCRBY');
  }

  async ttl(key: ByteString): Promise<number | 'never' | undefined> {
    const left = readNumber(await this.ask(['PTTL', key]), 'PTTL');
    if (left === NO_KEY) return undefined;
    return left === NO_TIME ? 'never' : left;
  }

  async expire(key: ByteString, expiry: Expiry): Promise<boolean> {
    if (expiry !== 'never') {
      const [name, time] = 'at' in expiry ? ['PEXPIREAT', expiry.at] : ['PEXPIRE', expiry.inMs];
      return (await this.ask([name, key, String(time)])) === '1';
    }
    // PERSIST answers the same of a key that has no time and of one that is not there.
    const [, found] = await explaining(
      this.channel.transaction([
        ['PERSIST', key],
        ['EXISTS', key],
      ]),
    );
    return found === '1';
  }

  close(): Promise<void> {
    return this.channel.close();
  }

  /** One command; its error reply as an error of the catalogue. */
  protected ask(args: readonly ByteString[], key?: ByteString): Promise<WireReply> {
    return explaining(this.channel.send(args), key);
  }
}

/** Error: `peer.protocol`. A type that only newer servers have (stream) is one that commands cannot show. */
export function readType(reply: WireReply): ValueType {
  const type = TYPES.find((one) => one === reply);
  if (type === undefined) throw unexpected('a type', reply);
  return type;
}

/** -1: never. */
export function readExpires(reply: WireReply): { readonly expiresAt?: number } {
  const time = readNumber(reply, 'a time');
  return time === NO_TIME ? {} : { expiresAt: time };
}
