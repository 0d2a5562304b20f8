/** What is counted while a load runs. Its size does not depend on how long that is. */
import { type Driver, type FailureKind, failureKinds, MOST_CODES } from './driver.js';
import { LatencyCounts, type LatencyPoint } from './latency-counts.js';
import { Series } from './series.js';

/** One second of a run, complete; given to whoever watches or records. Valid during the call. */
export interface Second extends LatencyPoint {
  /** From 0, of what is measured. The last one may be shorter than a second. */
  readonly index: number;
  readonly lengthMs: number;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  readonly classes: readonly number[];
  readonly codes: ReadonlyMap<string, number>;
  readonly failures: Readonly<Record<FailureKind, number>>;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** From the intended start; empty in a closed loop. */
  readonly corrected: LatencyCounts;
  /** From the real one. */
  readonly uncorrected: LatencyCounts;
}

export type Failures = Record<FailureKind, number>;

const noFailures = (): Failures => ({ refused: 0, reset: 0, timeout: 0, malformed: 0, unreachable: 0 });

class Counts {
  sent = 0;
  answered = 0;
  readonly codes = new Float64Array(MOST_CODES);
  readonly failures = noFailures();
  readonly corrected = new LatencyCounts();
  readonly uncorrected = new LatencyCounts();

  get failed(): number {
    return failureKinds.reduce((sum, kind) => sum + this.failures[kind], 0);
  }

  add(other: Counts): void {
    this.sent += other.sent;
    this.answered += other.answered;
    other.codes.forEach((count, code) => {
      if (count > 0) this.codes[code] = (this.codes[code] ?? 0) + count;
    });
    for (const kind of failureKinds) this.failures[kind] += other.failures[kind];
    this.corrected.add(other.corrected);
    this.uncorrected.add(other.uncorrected);
  }

  clear(): void {
    this.sent = 0;
    this.answered = 0;
    this.codes.fill(0);
    Object.assign(this.failures, noFailures());
    this.corrected.clear();
    this.uncorrected.clear();
  }
}

export class Tally {
  readonly total = new Counts();
  readonly series = new Series();
  /** What the first failure of each kind said. */
  readonly messages = new Map<FailureKind, string>();
  readonly #second = new Counts();
  readonly #driver: Driver;
  readonly #open: boolean;
  readonly #onSecond: ((second: Second) => void) | undefined;
  #index = 0;
  #endsAt: number;
  /** Since measuring began. */
  readonly bytes = { sent: 0, received: 0 };
  /** As the driver had it at the start of the second; undefined before the first. */
  #bytesBefore: { sent: number; received: number } | undefined;

  /** `startsAt`: when measuring begins, on the run's clock. */
  constructor(driver: Driver, open: boolean, startsAt: number, onSecond?: (second: Second) => void) {
    this.#driver = driver;
    this.#open = open;
    this.#onSecond = onSecond;
    this.#endsAt = startsAt + 1000;
  }

  sent(): void {
    this.#second.sent++;
  }

  answered(code: number, intendedAt: number, sentAt: number, at: number): void {
    if (at >= this.#endsAt) this.roll(at);
    const second = this.#second;
    second.answered++;
    second.codes[code] = (second.codes[code] ?? 0) + 1;
    second.uncorrected.record((at - sentAt) * 1000);
    if (this.#open) second.corrected.record((at - intendedAt) * 1000);
  }

  failed(kind: FailureKind, message: string, at: number): void {
    if (at >= this.#endsAt) this.roll(at);
    this.#second.failures[kind]++;
    if (!this.messages.has(kind)) this.messages.set(kind, message);
  }

  /** Ends each second that is over; those in which nothing happened, too. Not before measuring begins. */
  roll(at: number): void {
    this.#bytesBefore ??= { ...this.#driver.bytes };
    while (at >= this.#endsAt) {
      this.#close(1000);
      this.#endsAt += 1000;
    }
  }

  /** What is left of the last second. */
  finish(at: number): void {
    this.roll(at);
    const lengthMs = at - (this.#endsAt - 1000);
    const { sent, answered, failed } = this.#second;
    if (sent + answered + failed > 0) this.#close(lengthMs);
  }

  #close(lengthMs: number): void {
    const counts = this.#second;
    const { sent, answered, failed, failures, corrected, uncorrected } = counts;
    const before = this.#bytesBefore ?? this.#driver.bytes;
    const sentBytes = this.#driver.bytes.sent - before.sent;
    const receivedBytes = this.#driver.bytes.received - before.received;
    const { codes, classes } = this.#byLabel(counts.codes);
    const point = (this.#open ? corrected : uncorrected).point();
    this.#onSecond?.({
      ...point,
      ...{ index: this.#index, lengthMs, sent, answered, failed, codes, classes, failures, corrected, uncorrected },
      ...{ sentBytes, receivedBytes },
    });
    this.series.push({ ...point, fromMs: this.#index * 1000, lengthMs, answered, failed, classes });
    this.total.add(counts);
    counts.clear();
    this.bytes.sent += sentBytes;
    this.bytes.received += receivedBytes;
    this.#bytesBefore = { ...this.#driver.bytes };
    this.#index++;
  }

  #byLabel(counts: Float64Array): { codes: Map<string, number>; classes: number[] } {
    const codes = new Map<string, number>();
    const classes = this.#driver.classes.map(() => 0);
    counts.forEach((count, code) => {
      if (count === 0) return;
      const index = this.#driver.classOf(code);
      codes.set(this.#driver.label(code), count);
      classes[index] = (classes[index] ?? 0) + count;
    });
    return { codes, classes };
  }
}
