/** What runs wrote. A run keeps so many bytes as its worker lets stand: it drops from the middle what is too much. */
import type { OutputPart } from '../ledger.js';
import type { OutputChunk } from '../run.js';
import { requireRun } from './run-row.js';
import { inIntegers, listOf, type Sql } from './sql.js';

/** Bytes that are read at once, at least one chunk. */
const READ_BYTES = 1024 * 1024;
/** Chunks that are looked at for it: a job that writes a little at a time has many small ones. */
const READ_CHUNKS = 4096;
/** Rows of one statement, which is prepared for each number of them. */
const WRITE_CHUNKS = 8;

/** From who holds the run no longer nothing is taken. */
export async function appendOutput(sql: Sql, parts: readonly OutputPart[]): Promise<void> {
  const running = await sql.all<{ id: number; fence: number }>(
    `SELECT r.id, r.fence FROM run AS r WHERE r.id ${inIntegers(sql, '$1')} AND r.state = 'running' ${sql.dialect.keep('r')}`,
    [listOf(parts.map(({ run }) => run))],
  );
  const fences = new Map(running.map(({ id, fence }) => [id, fence]));
  for (const part of parts) if (fences.get(part.run) === part.fence) storeOutput(sql, part.run, part);
}

/** Of a run that is its worker's still, and whose row stays. */
export function storeOutput(sql: Sql, run: number, { chunks, drop }: Pick<OutputPart, 'chunks' | 'drop'>): void {
  if (drop !== undefined)
    sql.later('DELETE FROM output WHERE run_id = $1 AND sequence BETWEEN $2 AND $3', [run, drop.from, drop.to]);
  for (let from = 0; from < chunks.length; from += WRITE_CHUNKS)
    insertChunks(sql, run, chunks.slice(from, from + WRITE_CHUNKS));
}

function insertChunks(sql: Sql, run: number, chunks: readonly OutputChunk[]): void {
  const rows = chunks.map(({ attempt, sequence, stream, at, bytes, omittedBefore }) => {
    return [run, sequence, attempt, stream, at, bytes, omittedBefore] as const;
  });
  const places = rows.map(
    (row, index) => `(${row.map((_, column) => `$${index * row.length + column + 1}`).join(', ')})`,
  );
  sql.later(
    `INSERT INTO output (run_id, sequence, attempt, stream, at, bytes, omitted_before) VALUES ${places.join(', ')}
     ON CONFLICT DO NOTHING`,
    rows.flat(),
  );
}

interface ChunkRow {
  readonly sequence: number;
  readonly attempt: number;
  readonly stream: 'stdout' | 'stderr';
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly omitted_before: number;
}

export async function readOutput(sql: Sql, run: number, after: number): Promise<readonly OutputChunk[]> {
  await requireRun(sql, run);
  const sizes = await sql.all<{ sequence: number; size: number }>(
    `SELECT sequence, length(bytes) AS size FROM output WHERE run_id = $1 AND sequence > $2
     ORDER BY sequence LIMIT ${READ_CHUNKS}`,
    [run, after],
  );
  let last = after;
  let total = 0;
  for (const { sequence, size } of sizes) {
    total += size;
    if (total > READ_BYTES && last !== after) break;
    last = sequence;
  }
  const rows = await sql.all<ChunkRow>(
    `SELECT sequence, attempt, stream, at, bytes, omitted_before FROM output
     WHERE run_id = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence`,
    [run, after, last],
  );
  return rows.map(({ sequence, attempt, stream, at, bytes, omitted_before }) => ({
    attempt,
    sequence,
    stream,
    at,
    bytes,
    omittedBefore: omitted_before,
  }));
}
