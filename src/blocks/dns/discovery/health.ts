/**
 * Whether a target is given out, by its checks:
 *
 *     unknown ──first check fails──▶ down ──rise in a row──▶ held ──hold-down over──▶ up
 *        │                            ▲ ▲                     │                        │
 *        └─first check succeeds─▶ up  │ └──────one fails──────┘                        │
 *                                     └────────────────fall in a row───────────────────┘
 *
 * Given out are: unknown (a daemon that has just started does not yet know better) and up. The hold-down keeps a target that
 * comes and goes from taking its clients with it each time: once it has failed, it has to stay well for that long.
 * All times are monotonic milliseconds, so that a step of the wall clock neither ends nor prolongs a hold-down.
 */

/** Checks in a row, and milliseconds. Terms are HAProxy's. */
export interface HealthRules {
  /** Checks that have to fail in a row before a target that is up is down. Default 2. */
  readonly fall: number;
  /** Checks that have to succeed in a row before one that is down is well again. Default 2. */
  readonly rise: number;
  /** How long it has to stay well before it is given out again, milliseconds. Default 30 s; 0 for at once. */
  readonly holdDownMs: number;
}

export type HealthState = 'unknown' | 'up' | 'held' | 'down';

export interface Health {
  readonly state: HealthState;
  /** Monotonic, when the state began. */
  readonly since: number;
  /** Checks in a row that said the opposite of the state. */
  readonly against: number;
  /** Why the last check failed; empty when it did not. */
  readonly problem: string;
}

export const unknownHealth = (now: number): Health => ({ state: 'unknown', since: now, against: 0, problem: '' });

export const isGivenOut = ({ state }: Pick<Health, 'state'>): boolean => state === 'up' || state === 'unknown';

/** The health after a check. `problem` is empty when it succeeded. */
export function afterCheck(health: Health, problem: string, rules: HealthRules, now: number): Health {
  const well = problem === '';
  const become = (state: HealthState): Health => ({ state, since: now, against: 0, problem });
  const stay = (against: number): Health => ({ ...health, against, problem });
  switch (health.state) {
    case 'unknown':
      return become(well ? 'up' : 'down');
    case 'up':
      if (well) return stay(0);
      return health.against + 1 >= rules.fall ? become('down') : stay(health.against + 1);
    case 'held':
      if (!well) return become('down');
      return now - health.since >= rules.holdDownMs ? become('up') : stay(0);
    case 'down':
      if (!well) return stay(0);
      if (health.against + 1 < rules.rise) return stay(health.against + 1);
      return become(rules.holdDownMs > 0 ? 'held' : 'up');
  }
}
