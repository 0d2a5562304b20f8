/**
 * The lines of a block, one after the other:
 *
 *     joined by LF      where no line has one: it is what separates them
 *     with lengths      first the length of each, then all of them
 */
import type { EntryBatch } from '../../entry-batch.js';
import { type ByteReader, type ByteWriter, DamagedBytes } from './bytes.js';

const LF = 10;

export interface Lines {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Whether a line of the entries in `order` has a line end within. */
export function haveLineEnds({ bytes, starts, ends }: EntryBatch, order: Uint32Array): boolean {
  // Looked for from where the last one was found: lines mostly lie in order, and each byte is looked at once.
  let found = -1;
  let foundFrom = 0;
  for (let i = 0; i < order.length; i++) {
    const index = order[i] ?? 0;
    const start = starts[index] ?? 0;
    if (found < start || start < foundFrom) {
      const next = bytes.indexOf(LF, start);
      found = next === -1 ? Number.POSITIVE_INFINITY : next;
      foundFrom = start;
    }
    if (found < (ends[index] ?? 0)) return true;
  }
  return false;
}

/** Returns where in the writer the lines begin. */
export function writeJoined(writer: ByteWriter, { bytes, starts, ends }: EntryBatch, order: Uint32Array): number {
  const from = writer.length;
  // Lines that lie beside each other, one LF between them, are copied as one piece.
  let pieceStart = starts[order[0] ?? 0] ?? 0;
  let pieceEnd = ends[order[0] ?? 0] ?? 0;
  for (let i = 1; i < order.length; i++) {
    const index = order[i] ?? 0;
    const start = starts[index] ?? 0;
    const end = ends[index] ?? 0;
    if (start !== pieceEnd + 1 || bytes[pieceEnd] !== LF) {
      writer.copy(bytes, pieceStart, pieceEnd);
      writer.byte(LF);
      pieceStart = start;
    }
    pieceEnd = end;
  }
  writer.copy(bytes, pieceStart, pieceEnd);
  return from;
}

export function readJoined({ buffer, position }: ByteReader, count: number): Lines {
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let start = position;
  for (let i = 0; i < count; i++) {
    const found = buffer.indexOf(LF, start);
    if ((found === -1) !== (i === count - 1)) throw new DamagedBytes('has another number of lines than it says');
    const end = found === -1 ? buffer.length : found;
    starts[i] = start;
    ends[i] = end;
    start = end + 1;
  }
  return { starts, ends };
}

/** Returns where in the writer the lines begin. */
export function writeWithLengths(writer: ByteWriter, { bytes, starts, ends }: EntryBatch, order: Uint32Array): number {
  for (let i = 0; i < order.length; i++) {
    const index = order[i] ?? 0;
    writer.varint((ends[index] ?? 0) - (starts[index] ?? 0));
  }
  const from = writer.length;
  for (let i = 0; i < order.length; i++) {
    const index = order[i] ?? 0;
    writer.copy(bytes, starts[index] ?? 0, ends[index] ?? 0);
  }
  return from;
}

export function readWithLengths(reader: ByteReader, count: number): Lines {
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  for (let i = 0; i < count; i++) ends[i] = reader.varint();
  let start = reader.position;
  for (let i = 0; i < count; i++) {
    const end = start + (ends[i] ?? 0);
    starts[i] = start;
    ends[i] = end;
    start = end;
  }
  if (start !== reader.buffer.length) throw new DamagedBytes('has lines of another length than it says');
  return { starts, ends };
}
