/** BITFIELD, BITFIELD_RO: numbers of 1 to 64 bits anywhere in a string, the highest bit first. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import { type ByteString, byteStringOf, bytesOf } from '../../bytes.js';
import { refusal } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { findString, ONE_KEY } from '../strings/values.js';
import { type FieldOperation, readFieldOperations } from './field-options.js';
import { grownBytes } from './offsets.js';

function readOnly({ database }: Call, args: readonly ByteString[]): Reply {
  const operations = readFieldOperations(args);
  if (operations.some(({ kind }) => kind !== 'GET')) {
    throw refusal('ERR', 'BITFIELD_RO only supports the GET subcommand');
  }
  return getAll(findString(database, arg(args, 0))?.value ?? '', operations);
}

function bitField({ database }: Call, args: readonly ByteString[]): Reply {
  const operations = readFieldOperations(args);
  const key = arg(args, 0);
  const entry = findString(database, key);
  const value = entry?.value ?? '';
  const length = operations.reduce((most, operation) => Math.max(most, writtenBytes(operation)), 0);
  if (length === 0) return getAll(value, operations);
  const bytes = grownBytes(value, length);
  const replies = operations.map((operation) => apply(bytes, operation));
  const after = byteStringOf(bytes);
  // A string that became longer is written even if each operation failed: as Redis.
  if (after !== value) database.setString(key, after, entry?.expires);
  return replies;
}

const writtenBytes = ({ kind, offset, width }: FieldOperation): number =>
  kind === 'GET' ? 0 : ((offset + width - 1) >>> 3) + 1;

/** Only the bytes of each number are looked at. */
function getAll(value: ByteString, operations: readonly FieldOperation[]): Reply {
  return operations.map((operation) => {
    const start = Math.floor(operation.offset / 8);
    return readField(bytesOf(value.slice(start, start + 9)), { ...operation, offset: operation.offset & 7 });
  });
}

function apply(bytes: Buffer, operation: FieldOperation): Reply {
  const before = readField(bytes, operation);
  if (operation.kind === 'GET') return before;
  const wanted = operation.kind === 'SET' ? operation.amount : before + operation.amount;
  const after = fitted(operation.kind === 'SET' ? asUnsignedAmount(operation) : wanted, operation);
  if (after === undefined) return null;
  writeField(bytes, operation, after);
  return operation.kind === 'SET' ? before : after;
}

/** SET of an unsigned number takes the 64 bits of its argument as unsigned ones: -1 is the largest of them. */
const asUnsignedAmount = ({ signed, amount }: FieldOperation): bigint => (signed ? amount : BigInt.asUintN(64, amount));

/** A number of this type; undefined where it does not fit and the operation is to fail then. */
function fitted(value: bigint, { signed, width, overflow }: FieldOperation): bigint | undefined {
  const wrapped = signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
  if (wrapped === value || overflow === 'WRAP') return wrapped;
  if (overflow === 'FAIL') return undefined;
  const size = BigInt(signed ? width - 1 : width);
  if (value > 0n) return (1n << size) - 1n;
  return signed ? -(1n << size) : 0n;
}

/** Bits behind the end are 0. */
function readField(bytes: Buffer, { offset, width, signed }: FieldOperation): bigint {
  let bits = 0n;
  const last = (offset + width - 1) >>> 3;
  for (let at = offset >>> 3; at <= last; at++) bits = (bits << 8n) | BigInt(bytes[at] ?? 0);
  bits >>= BigInt(7 - ((offset + width - 1) & 7));
  return signed ? BigInt.asIntN(width, bits) : BigInt.asUintN(width, bits);
}

function writeField(bytes: Buffer, { offset, width }: FieldOperation, value: bigint): void {
  const end = offset + width - 1;
  const shift = BigInt(7 - (end & 7));
  let bits = BigInt.asUintN(width, value) << shift;
  let mask = BigInt.asUintN(width, -1n) << shift;
  for (let at = end >>> 3; at >= offset >>> 3; at--) {
    bytes[at] = ((bytes[at] ?? 0) & ~Number(mask & 255n)) | Number(bits & 255n);
    bits >>= 8n;
    mask >>= 8n;
  }
}

export const bitFieldCommands: readonly KvCommand[] = [
  {
    name: 'bitfield',
    arity: -2,
    ...ONE_KEY,
    flags: ['write', 'denyoom'],
    summary: 'Reads and changes numbers of any width in a string.',
    run: bitField,
  },
  {
    name: 'bitfield_ro',
    arity: -2,
    ...ONE_KEY,
    flags: ['readonly', 'fast'],
    summary: 'Reads numbers of any width in a string.',
    run: readOnly,
  },
];
