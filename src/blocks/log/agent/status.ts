/** How it goes with each pipeline, whether its agent runs or not: read from the file of the store and from what is read. */
import { isSameProcess } from '../../../platform/daemon/process-identity.js';
import { openStore, type Store } from '../../../platform/store/store.js';
import { lineText } from '../entry-batch.js';
import { type Counts, readCounts } from '../store/agent/counts.js';
import { deadLetterSums, listDeadLetters } from '../store/agent/dead-letters.js';
import { type KnownFile, presentFiles } from '../store/agent/files.js';
import { logFile } from '../store/schema.js';
import { decodeBatch } from './batch/codec.js';
import { type FileStatus, fileStatuses } from './status-files.js';

/** Times are milliseconds since the Unix epoch. */
export interface PipelineStatus {
  readonly name: string;
  readonly sink: string;
  /** Process id of the agent; undefined: it does not run. */
  readonly pid: number | undefined;
  /** Since the pipeline was made. */
  readonly linesRead: number;
  readonly entriesRead: number;
  readonly bytesRead: number;
  readonly entriesDelivered: number;
  readonly dropped: Counts;
  readonly retries: number;
  /** Attempts that failed since the last delivery. */
  readonly failures: number;
  readonly lastError: { readonly message: string; readonly at: number } | undefined;
  readonly lastDeliveredAt: number | undefined;
  /** Of late; 0 where the agent does not run. */
  readonly entriesPerSecond: number;
  readonly bytesPerSecond: number;
  /** On disk, for the sink; of the store itself there is none. */
  readonly buffer: BufferStatus | undefined;
  readonly deadLetters: { readonly letters: number; readonly entries: number };
  /** Bytes of files that are not read yet. */
  readonly lagBytes: number;
  /** Since when something waits, in files or in the buffer; 0: nothing does. Milliseconds. */
  readonly lagMs: number;
  readonly files: readonly FileStatus[];
}

export interface BufferStatus {
  readonly batches: number;
  readonly entries: number;
  readonly bytes: number;
  readonly capacityBytes: number;
  readonly whenFull: string;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly sink: string;
  readonly holder_pid: number | null;
  readonly holder_identity: string | null;
  readonly capacity_bytes: number | null;
  readonly when_full: string | null;
  readonly read_lines: number;
  readonly read_entries: number;
  readonly read_bytes: number;
  readonly delivered_entries: number;
  readonly dropped: string;
  readonly retries: number;
  readonly failures_in_row: number;
  readonly last_error: string | null;
  readonly last_error_at: number | null;
  readonly last_delivered_at: number | null;
  readonly entries_per_second: number;
  readonly bytes_per_second: number;
  readonly seen_at: number | null;
  readonly batches: number;
  readonly buffered_entries: number;
  readonly buffered_bytes: number;
  readonly oldest: number | null;
}

/** A rate that was written down longer ago says nothing of now, milliseconds. */
const RATE_AGES_MS = 15_000;

/** The file of the store at `path`, for {@link readStatus} and {@link readDeadLetters}. Errors: those of the store. */
export function openForStatus(path: string, { mustExist }: { readonly mustExist: boolean }): Store {
  return openStore(logFile, { path, mustExist, closing: 'leave' });
}

/** `now`: milliseconds since the Unix epoch. */
export async function readStatus(store: Store, now: number): Promise<PipelineStatus[]> {
  const seen = store.view(() =>
    pipelineRows(store).map((row) => ({
      row,
      files: presentFiles(store, row.id),
      deadLetters: deadLetterSums(store, row.id),
    })),
  );
  return Promise.all(seen.map((one) => statusOf(one, now)));
}

interface SeenPipeline {
  readonly row: Row;
  readonly files: readonly KnownFile[];
  readonly deadLetters: PipelineStatus['deadLetters'];
}

async function statusOf({ row, files, deadLetters }: SeenPipeline, now: number): Promise<PipelineStatus> {
  const pid = await runningPid(row);
  const shown = await fileStatuses(files);
  const lagBytes = shown.reduce((sum, file) => sum + (file.lagBytes ?? 0), 0);
  const isFresh = pid !== undefined && row.seen_at !== null && now - row.seen_at < RATE_AGES_MS;
  return {
    name: row.name,
    sink: row.sink,
    pid,
    linesRead: row.read_lines,
    entriesRead: row.read_entries,
    bytesRead: row.read_bytes,
    entriesDelivered: row.delivered_entries,
    dropped: readCounts(row.dropped),
    retries: row.retries,
    failures: row.failures_in_row,
    lastError: row.last_error === null ? undefined : { message: row.last_error, at: row.last_error_at ?? 0 },
    lastDeliveredAt: row.last_delivered_at ?? undefined,
    entriesPerSecond: isFresh ? row.entries_per_second : 0,
    bytesPerSecond: isFresh ? row.bytes_per_second : 0,
    buffer: bufferOf(row),
    deadLetters: { letters: deadLetters.letters, entries: deadLetters.entries },
    lagBytes,
    lagMs: lagOf(row, lagBytes, now),
    files: shown,
  };
}

async function runningPid({ holder_pid: pid, holder_identity: identity }: Row): Promise<number | undefined> {
  return pid !== null && (await isSameProcess(pid, identity ?? undefined)) ? pid : undefined;
}

function pipelineRows(store: Store): Row[] {
  return store
    .statement<[], Row>(
      `SELECT p.*, coalesce(b.batches, 0) AS batches, coalesce(b.entries, 0) AS buffered_entries,
         coalesce(b.bytes, 0) AS buffered_bytes, b.oldest AS oldest
       FROM pipelines p LEFT JOIN (
         SELECT pipeline, count(*) AS batches, sum(entries) AS entries, sum(bytes) AS bytes, min(buffered_at) AS oldest
         FROM buffers GROUP BY pipeline
       ) b ON b.pipeline = p.id ORDER BY p.name`,
    )
    .all();
}

function bufferOf(row: Row): BufferStatus | undefined {
  if (row.capacity_bytes === null || row.when_full === null) return undefined;
  const { batches, buffered_entries: entries, buffered_bytes: bytes } = row;
  return { batches, entries, bytes, capacityBytes: row.capacity_bytes, whenFull: row.when_full };
}

function lagOf({ oldest, last_delivered_at: delivered }: Row, lagBytes: number, now: number): number {
  if (oldest === null && lagBytes === 0) return 0;
  return Math.max(0, now - (oldest ?? delivered ?? now));
}

export interface DeadLetterStatus {
  readonly id: number;
  readonly pipeline: string;
  readonly refusedAt: number;
  readonly reason: string;
  readonly lines: readonly string[];
}

const LETTERS_AT_ONCE = 100;

/** Oldest first. Error: `log.damaged_buffer`. */
export async function* readDeadLetters(store: Store): AsyncGenerator<DeadLetterStatus> {
  for (let after = 0; ; ) {
    const letters = listDeadLetters(store, { after, limit: LETTERS_AT_ONCE });
    for (const { id, pipeline, refusedAt, reason, data } of letters) {
      const batch = await decodeBatch(data);
      const lines = Array.from({ length: batch.count }, (_, index) => lineText(batch, index));
      yield { id, pipeline, refusedAt, reason, lines };
      after = id;
    }
    if (letters.length < LETTERS_AT_ONCE) return;
  }
}
