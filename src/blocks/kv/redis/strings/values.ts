/** Strings under keys, within their bound. */
import type { ByteString } from '../../bytes.js';
import type { StringEntry } from '../../entry.js';
import { refusal, wrongType } from '../../errors.js';
import type { Database } from '../../store/database.js';

/** Bytes of one string; a change of it writes it as a whole into the journal. As many as a request may bring in one argument. */
export const MOST_STRING_BYTES = 8 * 1024 * 1024;

/** undefined where there is no such key. Error: WRONGTYPE. */
export function findString(database: Database, key: ByteString): StringEntry | undefined {
  const entry = database.find(key);
  if (entry === undefined) return undefined;
  if (entry.type !== 'string') throw wrongType();
  return entry;
}

/** Error: `ERR string exceeds maximum allowed size (proto-max-bulk-len)`. */
export function checkLength(bytes: number): void {
  if (bytes > MOST_STRING_BYTES) throw refusal('ERR', 'string exceeds maximum allowed size (proto-max-bulk-len)');
}

/** Error: as {@link checkLength}. */
export function storeString(database: Database, key: ByteString, value: ByteString, expires?: number): void {
  checkLength(value.length);
  database.setString(key, value, expires);
}

export const ONE_KEY = { firstKey: 1, lastKey: 1, step: 1 } as const;
