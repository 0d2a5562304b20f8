/** What a stop did to runs that outlasted its grace, and whether the store knows of it: «nothing lost» is said when there is nothing. */
import { DsError, messageOf } from '../../../platform/errors.js';
import { cronErrors } from '../errors.js';
import type { Delivery } from '../job.js';

/** What a worker has to account for. */
export class StopTally {
  /** Ended as failed. */
  #cutOff = 0;
  /** Begin anew at another worker. */
  #queuedAgain = 0;
  /** Whose end the store did not take. */
  #unrecorded = 0;
  /** Killed since their lease had run out: the store says what became of them, when it can. */
  #lost = 0;
  #error: unknown;

  addCutOff(delivery: Delivery): void {
    if (delivery === 'at-least-once') this.#queuedAgain++;
    else this.#cutOff++;
  }

  addLost(): void {
    this.#lost++;
  }

  addUnrecorded(error: unknown): void {
    this.#unrecorded++;
    this.#error = error;
  }

  /** Up to now: when the worker can sign off, the store ends them by their delivery. */
  get unrecorded(): number {
    return this.#unrecorded;
  }

  /** For the stopping line, in place of «nothing lost». */
  describe(): string | undefined {
    const parts = [
      ...(this.#cutOff === 0 ? [] : [`${runs(this.#cutOff)} cut off`]),
      ...(this.#queuedAgain === 0 ? [] : [`${runs(this.#queuedAgain)} queued again`]),
    ];
    return parts.length === 0 ? undefined : parts.join(', ');
  }

  /**
   * `cron.not_recorded` when the store does not know what became of runs.
   *
   * @param earlier unrecorded before the stop
   * @param signOff why the worker could not sign off
   */
  problem(earlier: number, signOff: unknown): DsError | undefined {
    const since = this.#unrecorded - earlier;
    const unknown = signOff === undefined ? since : this.#unrecorded + this.#lost;
    if (unknown === 0) return undefined;
    const cause = since > 0 ? this.#error : (signOff ?? this.#error);
    return cronErrors.error(
      'cron.not_recorded',
      `what became of ${runs(unknown)} is not recorded: ${messageOf(cause)}`,
      {
        hint:
          (cause instanceof DsError ? cause.hint : undefined) ??
          'see what the next daemon makes of them: ds cron missed',
        details: { runs: unknown },
        cause,
      },
    );
  }
}

const runs = (count: number) => `${count} ${count === 1 ? 'run' : 'runs'}`;
