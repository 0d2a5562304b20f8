/**
 * The rows of pipelines: who runs one, and its totals. Layout: pipeline-tables.ts.
 *
 *     free ──claim──▶ held by a process ──release──▶ free
 *                       │ killed -9
 *                       └──▶ held by a process that is gone: the next claim takes it over at once
 *
 * Processes of other containers are not seen, and pass for gone. So each transaction of a holder looks whether it still is the one: who was
 * taken over from ends, and no line is there twice.
 */
import type { Random } from '../../../../platform/clock.js';
import { isSameProcess } from '../../../../platform/daemon/process-identity.js';
import type { Store } from '../../../../platform/store/store.js';
import { logErrors } from '../../errors.js';
import { type Counts, mergeCounts, readCounts } from './counts.js';

/** What runs an agent. */
export interface Holder {
  readonly pid: number;
  /** Tells it from a later process with that number; undefined where the system does not say. */
  readonly identity: string | undefined;
}

export interface NewPipeline {
  readonly name: string;
  /** As people read it. */
  readonly sink: string;
  /** Absent for the store itself. */
  readonly capacityBytes?: number;
  readonly whenFull?: string;
}

export interface ClaimedPipeline {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly holder: Holder;
}

export type Claim = (ClaimedPipeline & { readonly claimed: true }) | { readonly claimed: false; readonly pid: number };

interface Row {
  readonly id: number;
  readonly uid: string;
  readonly holder_pid: number | null;
  readonly holder_identity: string | null;
}

const UID_BYTES = 6;

/** Makes the pipeline where it is new. Not claimed while another process runs it, or this one already does. */
export async function claimPipeline(
  store: Store,
  pipeline: NewPipeline,
  holder: Holder,
  random: Random,
): Promise<Claim> {
  for (;;) {
    const seen = store.read(() => findRow(store, pipeline.name));
    if (seen?.holder_pid != null && (await isSameProcess(seen.holder_pid, seen.holder_identity ?? undefined))) {
      return { claimed: false, pid: seen.holder_pid };
    }
    const row = store.write(() => {
      const present = findRow(store, pipeline.name);
      const isAsSeen = present?.holder_pid === seen?.holder_pid && present?.holder_identity === seen?.holder_identity;
      return isAsSeen ? hold(store, pipeline, present, holder, random) : undefined;
    });
    // Another one was quicker: look again whether it runs.
    if (row !== undefined) return { claimed: true, id: row.id, uid: row.uid, name: pipeline.name, holder };
  }
}

function findRow(store: Store, name: string): Row | undefined {
  return store
    .statement<[string], Row>('SELECT id, uid, holder_pid, holder_identity FROM pipelines WHERE name = ?')
    .get(name);
}

function hold(
  store: Store,
  { name, sink, capacityBytes, whenFull }: NewPipeline,
  present: Row | undefined,
  holder: Holder,
  random: Random,
): Row | undefined {
  if (present === undefined) {
    const uid = Buffer.from(random.bytes(UID_BYTES)).toString('hex');
    store
      .statement<[string, string, string]>('INSERT INTO pipelines (name, sink, uid) VALUES (?, ?, ?)')
      .run(name, sink, uid);
  }
  store
    .statement<[string, number | null, string | null, number, string | null, string]>(
      'UPDATE pipelines SET sink = ?, capacity_bytes = ?, when_full = ?, holder_pid = ?, holder_identity = ? WHERE name = ?',
    )
    .run(sink, capacityBytes ?? null, whenFull ?? null, holder.pid, holder.identity ?? null, name);
  return findRow(store, name);
}

/** What a commit adds to the totals of a pipeline. */
export interface Progress {
  readonly lines?: number;
  readonly entries?: number;
  readonly bytes?: number;
  readonly deliveredEntries?: number;
  readonly deliveredBytes?: number;
  readonly dropped?: Counts;
  /** Per second, of late. */
  readonly entriesPerSecond?: number;
  readonly bytesPerSecond?: number;
}

/** The row of a pipeline that this process runs. */
export class PipelineRow {
  readonly #store: Store;
  readonly #claim: ClaimedPipeline;

  constructor(store: Store, claim: ClaimedPipeline) {
    this.#store = store;
    this.#claim = claim;
  }

  get id(): number {
    return this.#claim.id;
  }

  /** The same for each attempt, also after a restart; in order as text, too. */
  batchId(batch: number): string {
    return `${this.#claim.uid}-${String(batch).padStart(12, '0')}`;
  }

  /** Within a transaction. Error: `log.pipeline_held` where another process has taken over. */
  nextBatch(): number {
    this.mustHold();
    const row = this.#store
      .statement<[number], { batch: number }>(
        'UPDATE pipelines SET next_batch = next_batch + 1 WHERE id = ? RETURNING next_batch - 1 AS batch',
      )
      .get(this.id);
    return row?.batch ?? 0;
  }

  /** Within a transaction, which is undone by it. Error: `log.pipeline_held` where another process has taken over. */
  mustHold(): void {
    if (this.#isHeld()) return;
    const { name } = this.#claim;
    throw logErrors.error(
      'log.pipeline_held',
      `${name} was taken over by another ds log ship, which does not see this one`,
      {
        hint: 'are both in containers of their own? give each a name, --name NAME, or a file, --db FILE',
        details: { pipeline: name },
      },
    );
  }

  #isHeld(): boolean {
    const row = this.#store
      .statement<[number], Pick<Row, 'holder_pid' | 'holder_identity'>>(
        'SELECT holder_pid, holder_identity FROM pipelines WHERE id = ?',
      )
      .get(this.id);
    const { pid, identity } = this.#claim.holder;
    return row?.holder_pid === pid && row.holder_identity === (identity ?? null);
  }

  /** Within a transaction. */
  addProgress(progress: Progress, now: number): void {
    const { lines = 0, entries = 0, bytes = 0, deliveredEntries = 0, deliveredBytes = 0 } = progress;
    this.#store
      .statement<(number | null)[]>(
        `UPDATE pipelines SET read_lines = read_lines + ?, read_entries = read_entries + ?, read_bytes = read_bytes + ?,
           delivered_entries = delivered_entries + ?, delivered_bytes = delivered_bytes + ?,
           entries_per_second = coalesce(?, entries_per_second), bytes_per_second = coalesce(?, bytes_per_second),
           seen_at = ? WHERE id = ?`,
      )
      .run(
        lines,
        entries,
        bytes,
        deliveredEntries,
        deliveredBytes,
        progress.entriesPerSecond ?? null,
        progress.bytesPerSecond ?? null,
        now,
        this.id,
      );
    if (progress.dropped !== undefined && Object.keys(progress.dropped).length > 0) this.#addDropped(progress.dropped);
  }

  /** Within a transaction. */
  delivered(now: number): void {
    this.#store
      .statement<[number, number]>('UPDATE pipelines SET last_delivered_at = ?, failures_in_row = 0 WHERE id = ?')
      .run(now, this.id);
  }

  /** Within a transaction. An attempt failed, and will be repeated. */
  failed(reason: string, now: number): void {
    this.#store
      .statement<[string, number, number, number]>(
        `UPDATE pipelines SET retries = retries + 1, failures_in_row = failures_in_row + 1, last_error = ?,
           last_error_at = ?, seen_at = ? WHERE id = ?`,
      )
      .run(reason, now, now, this.id);
  }

  /** Another process may run it from now on; one that does already is left alone. */
  release(now: number): void {
    try {
      this.#store.write(() => this.#letGo(now), { sync: 'normal' });
    } catch {
      // A full or locked disk: the next one sees that this process is gone.
    }
  }

  #letGo(now: number): void {
    if (!this.#isHeld()) return;
    this.#store
      .statement<[number, number]>(
        `UPDATE pipelines SET holder_pid = NULL, holder_identity = NULL, entries_per_second = 0,
           bytes_per_second = 0, seen_at = ? WHERE id = ?`,
      )
      .run(now, this.id);
  }

  #addDropped(dropped: Counts): void {
    const row = this.#store
      .statement<[number], { dropped: string }>('SELECT dropped FROM pipelines WHERE id = ?')
      .get(this.id);
    const merged = mergeCounts(readCounts(row?.dropped ?? '{}'), dropped);
    this.#store
      .statement<[string, number]>('UPDATE pipelines SET dropped = ? WHERE id = ?')
      .run(JSON.stringify(merged), this.id);
  }
}
