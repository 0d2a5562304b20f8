/** Changes as they are made, to the end of the signal. The store is asked again and again: 100 ms lie between a change and its telling. */
import type { Clock } from '../../../platform/clock.js';
import type { ByteString } from '../bytes.js';
import { kvErrors } from '../errors.js';
import type { Change, KeyValueStore } from '../key-value-store.js';
import { encodeBytes } from './encoded-bytes.js';

const PERIOD_MS = 100;

export interface WatchRequest {
  readonly prefix: ByteString;
  /** The first revision to be told; absent: what is changed from now on. */
  readonly from?: number;
  /** Changes wanted; absent: until the signal. */
  readonly most?: number;
  readonly signal: AbortSignal;
}

/** Errors: `kv.no_revisions`, `kv.revision_ahead`, `kv.history_gone`: also later on, when changes went faster than they were told. */
export async function* watchChanges(store: KeyValueStore, clock: Clock, request: WatchRequest): AsyncGenerator<Change> {
  const { prefix, most = Number.POSITIVE_INFINITY, signal } = request;
  const present = await presentRevision(store);
  let after = request.from === undefined ? present : request.from - 1;
  if (after > present) {
    // What is changed from now on until then would never be told.
    throw kvErrors.error('kv.revision_ahead', `the last revision is ${present}: this store never had ${after}`, {
      hint: `is it another one, or an earlier state? --from-revision ${present + 1} tells what comes`,
      details: { revision: present },
    });
  }
  for (let left = most; left > 0 && !signal.aborted; ) {
    const { changes, revision } = await store.changes(after, prefix);
    const told = changes.slice(0, left);
    yield* told;
    left -= told.length;
    if (revision === after) await clock.sleep(PERIOD_MS, signal).catch(() => {});
    after = revision;
  }
}

async function presentRevision(store: KeyValueStore): Promise<number> {
  const { revision } = await store.stats();
  // Who has none says why.
  if (revision === undefined) return (await store.changes(0)).revision;
  return revision;
}

export function shownChange(change: Change, isoTime: (instant: number) => string) {
  const { revision, at, kind, key, type, value, count, expiresAt } = change;
  return {
    revision,
    at: isoTime(at),
    change: kind,
    ...(key === undefined ? {} : { key: encodeBytes(key) }),
    ...(type === undefined ? {} : { type }),
    ...(value === undefined ? {} : { value: encodeBytes(value) }),
    ...(count === undefined ? {} : { count }),
    ...(expiresAt === undefined ? {} : { expires_at: isoTime(expiresAt) }),
  };
}
