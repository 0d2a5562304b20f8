/**
 * IDs as they come out of a source, and their way to text. A batch is never a list of bigints: an integer layout's IDs
 * come as runs (one per tick), the byte kinds as one block of bytes, and both are written straight into a buffer.
 */
import { bytesToInteger, bytesToStrings, integerToBytes, writeBytes } from './encoding/bytes.js';
import { runsToStrings, writeRuns } from './encoding/runs.js';
import type { Framing, IdBatch, IdFormat } from './encoding/types.js';
import type { Layout } from './layout/layout.js';

export type { IdBatch, IdFormat } from './encoding/types.js';

export const idFormats: readonly IdFormat[] = ['dec', 'hex', 'base32', 'base62', 'binary', 'canonical'];

const lines: Framing = { head: () => '', tail: '\n' };
const bulkStrings: Framing = { head: (length) => `$${length}\r\n`, tail: '\r\n' };
const bare: Framing = { head: () => '', tail: '' };

/** One ID a line, each ended by `\n`; `binary` is raw bytes with nothing between. */
export function renderLines(batch: IdBatch, format: IdFormat): Buffer {
  return render(batch, format, format === 'binary' ? bare : lines);
}

/** RESP bulk strings: `$19\r\n1234567890123456789\r\n` each. */
export function renderBulkStrings(batch: IdBatch, format: IdFormat): Buffer {
  return render(batch, format, bulkStrings);
}

/** One string per ID; `binary` becomes a latin1 string of the bytes. */
export function idsToStrings(batch: IdBatch, format: IdFormat): string[] {
  return batch.family === 'integer' ? runsToStrings(batch, format) : bytesToStrings(batch, format);
}

/** The IDs as numbers, for those who count with them; texts are cheaper by the functions above. */
export function idsToIntegers(batch: IdBatch): bigint[] {
  if (batch.family === 'bytes') {
    const { byteLength } = batch.layout;
    return Array.from({ length: batch.count }, (_, index) =>
      bytesToInteger(batch.bytes.subarray(index * byteLength, (index + 1) * byteLength)),
    );
  }
  const ids: bigint[] = [];
  for (const { first, count } of batch.runs) {
    let id = first;
    for (let made = 0; made < count; made++, id += batch.stride) ids.push(id);
  }
  return ids;
}

function render(batch: IdBatch, format: IdFormat, framing: Framing): Buffer {
  return batch.family === 'integer' ? writeRuns(batch, format, framing) : writeBytes(batch, format, framing);
}

/** One ID, given as a number, in a format. */
export function idToString(layout: Layout, value: bigint, format: IdFormat): string {
  const batch: IdBatch =
    layout.family === 'integer'
      ? { family: 'integer', layout, count: 1, runs: [{ first: value, count: 1 }], stride: 1n }
      : { family: 'bytes', layout, count: 1, bytes: integerToBytes(value, layout.byteLength) };
  return idsToStrings(batch, format)[0] ?? '';
}
