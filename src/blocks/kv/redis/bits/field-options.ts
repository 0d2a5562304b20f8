/** What BITFIELD is asked to do: operations on numbers of 1 to 64 bits within a string. */
import type { ByteString } from '../../bytes.js';
import { refusal, syntaxError } from '../../errors.js';
import { arg } from '../command.js';
import { parseSmallInteger, readInteger } from '../numbers.js';
import { readFieldOffset } from './offsets.js';

type Overflow = 'WRAP' | 'SAT' | 'FAIL';

export interface FieldOperation {
  readonly kind: 'GET' | 'SET' | 'INCRBY';
  readonly signed: boolean;
  /** Bits of the number. */
  readonly width: number;
  /** Of its first, highest bit. */
  readonly offset: number;
  /** Value of SET, increment of INCRBY; 0 for GET. */
  readonly amount: bigint;
  readonly overflow: Overflow;
}

/** Arguments of a kind, with its name. */
const LENGTHS = { GET: 3, SET: 4, INCRBY: 4 } as const;

/** From behind the key. Errors: syntax; types, offsets, numbers and ways of overflow that there are not. */
export function readFieldOperations(args: readonly ByteString[]): FieldOperation[] {
  const operations: FieldOperation[] = [];
  let overflow: Overflow = 'WRAP';
  for (let at = 1; at < args.length; ) {
    const name = arg(args, at).toUpperCase();
    if (name === 'OVERFLOW' && at + 1 < args.length) {
      overflow = readOverflow(arg(args, at + 1));
      at += 2;
    } else if (name === 'GET' || name === 'SET' || name === 'INCRBY') {
      if (at + LENGTHS[name] > args.length) throw syntaxError();
      operations.push(readOperation(name, args, at + 1, overflow));
      at += LENGTHS[name];
    } else throw syntaxError();
  }
  return operations;
}

function readOperation(
  kind: FieldOperation['kind'],
  args: readonly ByteString[],
  at: number,
  overflow: Overflow,
): FieldOperation {
  const { signed, width } = readType(arg(args, at));
  const offset = readFieldOffset(arg(args, at + 1), kind === 'GET' ? 'read' : 'write', width);
  const amount = kind === 'GET' ? 0n : readInteger(arg(args, at + 2));
  return { kind, signed, width, offset, amount, overflow };
}

function readType(text: ByteString): { signed: boolean; width: number } {
  const sign = text[0];
  const width = parseSmallInteger(text.slice(1)) ?? 0;
  if ((sign !== 'i' && sign !== 'u') || width < 1 || width > (sign === 'i' ? 64 : 63)) {
    const message = 'Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';
    throw refusal('ERR', message);
  }
  return { signed: sign === 'i', width };
}

function readOverflow(text: ByteString): Overflow {
  const name = text.toUpperCase();
  if (name !== 'WRAP' && name !== 'SAT' && name !== 'FAIL') throw refusal('ERR', 'Invalid OVERFLOW type specified');
  return name;
}
