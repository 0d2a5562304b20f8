/** SETBIT, GETBIT. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import { type ByteString, byteStringOf } from '../../bytes.js';
import { refusal } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { findString, ONE_KEY } from '../strings/values.js';
import { grownBytes, readBitOffset } from './offsets.js';

function setBit({ database }: Call, args: readonly ByteString[]): Reply {
  const offset = readBitOffset(arg(args, 1), 'write');
  const bit = arg(args, 2);
  if (bit !== '0' && bit !== '1') throw refusal('ERR', 'bit is not an integer or out of range');
  const key = arg(args, 0);
  const entry = findString(database, key);
  const value = entry?.value ?? '';
  const at = offset >>> 3;
  const before = bitOf(value, offset);
  if (at < value.length && before === Number(bit)) return before;
  const bytes = grownBytes(value, at + 1);
  const mask = 128 >>> (offset & 7);
  const byte = bytes[at] ?? 0;
  bytes[at] = bit === '1' ? byte | mask : byte & ~mask;
  database.setString(key, byteStringOf(bytes), entry?.expires);
  return before;
}

function getBit({ database }: Call, args: readonly ByteString[]): Reply {
  const offset = readBitOffset(arg(args, 1), 'read');
  return bitOf(findString(database, arg(args, 0))?.value ?? '', offset);
}

function bitOf(value: ByteString, offset: number): 0 | 1 {
  const at = offset >>> 3;
  return at < value.length && (value.charCodeAt(at) & (128 >>> (offset & 7))) !== 0 ? 1 : 0;
}

export const singleBitCommands: readonly KvCommand[] = [
  {
    name: 'setbit',
    arity: 4,
    ...ONE_KEY,
    flags: ['write', 'denyoom'],
    summary: 'Sets or clears a bit of a string and answers what it was.',
    run: setBit,
  },
  {
    name: 'getbit',
    arity: 3,
    ...ONE_KEY,
    flags: ['readonly', 'fast'],
    summary: 'Answers a bit of a string.',
    run: getBit,
  },
];
