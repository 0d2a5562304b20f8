/** BITOP. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import { type ByteString, byteStringOf } from '../../bytes.js';
import { refusal, syntaxError } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { findString } from '../strings/values.js';
import { grownBytes } from './offsets.js';

type Operation = 'AND' | 'OR' | 'XOR' | 'NOT';

function readOperation(text: ByteString): Operation {
  const name = text.toUpperCase();
  if (name !== 'AND' && name !== 'OR' && name !== 'XOR' && name !== 'NOT') throw syntaxError();
  return name;
}

function combine({ database }: Call, args: readonly ByteString[]): Reply {
  const operation = readOperation(arg(args, 0));
  if (operation === 'NOT' && args.length !== 3) {
    throw refusal('ERR', 'BITOP NOT must be called with a single source key.');
  }
  const destination = arg(args, 1);
  const values = args.slice(2).map((key) => findString(database, key)?.value ?? '');
  const length = values.reduce((most, value) => Math.max(most, value.length), 0);
  if (length === 0) database.remove(destination);
  else database.setString(destination, byteStringOf(combined(operation, values, length)), undefined);
  return length;
}

/** Shorter ones go on with zeros. */
function combined(operation: Operation, values: readonly ByteString[], length: number): Buffer {
  const result = grownBytes(values[0] ?? '', length);
  if (operation === 'NOT') {
    for (let at = 0; at < length; at++) result[at] = ~(result[at] as number);
  }
  for (const value of values.slice(1)) merge(operation, result, grownBytes(value, length));
  return result;
}

function merge(operation: Operation, into: Buffer, other: Buffer): void {
  const length = into.length;
  if (operation === 'AND') for (let at = 0; at < length; at++) into[at] = (into[at] as number) & (other[at] as number);
  if (operation === 'OR') for (let at = 0; at < length; at++) into[at] = (into[at] as number) | (other[at] as number);
  if (operation === 'XOR') for (let at = 0; at < length; at++) into[at] = (into[at] as number) ^ (other[at] as number);
}

export const bitOperationCommands: readonly KvCommand[] = [
  {
    name: 'bitop',
    arity: -4,
    firstKey: 2,
    lastKey: -1,
    step: 1,
    flags: ['write', 'denyoom'],
    summary: 'Combines the bits of strings and puts the result under a key.',
    run: combine,
  },
];
