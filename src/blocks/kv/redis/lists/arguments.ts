/** What several list commands read from their arguments and find under their keys. */
import type { ByteString } from '../../bytes.js';
import type { End } from '../../collections/list.js';
import type { CollectionEntry } from '../../entry.js';
import { refusal, syntaxError } from '../../errors.js';
import { arg, type Call, collection } from '../command.js';
import { parseInteger } from '../numbers.js';

/** The list under a key. Error: WRONGTYPE. */
export const listAt = (call: Call, key: ByteString): CollectionEntry | undefined =>
  collection(call.database, key, 'list');

/** The list under a key; undefined also where there is something else, for which one goes on waiting. */
export function listIfAny(call: Call, key: ByteString): CollectionEntry | undefined {
  const entry = call.database.find(key);
  return entry?.type === 'list' ? entry : undefined;
}

/** LEFT or RIGHT. Error: `ERR syntax error`. */
export function readEnd(text: ByteString): End {
  const word = text.toUpperCase();
  if (word === 'LEFT') return 'left';
  if (word === 'RIGHT') return 'right';
  throw syntaxError();
}

/** How many elements are to be popped, 0 included. Error: `ERR value is out of range, must be positive`. */
export function readPopCount(text: ByteString): number {
  const count = parseInteger(text);
  if (count === undefined || count < 0) throw refusal('ERR', 'value is out of range, must be positive');
  return Number(count);
}

export interface ManyKeys {
  readonly keys: readonly ByteString[];
  readonly end: End;
  /** At least 1. */
  readonly count: number;
}

/** `numkeys key [key …] LEFT|RIGHT [COUNT count]`, from the place of numkeys on. */
export function readManyKeys(args: readonly ByteString[], at: number): ManyKeys {
  const where = at + 1 + readPositive(arg(args, at), 'numkeys');
  if (where >= args.length) throw syntaxError();
  const end = readEnd(arg(args, where));
  let count: number | undefined;
  for (let next = where + 1; next < args.length; next += 2) {
    const isCount = arg(args, next).toUpperCase() === 'COUNT' && next + 1 < args.length;
    if (!isCount || count !== undefined) throw syntaxError();
    count = readPositive(arg(args, next + 1), 'count');
  }
  return { keys: args.slice(at + 1, where), end, count: count ?? 1 };
}

function readPositive(text: ByteString, name: string): number {
  const value = parseInteger(text);
  if (value === undefined || value <= 0) throw refusal('ERR', `${name} should be greater than 0`);
  return Number(value);
}
