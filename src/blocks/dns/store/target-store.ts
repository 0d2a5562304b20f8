/**
 * Targets in the file: their rules by whoever sets them, their health by the daemon that checks them. Health is for those who
 * look (`ds dns target list`, `ds dns why`); the daemon trusts what it has seen itself, and begins anew when it starts.
 */
import type { Store } from '../../../platform/store/store.js';
import type { HealthState } from '../discovery/health.js';
import type { Target, TargetKey } from '../discovery/target.js';
import { Name } from '../name.js';
import { canonicalRdata } from '../rdata/canonical.js';

export interface StoredHealth {
  readonly state: HealthState;
  /** Milliseconds since the Unix epoch, as is the next. */
  readonly since: number;
  readonly checkedAt: number;
  /** Why the last check failed; empty when it did not. */
  readonly problem: string;
}

export interface StoredTarget extends Target {
  /** Undefined until a daemon has checked it. */
  readonly health: StoredHealth | undefined;
}

export interface TargetStore {
  /** In canonical order of their names. */
  list(): StoredTarget[];
  /** Over what was said of the same record before; it is not known how it is then. */
  set(target: Target): void;
  /** Whether there was one. */
  delete(key: TargetKey): boolean;
  /**
   * Beside a target that is still there. Not flushed, and not waited for while another process writes (`storage.locked`): the
   * next check tells again.
   */
  note(key: TargetKey, health: StoredHealth): void;
}

interface TargetRow {
  readonly name: Buffer;
  readonly type: number;
  readonly data: Buffer;
  readonly weight: number;
  readonly tier: number;
  readonly check_text: string;
  readonly interval_ms: number;
  readonly timeout_ms: number;
  readonly fall: number;
  readonly rise: number;
  readonly hold_down_ms: number;
  readonly state: HealthState | null;
  readonly since: number | null;
  readonly checked_at: number | null;
  readonly problem: string | null;
}

/** Milliseconds to wait for another process's write: nobody is answered meanwhile. */
const WRITE_WAIT_MS = 20;
/** Characters; what a peer makes of an error is cut. */
const LONGEST_PROBLEM = 200;
const OF_KEY = 'owner = @owner AND type = @type AND rdata = @rdata';

const keyOf = ({ name, type, rdata }: TargetKey) => ({
  owner: name.sortKey(),
  type,
  rdata: canonicalRdata(type, rdata),
});

export class StoredTargets implements TargetStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  list(): StoredTarget[] {
    const rows = this.#store.read(() =>
      this.#store.statement<[], TargetRow>('SELECT * FROM target ORDER BY owner, type, tier, rdata').all(),
    );
    return rows.map(toTarget);
  }

  set(target: Target): void {
    const { name, rdata, weight, tier, check, intervalMs, timeoutMs, fall, rise, holdDownMs } = target;
    const rules = { weight, tier, check, intervalMs, timeoutMs, fall, rise, holdDownMs };
    this.#store.write(() => {
      this.#store
        .statement<[object]>(
          `INSERT OR REPLACE INTO target (owner, type, rdata, name, data, weight, tier, check_text, interval_ms, timeout_ms,
               fall, rise, hold_down_ms)
             VALUES (@owner, @type, @rdata, @name, @data, @weight, @tier, @check, @intervalMs, @timeoutMs,
               @fall, @rise, @holdDownMs)`,
        )
        .run({ ...keyOf(target), name: name.wire, data: rdata, ...rules });
      this.#changed();
    });
  }

  delete(key: TargetKey): boolean {
    return this.#store.write(() => {
      const { changes } = this.#store.statement<[object]>(`DELETE FROM target WHERE ${OF_KEY}`).run(keyOf(key));
      if (changes > 0) this.#changed();
      return changes > 0;
    });
  }

  note(key: TargetKey, { state, since, checkedAt, problem }: StoredHealth): void {
    const health = { state, since, checkedAt, problem: problem.slice(0, LONGEST_PROBLEM) };
    this.#store.write(
      () =>
        this.#store
          .statement<[object]>(
            `UPDATE target SET state = @state, since = @since, checked_at = @checkedAt, problem = @problem WHERE ${OF_KEY}`,
          )
          .run({ ...keyOf(key), ...health }),
      { sync: 'normal', busyTimeoutMs: WRITE_WAIT_MS },
    );
  }

  /** Answers that daemons have finished were made without it. */
  #changed(): void {
    this.#store.statement<[]>('UPDATE standing SET zones = zones + 1').run();
  }
}

function toTarget(row: TargetRow): StoredTarget {
  const { state, since, checked_at: checkedAt, problem } = row;
  return {
    name: Name.fromValidWire(row.name),
    type: row.type,
    rdata: row.data,
    weight: row.weight,
    tier: row.tier,
    check: row.check_text,
    intervalMs: row.interval_ms,
    timeoutMs: row.timeout_ms,
    fall: row.fall,
    rise: row.rise,
    holdDownMs: row.hold_down_ms,
    health:
      state === null || since === null || checkedAt === null
        ? undefined
        : { state, since, checkedAt, problem: problem ?? '' },
  };
}
