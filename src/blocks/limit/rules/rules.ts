/**
 * What every algorithm of the limiter is made of: pure functions on a state and an instant. They read no clock and know
 * no key; memory, file, daemon and the tester's models all use them, and the Redis scripts are held to them by tests.
 *
 * A state is a short list of whole numbers below 2^53, drawn at the top of each algorithm's file, so that any store can
 * keep it without knowing what it means. `settle` comes first, `judge` changes nothing, `take` follows a `judge` that
 * allowed; all at the same instant.
 *
 * Clocks step. Forwards, the time that seems to have passed is paid for: at most one burst too early. Backwards, no
 * state may lie further ahead of the clock than the limit could have put it, so nobody waits longer than a limit's own
 * time (for windows: two of them), and nothing is given twice that a step of less than the period would give twice.
 */
import type { Limit } from '../limit.js';
import type { Decision, Micros } from '../limiter.js';

export type State = number[];

export interface Rules {
  fresh(limit: Limit, now: Micros): State;
  /**
   * Makes a stored state fit the limit and the clock, before anything else is done with it: one that was counted by
   * another limit of the same algorithm, and one that lies further ahead than any request could have put it, because
   * the clock was set back. True when it was changed: it is then to be kept **even where the demand is refused**, or
   * who keeps asking would be put off anew each time.
   */
  settle(state: State, countedBy: Limit, limit: Limit, now: Micros): boolean;
  judge(state: Readonly<State>, limit: Limit, now: Micros, cost: number): Decision;
  /** Changes the state in place. `lease` names the place taken; only concurrency keeps it. */
  take(state: State, limit: Limit, now: Micros, cost: number, lease: number): void;
  /** Gives back `cost`, or for concurrency the place of `lease`. */
  refund(state: State, limit: Limit, now: Micros, cost: number, lease: number | undefined): void;
  /** From this instant on the state is as a fresh one, and may be forgotten. */
  freshAt(state: Readonly<State>, limit: Limit): Micros;
}
