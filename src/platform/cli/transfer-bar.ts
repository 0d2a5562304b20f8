/** The bar of what moves bytes and tells how many: done of total, rate, time left. Nothing is loaded or drawn where it is not shown. */
import type { Clock } from '../clock.js';
import { LateSpinner } from './late-spinner.js';
import type { Output } from './output.js';
import { progressText } from './progress.js';

/** Milliseconds between two drawings: what moves tells of each piece. */
const REDRAW_MS = 80;

export class TransferBar {
  readonly #spinner: LateSpinner;
  readonly #clock: Clock;

  constructor(out: Output, clock: Clock) {
    this.#spinner = new LateSpinner(out);
    this.#clock = clock;
  }

  /** For the progress of one transfer, under this name. */
  over(label: string): (progress: { readonly done: number; readonly total: number | undefined }) => void {
    const startedAt = this.#clock.monotonic();
    let drawnAt = Number.NEGATIVE_INFINITY;
    return ({ done, total }) => {
      const now = this.#clock.monotonic();
      if (now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      this.#spinner.show(progressText(label, done, total, now - startedAt));
    };
  }

  /** Leaves nothing on the screen. It may be shown again. */
  stop(): Promise<void> {
    return this.#spinner.stop();
  }
}
