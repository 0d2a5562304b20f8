/**
 * Re-reads everything that is stored and compares it with what it should be. It reads beside everything else, remembers where it is after each
 * step, and changes nothing but that.
 *
 *     chunks, by pack and offset ──▶ small contents ──▶ which objects have what is damaged ──▶ done
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../../platform/clock.js';
import type { Store } from '../../../../platform/store/store.js';
import { LARGEST_CHUNK } from '../../chunking/cutter.js';
import { readInline } from '../contents/content-rows.js';
import type { PackFiles } from '../packs/pack-files.js';
import type { Reserve } from '../reserve.js';
import { CHUNK_COLUMNS, type ChunkRow, checkChunk } from './check-chunk.js';
import { type DamagedPlace, findDamagedPlaces } from './damaged-places.js';
import {
  beginScrub,
  type Damage,
  findUnfinished,
  finishScrub,
  foundDamage,
  type ScrubState,
  saveScrub,
} from './state.js';

export interface ScrubOptions {
  /** Goes on with one that was broken off, if there is one. Default false: from the beginning. */
  readonly resume?: boolean;
  /** Its abort breaks it off between two steps. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ScrubProgress) => void;
}

interface ScrubProgress {
  /** Stored bytes of chunks that were read, and of all there are. */
  readonly bytes: number;
  readonly totalBytes: number;
  readonly damaged: number;
}

export interface ScrubReport {
  readonly startedAt: number;
  /** It went on with one that was broken off; numbers and damage are of both together. */
  readonly resumed: boolean;
  readonly chunks: number;
  /** Stored bytes that were read, of chunks and of small contents. */
  readonly bytes: number;
  readonly damage: readonly Damage[];
  /** Objects that have damaged bytes, at most {@link MOST_PLACES}. */
  readonly places: readonly DamagedPlace[];
  /** There are more places. */
  readonly more: boolean;
}

const MOST_PLACES = 10_000;
const CHUNKS_AT_ONCE = 64;
const CONTENTS_AT_ONCE = 200;

interface Parts {
  readonly store: Store;
  readonly files: PackFiles;
  /** One chunk at a time. */
  readonly buffer: Uint8Array;
}

export async function scrub(
  { store, files, clock, reserve }: Omit<Parts, 'buffer'> & { readonly clock: Clock; readonly reserve: Reserve },
  options: ScrubOptions,
): Promise<ScrubReport> {
  const parts: Parts = { store, files, buffer: new Uint8Array(LARGEST_CHUNK) };
  options.signal?.throwIfAborted();
  const unfinished = options.resume === true ? findUnfinished(store) : undefined;
  let state = unfinished ?? reserve.free(() => beginScrub(store, clock.now()));
  const tell = progressTeller(store, options);
  while (state.stage !== 'done') {
    const step = state.stage === 'chunks' ? await checkChunks(parts, state) : checkInlines(parts, state);
    state = step.state;
    reserve.free(() => saveScrub(store, step.state, step.found));
    tell(state, step.found.length);
    await nextTurn();
    options.signal?.throwIfAborted();
  }
  const damage = foundDamage(store);
  const { places, more } = await findDamagedPlaces(store, damage, MOST_PLACES);
  reserve.free(() => finishScrub(store, state, clock.now()));
  const { startedAt, chunks, bytes } = state;
  return { startedAt, resumed: unfinished !== undefined, chunks, bytes, damage, places, more };
}

interface Step {
  readonly state: ScrubState;
  readonly found: readonly Damage[];
}

async function checkChunks({ store, files, buffer }: Parts, state: ScrubState): Promise<Step> {
  const rows = store.read(() =>
    store
      .statement<[number, number, number], ChunkRow>(
        `SELECT ${CHUNK_COLUMNS} FROM chunk WHERE (pack_id, offset) > (?, ?) ORDER BY pack_id, offset LIMIT ?`,
      )
      .all(state.packId, state.position, CHUNKS_AT_ONCE),
  );
  const last = rows.at(-1);
  if (last === undefined) return { state: { ...state, stage: 'inline', packId: 0, position: 0 }, found: [] };
  const found: Damage[] = [];
  let bytes = 0;
  for (const row of rows) {
    const problem = await checkChunk(store, files, row, buffer);
    if (problem !== undefined) found.push({ kind: 'chunk', id: row.id, problem });
    bytes += row.stored_length;
  }
  return {
    state: {
      ...state,
      packId: last.pack_id,
      position: last.offset,
      chunks: state.chunks + rows.length,
      bytes: state.bytes + bytes,
    },
    found,
  };
}

function checkInlines({ store }: Parts, state: ScrubState): Step {
  const find = store.statement<[number, number], { id: number; size: number }>(
    'SELECT id, size FROM content WHERE id > ? AND manifest IS NULL ORDER BY id LIMIT ?',
  );
  return store.view(() => {
    const rows = find.all(state.position, CONTENTS_AT_ONCE);
    const last = rows.at(-1);
    if (last === undefined) return { state: { ...state, stage: 'done' }, found: [] };
    const found: Damage[] = [];
    let bytes = 0;
    for (const { id, size } of rows) {
      if (readInline(store, id)?.length !== size)
        found.push({ kind: 'inline', id, problem: 'is missing, or has other bytes than were stored (CRC-32)' });
      bytes += size;
    }
    return { state: { ...state, position: last.id, bytes: state.bytes + bytes }, found };
  });
}

function progressTeller(store: Store, { onProgress }: ScrubOptions): (state: ScrubState, found: number) => void {
  if (onProgress === undefined) return () => {};
  const sum = store.statement<[], { total: number }>('SELECT coalesce(sum(live_bytes), 0) AS total FROM pack');
  const totalBytes = store.read(() => sum.get())?.total ?? 0;
  let damaged = 0;
  return ({ bytes }, found) => {
    damaged += found;
    onProgress({ bytes: Math.min(bytes, totalBytes), totalBytes, damaged });
  };
}
