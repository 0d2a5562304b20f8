/** Sums for /metrics, from rows that are kept up to date by every write: nothing is scanned but buckets and packs. */
import type { Store } from '../../../platform/store/store.js';

export interface StoreFigures {
  readonly buckets: number;
  /** Current versions. */
  readonly objects: number;
  /** Of current and other versions, as clients see them. */
  readonly logicalBytes: number;
  /** In pack files: each chunk once, compressed. */
  readonly packedBytes: number;
}

const SUMS = `
  SELECT count(*) AS buckets, coalesce(sum(objects), 0) AS objects, coalesce(sum(bytes + version_bytes), 0) AS logicalBytes,
    (SELECT coalesce(sum(live_bytes), 0) FROM pack) AS packedBytes
  FROM bucket`;

export function storeFigures(store: Store): StoreFigures {
  const nothing = { buckets: 0, objects: 0, logicalBytes: 0, packedBytes: 0 };
  return store.read(() => store.statement<[], StoreFigures>(SUMS).get()) ?? nothing;
}
