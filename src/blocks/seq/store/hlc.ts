/**
 * Hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva, Leone: "Logical Physical Clocks", OPODIS 2014, figure 5),
 * with its last stamp in the file, so that stamps rise across processes and restarts.
 */
import type { Clock } from '../../../platform/clock.js';
import type { GroupCommit } from '../../../platform/store/group-commit.js';
import type { Store } from '../../../platform/store/store.js';
import { seqErrors } from '../errors.js';
import { checkMaxDrift } from '../rules/durations.js';
import type { HybridClock, HybridTimestamp } from '../sequencer.js';

const MAX_WALL = 2 ** 48 - 1;
const MAX_LOGICAL = 2 ** 16 - 1;

/** The paper's rules for a local event and, with `remote`, for a received message. */
export function nextStamp(previous: HybridTimestamp, now: number, remote?: HybridTimestamp): HybridTimestamp {
  const wall = Math.max(previous.wall, now, remote?.wall ?? 0);
  const seen: number[] = [];
  if (wall === previous.wall) seen.push(previous.logical);
  if (remote !== undefined && wall === remote.wall) seen.push(remote.logical);
  const logical = seen.length === 0 ? 0 : Math.max(...seen) + 1;
  // The paper leaves the counter unbounded; ours has 16 bits and carries into the wall part, which keeps the order.
  return logical > MAX_LOGICAL ? { wall: wall + 1, logical: 0 } : { wall, logical };
}

export class StoredHybridClock implements HybridClock {
  readonly #store: Store;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;

  constructor(store: Store, commits: GroupCommit, clock: Clock) {
    this.#store = store;
    this.#commits = commits;
    this.#clock = clock;
  }

  tick(): Promise<HybridTimestamp> {
    return this.#commits.run(() => this.#advance(this.#clock.now()));
  }

  merge(remote: HybridTimestamp, maxDriftMs: number): Promise<HybridTimestamp> {
    return this.#commits.run(() => {
      checkRange(remote);
      checkMaxDrift(maxDriftMs);
      const now = this.#clock.now();
      const drift = remote.wall - now;
      if (drift > maxDriftMs) {
        throw seqErrors.error(
          'seq.hlc_drift',
          `the stamp ${remote.wall}.${remote.logical} is ${drift} ms ahead of this clock, ${maxDriftMs} ms are allowed`,
          { hint: 'compare the clocks: timedatectl', details: { drift_ms: drift, max_drift_ms: maxDriftMs } },
        );
      }
      return this.#advance(now, remote);
    });
  }

  #advance(now: number, remote?: HybridTimestamp): HybridTimestamp {
    const previous = this.#store
      .statement<[], HybridTimestamp>('SELECT hlc_wall AS wall, hlc_logical AS logical FROM file')
      .get();
    if (previous === undefined) throw new Error('the sequencer file has no row about itself');
    const stamp = nextStamp(previous, now, remote);
    checkRange(stamp);
    this.#store
      .statement<[number, number]>('UPDATE file SET hlc_wall = ?, hlc_logical = ?')
      .run(stamp.wall, stamp.logical);
    return stamp;
  }
}

function checkRange({ wall, logical }: HybridTimestamp): void {
  if (isWithin(wall, MAX_WALL) && isWithin(logical, MAX_LOGICAL)) return;
  throw seqErrors.error('seq.hlc_out_of_range', `the stamp ${wall}.${logical} does not fit 48 and 16 bits`, {
    hint: 'a stamp is what ds seq hlc prints',
    details: { wall, logical },
  });
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
