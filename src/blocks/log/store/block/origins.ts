/**
 * The column of origins, in runs: entries of one file that begin where the one before them ended, and that cover as many bytes more than
 * their lines as the one before did (1: the line end). A file that is read from its beginning to its end is a single run.
 *
 *     run:  entries    file + 1, or 0 where they were read from none    [offset − end of the file's entry before it    bytes beyond the line]
 */
import type { EntryBatch, Origin } from '../../entry-batch.js';
import { type ByteReader, type ByteWriter, DamagedBytes } from './bytes.js';
import type { Lines } from './lines.js';

/** What a block has of a file. */
export interface FilePart {
  readonly file: number;
  /** The lowest offset, and the highest end. */
  from: number;
  to: number;
  entries: number;
}

interface FileState {
  end: number;
  beyond: number;
}

/** The file of entry i; 0 where it is of none. */
export function fileOf({ file, fileOf }: Origin, index: number): number {
  return fileOf === undefined ? file : (fileOf[index] ?? 0);
}

/** Returns what there is of each file. */
export function writeOrigins(writer: ByteWriter, batch: EntryBatch, origin: Origin, order: Uint32Array): FilePart[] {
  const parts = new Map<number, FilePart>();
  const states = new Map<number, FileState>();
  for (let i = 0; i < order.length; ) {
    const file = fileOf(origin, order[i] ?? 0);
    if (file === 0) i += writeRunOfNone(writer, origin, order, i);
    else i += writeRun(writer, batch, { origin, order, from: i, file, state: stateOf(states, file) }, parts);
  }
  return [...parts.values()];
}

function writeRunOfNone(writer: ByteWriter, origin: Origin, order: Uint32Array, from: number): number {
  let i = from + 1;
  while (i < order.length && fileOf(origin, order[i] ?? 0) === 0) i++;
  writer.varint(i - from);
  writer.varint(0);
  return i - from;
}

interface Run {
  readonly origin: Origin;
  readonly order: Uint32Array;
  readonly from: number;
  readonly file: number;
  readonly state: FileState;
}

function writeRun(writer: ByteWriter, batch: EntryBatch, run: Run, parts: Map<number, FilePart>): number {
  const { origin, order, from, file, state } = run;
  const offset = origin.offsets[order[from] ?? 0] ?? 0;
  const beyond = beyondLine(batch, origin, order[from] ?? 0);
  let end = origin.endOffsets[order[from] ?? 0] ?? 0;
  let i = from + 1;
  for (; i < order.length; i++) {
    const index = order[i] ?? 0;
    if (origin.offsets[index] !== end || fileOf(origin, index) !== file) break;
    if (beyondLine(batch, origin, index) !== beyond) break;
    end = origin.endOffsets[index] ?? 0;
  }
  writer.varint(i - from);
  writer.varint(file + 1);
  writer.signed(offset - state.end);
  writer.signed(beyond - state.beyond);
  state.end = end;
  state.beyond = beyond;
  const part = parts.get(file);
  if (part === undefined) parts.set(file, { file, from: offset, to: end, entries: i - from });
  else {
    part.from = Math.min(part.from, offset);
    part.to = Math.max(part.to, end);
    part.entries += i - from;
  }
  return i - from;
}

export function readOrigins(reader: ByteReader, { starts, ends }: Lines, count: number): Origin {
  const offsets = new Float64Array(count);
  const endOffsets = new Float64Array(count);
  const files = new Uint32Array(count);
  const states = new Map<number, FileState>();
  for (let i = 0; i < count; ) {
    const length = reader.varint();
    if (length === 0 || i + length > count) throw new DamagedBytes('has another number of origins than of entries');
    const file = reader.varint() - 1;
    const last = i + length;
    if (file < 0) {
      i = last;
      continue;
    }
    const state = stateOf(states, file);
    state.end += reader.signed();
    state.beyond += reader.signed();
    files.fill(file, i, last);
    for (; i < last; i++) {
      offsets[i] = state.end;
      state.end += (ends[i] ?? 0) - (starts[i] ?? 0) + state.beyond;
      endOffsets[i] = state.end;
    }
  }
  const file = files[0] ?? 0;
  const isMixed = states.size > 1 || files.includes(0);
  return isMixed ? { file, offsets, endOffsets, fileOf: files } : { file, offsets, endOffsets };
}

function beyondLine({ starts, ends }: EntryBatch, origin: Origin, index: number): number {
  const covered = (origin.endOffsets[index] ?? 0) - (origin.offsets[index] ?? 0);
  return covered - ((ends[index] ?? 0) - (starts[index] ?? 0));
}

function stateOf(states: Map<number, FileState>, file: number): FileState {
  let state = states.get(file);
  if (state === undefined) {
    state = { end: 0, beyond: 0 };
    states.set(file, state);
  }
  return state;
}
