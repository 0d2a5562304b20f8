/**
 * What a hypothesis about a limit is made of. A model follows a run of requests, what really happened to each included,
 * and says from when on the next one would be let through. How far that instant lies on the wrong side of a request is the
 * error of the hypothesis: a measure that says «almost» and «never», where a count of wrong guesses would only say «no».
 *
 * These are not the limiter's own rules (`../../rules`): the servers out there count by wall clocks of their own, in
 * windows that begin anywhere, and some count what they refuse. The rules are what the models are tested against.
 *
 * Instants are milliseconds of the tester's monotonic clock.
 */

export interface Model {
  /**
   * The instant from which on one request is let through if no other comes before it. In the past: one that comes at `at`
   * would be let through, and would have been since then; -Infinity where nothing has ever been in its way.
   */
  freeAt(at: number): number;
  /** What `freeAt` says is counted from an arrival that was seen with so much doubt: milliseconds either way. */
  readonly doubt: number;
  /** A request arrived, give or take `slack`, and this happened to it: whatever the model thinks of that. */
  record(at: number, accepted: boolean, slack?: number): void;
  copy(): Model;
}

/** What the search varies. */
export interface Parameters {
  /** Requests: the limit; for a bucket its burst. */
  readonly count: number;
  /** Milliseconds: the window; for a bucket the time for one more. */
  readonly periodMs: number;
  /** Where in the period a window begins, as a share of it from 0 to 1; 0 for what has no phase. */
  readonly phase: number;
}
