/** Writes what {@link exportRecords} told: many keys in one transaction. */
import type { Clock } from '../../../platform/clock.js';
import type { ByteString } from '../bytes.js';
import type { CommandChannel } from '../channel.js';
import { explaining } from '../redis-errors.js';
import { readRecordLines } from './lines.js';
import { decodeRecord, type KeyRecord } from './records.js';

/** Records of one transaction. */
const RECORDS = 1_000;
/** Bytes of one, beyond which it ends. */
const BYTES = 4 * 1024 * 1024;

export interface ImportReport {
  readonly keys: number;
  /** Lines left out, since the time of their key has come. */
  readonly expired: number;
}

/**
 * Keys that are there already are replaced. Each transaction is made whole or not at all; what was read before a line that is refused stays.
 * Errors: `kv.bad_record`, those of the channel.
 */
export async function importRecords(
  channel: CommandChannel,
  clock: Clock,
  chunks: AsyncIterable<Uint8Array>,
): Promise<ImportReport> {
  const batch = new Batch(channel);
  let keys = 0;
  let expired = 0;
  let number = 0;
  for await (const line of readRecordLines(chunks)) {
    number++;
    if (line.trim() === '') continue;
    const record = decodeRecord(line, number);
    if (record.expiresAt !== undefined && record.expiresAt <= clock.now()) {
      expired++;
      continue;
    }
    if (!record.continues) keys++;
    await batch.add(record, line.length);
  }
  await batch.flush();
  return { keys, expired };
}

class Batch {
  readonly #channel: CommandChannel;
  #commands: ByteString[][] = [];
  #records = 0;
  #bytes = 0;

  constructor(channel: CommandChannel) {
    this.#channel = channel;
  }

  async add(record: KeyRecord, bytes: number): Promise<void> {
    this.#commands.push(...commandsOf(record));
    this.#bytes += bytes;
    if (++this.#records >= RECORDS || this.#bytes >= BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const commands = this.#commands;
    this.#commands = [];
    this.#records = 0;
    this.#bytes = 0;
    if (commands.length > 0) await explaining(this.#channel.transaction(commands));
  }
}

function commandsOf({ key, type, parts, expiresAt, continues }: KeyRecord): ByteString[][] {
  const time = expiresAt === undefined ? [] : [['PEXPIREAT', key, String(expiresAt)]];
  const before = continues ? [] : [['DEL', key]];
  switch (type) {
    case 'string':
      return [['SET', key, ...parts], ...time];
    case 'list':
      return [...before, ['RPUSH', key, ...parts], ...time];
    case 'set':
      return [...before, ['SADD', key, ...parts], ...time];
    case 'hash':
      return [...before, ['HSET', key, ...parts], ...time];
    case 'zset':
      return [...before, ['ZADD', key, ...scoresFirst(parts)], ...time];
  }
}

/** ZADD has them so, and ZSCAN the other way round. */
function scoresFirst(parts: readonly ByteString[]): ByteString[] {
  return parts.map((_, at) => parts[at % 2 === 0 ? at + 1 : at - 1] ?? '');
}
