/** Where a scrub is, kept in the file after each step, so that one that was broken off goes on, and what it has found. */
import type { Store } from '../../../../platform/store/store.js';

/** Its walks, one after the other: chunks by pack and offset, small contents by their number. */
type ScrubStage = 'chunks' | 'inline' | 'done';

export interface ScrubState {
  readonly startedAt: number;
  readonly stage: ScrubStage;
  /** What was read last. */
  readonly packId: number;
  readonly position: number;
  readonly chunks: number;
  /** Read from packs and from rows, as they are stored. */
  readonly bytes: number;
}

/** `chunk`: its id in the table of chunks; `inline`: of a content. */
export interface Damage {
  readonly kind: 'chunk' | 'inline';
  readonly id: number;
  readonly problem: string;
}

interface Row {
  readonly started_at: number;
  readonly stage: ScrubStage;
  readonly pack_id: number;
  readonly position: number;
  readonly chunks: number;
  readonly bytes: number;
}

/** The one that was broken off; undefined where the last one came to its end. */
export function findUnfinished(store: Store): ScrubState | undefined {
  const row = store.read(() =>
    store
      .statement<[], Row>(
        'SELECT started_at, stage, pack_id, position, chunks, bytes FROM scrub WHERE finished_at IS NULL',
      )
      .get(),
  );
  if (row === undefined) return undefined;
  const { started_at: startedAt, pack_id: packId, stage, position, chunks, bytes } = row;
  return { startedAt, stage, packId, position, chunks, bytes };
}

/** Forgets what the last one found. */
export function beginScrub(store: Store, now: number): ScrubState {
  const state: ScrubState = { startedAt: now, stage: 'chunks', packId: 0, position: -1, chunks: 0, bytes: 0 };
  store.write(() => {
    store.statement<[]>('DELETE FROM damage').run();
    put(store, state, null);
  });
  return state;
}

/** Place and findings in one transaction, so that one that is broken off neither skips nor tells twice. */
export function saveScrub(store: Store, state: ScrubState, found: readonly Damage[]): void {
  store.write(
    () => {
      const insert = store.statement<[string, number, string]>(
        'INSERT OR REPLACE INTO damage (kind, id, problem) VALUES (?, ?, ?)',
      );
      for (const { kind, id, problem } of found) insert.run(kind, id, problem);
      put(store, state, null);
    },
    { sync: 'normal' },
  );
}

/** What it found stays, for the next commands to tell. */
export function finishScrub(store: Store, state: ScrubState, now: number): void {
  store.write(() => put(store, state, now));
}

/** Of the present scrub, or the last one. */
export function foundDamage(store: Store): Damage[] {
  return store.read(() => store.statement<[], Damage>('SELECT kind, id, problem FROM damage ORDER BY kind, id').all());
}

function put(store: Store, state: ScrubState, finishedAt: number | null): void {
  store
    .statement<[number, number | null, string, number, number, number, number]>(
      `INSERT OR REPLACE INTO scrub (id, started_at, finished_at, stage, pack_id, position, chunks, bytes)
       VALUES (1, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(state.startedAt, finishedAt, state.stage, state.packId, state.position, state.chunks, state.bytes);
}
