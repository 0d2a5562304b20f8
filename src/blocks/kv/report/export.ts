/** Reads keys with all that they hold, by Redis's own commands, a piece in memory at a time. */
import { readList, readText, type WireReply } from '../../../platform/protocol/resp-client/values.js';
import type { ByteString } from '../bytes.js';
import type { CommandChannel } from '../channel.js';
import { readType } from '../common-store.js';
import type { KeyValueStore, ListedKey } from '../key-value-store.js';
import { explaining } from '../redis-errors.js';
import { keyPages } from './keys.js';
import type { KeyRecord } from './records.js';

/** Elements of one record. */
const ELEMENTS = 1_000;

export interface ExportSource {
  readonly channel: CommandChannel;
  readonly store: KeyValueStore;
}

/** Keys whose strings are read at once: each may have 8 MiB. */
const STRINGS = 16;

/**
 * Keys that begin so. Each is as it is when it is read: this is no snapshot of all of them, and a collection of more than a thousand
 * elements that is changed meanwhile may be told as it never was. `onLeftOut` is told how many keys have a type that is not exported.
 */
export async function* exportRecords(
  source: ExportSource,
  prefix: ByteString,
  onLeftOut: (keys: number) => void = () => {},
): AsyncGenerator<KeyRecord> {
  const { channel, store } = source;
  for await (const page of keyPages(store, { prefix, onLeftOut })) {
    for (let at = 0; at < page.length; at += STRINGS) yield* recordsOfSome(channel, page.slice(at, at + STRINGS));
  }
}

async function* recordsOfSome(channel: CommandChannel, some: readonly ListedKey[]): AsyncGenerator<KeyRecord> {
  const strings = some.filter(({ type }) => type === 'string').map(({ key }) => key);
  const values = strings.length === 0 ? [] : readList(await explaining(channel.send(['MGET', ...strings])), 'MGET');
  const held = new Map(strings.map((key, i) => [key, values[i] ?? null]));
  for (const listed of some) {
    const { key, expiresAt } = listed;
    const value = held.get(key);
    const time = expiresAt === undefined ? {} : { expiresAt };
    if (typeof value === 'string') yield { key, type: 'string', parts: [value], ...time, continues: false };
    else yield* recordsOf(channel, value === null ? await listedAgain(channel, listed) : listed);
  }
}

/** A key that was listed as a string and is none any more: gone, or another type. */
async function listedAgain(channel: CommandChannel, listed: ListedKey): Promise<ListedKey | undefined> {
  const type = await explaining(channel.send(['TYPE', listed.key]));
  return type === 'none' ? undefined : { ...listed, type: readType(type) };
}

async function* recordsOf(channel: CommandChannel, listed: ListedKey | undefined): AsyncGenerator<KeyRecord> {
  if (listed === undefined) return;
  const { key, type, expiresAt } = listed;
  const time = expiresAt === undefined ? {} : { expiresAt };
  let continues = false;
  for await (const parts of piecesOf(channel, key, type)) {
    if (parts.length === 0) continue;
    yield { key, type, parts, ...time, continues };
    continues = true;
  }
}

function piecesOf(channel: CommandChannel, key: ByteString, type: ListedKey['type']): AsyncIterable<ByteString[]> {
  switch (type) {
    case 'string':
      return stringOf(channel, key);
    case 'list':
      return elementsOfList(channel, key);
    case 'hash':
      return scanned(channel, 'HSCAN', key);
    case 'set':
      return scanned(channel, 'SSCAN', key);
    case 'zset':
      return scanned(channel, 'ZSCAN', key);
  }
}

async function* stringOf(channel: CommandChannel, key: ByteString): AsyncGenerator<ByteString[]> {
  const value = await explaining(channel.send(['GET', key]), key);
  // It may be gone since it was listed.
  if (value !== null) yield [readText(value, 'GET')];
}

async function* elementsOfList(channel: CommandChannel, key: ByteString): AsyncGenerator<ByteString[]> {
  for (let from = 0; ; from += ELEMENTS) {
    const reply = await explaining(channel.send(['LRANGE', key, String(from), String(from + ELEMENTS - 1)]), key);
    const elements = texts(reply);
    yield elements;
    if (elements.length < ELEMENTS) return;
  }
}

async function* scanned(channel: CommandChannel, command: string, key: ByteString): AsyncGenerator<ByteString[]> {
  let cursor = '0';
  do {
    const reply = await explaining(channel.send([command, key, cursor, 'COUNT', String(ELEMENTS)]), key);
    const [next = null, elements = null] = readList(reply, command);
    yield texts(elements);
    cursor = readText(next, 'cursor');
  } while (cursor !== '0');
}

const texts = (reply: WireReply): ByteString[] => readList(reply, 'elements').map((one) => readText(one, 'an element'));
