import type { Store } from '../../../platform/store/store.js';

export interface SequencerCounts {
  /** Sequences of the block kind. */
  readonly sequences: number;
  readonly gapless: number;
  /** Numbers of gapless sequences that are given out or abandoned, and not committed. */
  readonly holes: number;
  /** Worker numbers under a lease that has not run out. */
  readonly workersLeased: number;
  /** Worker numbers ever leased. */
  readonly workers: number;
}

const COUNT = `
  SELECT
    (SELECT count(*) FROM sequence WHERE kind = 'block') AS sequences,
    (SELECT count(*) FROM sequence WHERE kind = 'gapless') AS gapless,
    (SELECT count(*) FROM gapless) AS holes,
    (SELECT count(*) FROM worker WHERE NOT released AND expires_at > ?) AS workersLeased,
    (SELECT count(*) FROM worker) AS workers`;

export function countRows(store: Store, now: number): SequencerCounts {
  const counts = store.read(() => store.statement<[number], SequencerCounts>(COUNT).get(now));
  if (counts === undefined) throw new Error('SQLite returned no counts');
  return counts;
}
