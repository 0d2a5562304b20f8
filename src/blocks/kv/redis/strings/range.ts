/** Parts of strings: APPEND, GETRANGE (once SUBSTR), SETRANGE. */
import { bytes, type Reply } from '../../../../platform/protocol/resp/reply.js';
import { type ByteString, byteStringOf } from '../../bytes.js';
import { refusal } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readCount } from '../numbers.js';
import { checkLength, findString, ONE_KEY } from './values.js';

/**
 * What is kept is a text of its own: parts that JavaScript has only joined would keep every earlier value alive.
 */
function overwritten(value: ByteString, offset: number, part: ByteString): ByteString {
  const result = Buffer.alloc(Math.max(value.length, offset + part.length));
  result.write(value, 'latin1');
  result.write(part, offset, 'latin1');
  return byteStringOf(result);
}

function append({ database }: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const part = arg(args, 1);
  const entry = findString(database, key);
  const before = entry?.value ?? '';
  checkLength(before.length + part.length);
  if (entry === undefined) database.setString(key, part, undefined);
  else if (part !== '') database.setString(key, overwritten(before, before.length, part), entry.expires);
  return before.length + part.length;
}

function setRange({ database }: Call, args: readonly ByteString[]): Reply {
  const offset = readCount(arg(args, 1));
  if (offset < 0) throw refusal('ERR', 'offset is out of range');
  const key = arg(args, 0);
  const part = arg(args, 2);
  const entry = findString(database, key);
  const before = entry?.value ?? '';
  if (part === '') return before.length;
  checkLength(offset + part.length);
  const value = overwritten(before, offset, part);
  database.setString(key, value, entry?.expires);
  return value.length;
}

function getRange({ database }: Call, args: readonly ByteString[]): Reply {
  const start = readCount(arg(args, 1));
  const end = readCount(arg(args, 2));
  const value = findString(database, arg(args, 0))?.value ?? '';
  const { from, to } = rangeOf(start, end, value.length);
  return bytes(value.slice(from, to));
}

/** Places from the start, or below 0 from the end; `to` lies behind the last one. */
function rangeOf(start: number, end: number, length: number): { from: number; to: number } {
  if (start < 0 && end < 0 && start > end) return { from: 0, to: 0 };
  const from = Math.max(start < 0 ? start + length : start, 0);
  const last = Math.max(end < 0 ? end + length : end, 0);
  const to = Math.min(last, length - 1) + 1;
  return from < to ? { from, to } : { from: 0, to: 0 };
}

export const rangeCommands: readonly KvCommand[] = [
  {
    name: 'append',
    arity: 3,
    ...ONE_KEY,
    flags: ['write', 'denyoom', 'fast'],
    summary: 'Appends to a string and answers its bytes.',
    run: append,
  },
  {
    name: 'setrange',
    arity: 4,
    ...ONE_KEY,
    flags: ['write', 'denyoom'],
    summary: 'Overwrites a part of a string and answers its bytes.',
    run: setRange,
  },
  {
    name: 'getrange',
    arity: 4,
    ...ONE_KEY,
    flags: ['readonly'],
    summary: 'Answers a part of a string.',
    run: getRange,
  },
  {
    name: 'substr',
    arity: 4,
    ...ONE_KEY,
    flags: ['readonly'],
    summary: 'Answers a part of a string; the old name of GETRANGE.',
    run: getRange,
  },
];
