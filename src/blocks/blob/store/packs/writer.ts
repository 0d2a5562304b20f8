/**
 * Who may append. A process has a row in `writer` while it appends to packs, and its packs and holds name that row.
 *
 *     register() ──▶ alive ──end()──▶ gone, packs free for others
 *                      └──the process dies──▶ found dead by gc: packs sealed, holds let go of
 *
 * A process that is taken for dead while it lives (it stood still for a day in another container) does no harm: what it appended is not
 * in any row yet, and add() refuses where the pack is not its own any more.
 */
import { readlinkSync } from 'node:fs';
import type { Clock } from '../../../../platform/clock.js';
import { isSameProcess, processIdentity } from '../../../../platform/daemon/process-identity.js';
import type { Store } from '../../../../platform/store/store.js';

/** How often a writer says that it is alive, milliseconds. */
const SEEN_EVERY_MS = 3_600_000;
/** A writer of another container, whose pid means nothing here, is dead when it has not been seen for so long, milliseconds. */
const SILENT_MS = 24 * SEEN_EVERY_MS;

interface WriterRow {
  readonly id: number;
  readonly pid: number;
  readonly identity: string | null;
  readonly namespace: string | null;
  readonly seen_at: number;
}

export class Writer {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #identity: string | undefined;
  #id: number | undefined;
  #seenAt = 0;

  private constructor(store: Store, clock: Clock, identity: string | undefined) {
    this.#store = store;
    this.#clock = clock;
    this.#identity = identity;
  }

  static async create(store: Store, clock: Clock): Promise<Writer> {
    return new Writer(store, clock, await processIdentity(process.pid));
  }

  /** Undefined until {@link ensure} was called. */
  get id(): number | undefined {
    return this.#id;
  }

  /** Sees to it that the row is there. Returns false when it had been taken away meanwhile: packs and holds are others' now. */
  ensure(): boolean {
    const now = this.#clock.now();
    if (this.#id !== undefined && this.#isThere(this.#id)) {
      if (Math.abs(now - this.#seenAt) > SEEN_EVERY_MS) this.#say(this.#id, now);
      return true;
    }
    const isNew = this.#id === undefined;
    this.#id = this.#store.write(() => this.#insert(now), { sync: 'normal' });
    this.#seenAt = now;
    return isNew;
  }

  /** Within a transaction, after its packs were let go of; {@link forget} follows it. */
  end(): void {
    if (this.#id !== undefined) this.#store.statement<[number]>('DELETE FROM writer WHERE id = ?').run(this.#id);
  }

  forget(): void {
    this.#id = undefined;
  }

  #isThere(id: number): boolean {
    const row = this.#store.read(() =>
      this.#store.statement<[number], object>('SELECT 1 FROM writer WHERE id = ?').get(id),
    );
    return row !== undefined;
  }

  #say(id: number, now: number): void {
    this.#store.write(
      () => this.#store.statement<[number, number]>('UPDATE writer SET seen_at = ? WHERE id = ?').run(now, id),
      { sync: 'normal' },
    );
    this.#seenAt = now;
  }

  #insert(now: number): number {
    const inserted = this.#store
      .statement<[number, string | null, string | null, number]>(
        'INSERT INTO writer (pid, identity, namespace, seen_at) VALUES (?, ?, ?, ?)',
      )
      .run(process.pid, this.#identity ?? null, pidNamespace() ?? null, now);
    return Number(inserted.lastInsertRowid);
  }
}

/** Ids of the writers that will never append again. */
export async function findDeadWriters(store: Store, clock: Clock): Promise<number[]> {
  const rows = store.read(() =>
    store.statement<[], WriterRow>('SELECT id, pid, identity, namespace, seen_at FROM writer').all(),
  );
  const own = await processIdentity(process.pid);
  const dead: number[] = [];
  for (const row of rows) if (await isDead(row, own, clock.now())) dead.push(row.id);
  return dead;
}

async function isDead(row: WriterRow, own: string | undefined, now: number): Promise<boolean> {
  if (row.namespace === (pidNamespace() ?? null)) return !(await isSameProcess(row.pid, row.identity ?? undefined));
  // Nobody outlives a boot.
  if (row.identity !== null && own !== undefined && bootOf(row.identity) !== bootOf(own)) return true;
  return now - row.seen_at > SILENT_MS;
}

function bootOf(identity: string): string {
  return identity.slice(0, identity.indexOf(':'));
}

/** `pid:[4026531836]`: processes of other containers have other numbers for the same process (pid_namespaces(7)). */
function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}
