/** Databases as commands name them. */
import type { ByteString } from '../bytes.js';
import { refusal } from '../errors.js';
import type { Database } from '../store/database.js';
import type { Keyspace } from '../store/keyspace.js';
import { parseInteger, readInteger } from './numbers.js';

const LOWEST = -(2n ** 31n);
const HIGHEST = 2n ** 31n - 1n;

/** Errors: not an integer, not one of 32 bits (both with `message` where there is one), out of range. */
export function readDatabase(keyspace: Keyspace, text: ByteString, message?: string): Database {
  const number = message === undefined ? readInteger(text) : parseInteger(text);
  if (number === undefined || number < LOWEST || number > HIGHEST) {
    throw refusal('ERR', message ?? `value is out of range, value must between ${LOWEST} and ${HIGHEST}`);
  }
  const database = keyspace.databases[Number(number)];
  if (database === undefined) throw refusal('ERR', 'DB index is out of range');
  return database;
}
