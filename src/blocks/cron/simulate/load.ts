/** Every slot of every job within a stretch of time, counted. */
import type { JobSpec } from '../job.js';
import { timeZone } from '../schedule/time-zone.js';
import { type CompiledSchedule, compileSchedule } from '../schedule.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A year of one job a minute has half a million; so many take a few seconds. */
export const MOST_SLOTS = 2_000_000;
/** Of the worst, and of the jobs of each, so many are told. */
const MOST_COLLISIONS = 10;
const MOST_NAMES = 10;

export interface JobLoad {
  readonly name: string;
  readonly kind: CompiledSchedule['kind'];
  readonly slots: number;
  readonly first?: number;
  readonly last?: number;
}

/** Several jobs due at the same instant. */
export interface Collision {
  readonly at: number;
  readonly count: number;
  /** The first ones. */
  readonly jobs: readonly string[];
}

export interface Simulation {
  readonly jobs: readonly JobLoad[];
  readonly slots: number;
  /** By hour of the day in the zone that was asked for. */
  readonly hours: readonly number[];
  /** By minute of the hour, in the same zone. */
  readonly minutes: readonly number[];
  /** Instants at which more than one job is due. */
  readonly collisions: number;
  /** Those with the most jobs, the earliest of equals first. */
  readonly worst: readonly Collision[];
  /** Slots from here on were not counted, since there are too many; absent: all were. */
  readonly cutAt?: number;
}

export interface SimulateOptions {
  /** Milliseconds since the epoch; `to` is not part of it. */
  readonly from: number;
  readonly to: number;
  /** IANA name, for the hours of the day. */
  readonly timeZone: string;
  /** No more are counted: it ends before the 24 hours that would have more. Default {@link MOST_SLOTS}. */
  readonly mostSlots?: number;
}

/** Slots come in the order of time over all jobs, so that where it is cut, all jobs are counted as far. */
export function simulate(jobs: readonly JobSpec[], options: SimulateOptions): Simulation {
  const { from, to, mostSlots = MOST_SLOTS } = options;
  const clocks = jobs.map((spec) => new JobClock(spec, from));
  const counter = new SlotCounter(options);
  const cutAt = walk(clocks, { to, mostSlots }, counter);
  return {
    jobs: clocks.map((clock) => clock.load()),
    ...counter.totals(),
    ...(cutAt !== undefined && { cutAt }),
  };
}

/** A day at a time: sorting all slots of a year would hold them all. */
function walk(
  clocks: readonly JobClock[],
  { to, mostSlots }: { readonly to: number; readonly mostSlots: number },
  counter: SlotCounter,
): number | undefined {
  let due = earliest(clocks);
  while (due < to) {
    const end = Math.min(to, due + DAY_MS);
    const slots: { readonly at: number; readonly name: string }[] = [];
    for (const clock of clocks) {
      for (let at = clock.next; at < end; at = clock.advance()) {
        slots.push({ at, name: clock.name });
        if (counter.slots + slots.length > mostSlots) return due;
      }
    }
    counter.add(slots.sort((one, other) => one.at - other.at));
    for (const clock of clocks) clock.settle();
    due = earliest(clocks);
  }
  return undefined;
}

function earliest(clocks: readonly JobClock[]): number {
  return clocks.reduce((least, { next }) => Math.min(least, next), Infinity);
}

class JobClock {
  readonly name: string;
  next: number;
  readonly #schedule: CompiledSchedule;
  #counted: { slots: number; first?: number; last?: number } = { slots: 0 };
  #pending: { slots: number; first?: number; last?: number } = { slots: 0 };

  constructor(spec: JobSpec, from: number) {
    this.name = spec.name;
    this.#schedule = compileSchedule(spec.schedule, { name: spec.name, createdAt: from });
    this.next = this.#schedule.next(from - 1) ?? Infinity;
  }

  /** Takes the slot that is next, and tells the one behind it. */
  advance(): number {
    const { slots, first = this.next } = this.#pending;
    this.#pending = { slots: slots + 1, first, last: this.next };
    this.next = this.#schedule.next(this.next) ?? Infinity;
    return this.next;
  }

  /** What was taken counts: the day is complete. */
  settle(): void {
    this.#counted = this.#pending;
  }

  load(): JobLoad {
    return { name: this.name, kind: this.#schedule.kind, ...this.#counted };
  }
}

class SlotCounter {
  slots = 0;
  readonly #hours = new Array<number>(24).fill(0);
  readonly #minutes = new Array<number>(60).fill(0);
  readonly #zone;
  #collisions = 0;
  #worst: Collision[] = [];

  constructor(options: SimulateOptions) {
    this.#zone = timeZone(options.timeZone);
  }

  /** Sorted by time. */
  add(slots: readonly { readonly at: number; readonly name: string }[]): void {
    this.slots += slots.length;
    for (let start = 0; start < slots.length; ) {
      const at = slots[start]?.at ?? 0;
      let end = start + 1;
      while (slots[end]?.at === at) end++;
      const local = at + this.#zone.offsetAt(at);
      add(this.#hours, Math.floor(local / HOUR_MS) % 24, end - start);
      add(this.#minutes, Math.floor(local / MINUTE_MS) % 60, end - start);
      if (end - start > 1)
        this.#collide(
          at,
          slots.slice(start, end).map(({ name }) => name),
        );
      start = end;
    }
  }

  #collide(at: number, names: readonly string[]): void {
    this.#collisions++;
    const last = this.#worst.at(-1);
    if (this.#worst.length === MOST_COLLISIONS && last !== undefined && last.count >= names.length) return;
    const worst = [...this.#worst, { at, count: names.length, jobs: names.slice(0, MOST_NAMES) }];
    this.#worst = worst.sort((one, other) => other.count - one.count).slice(0, MOST_COLLISIONS);
  }

  totals(): Pick<Simulation, 'slots' | 'hours' | 'minutes' | 'collisions' | 'worst'> {
    const [hours, minutes] = [this.#hours, this.#minutes];
    return { slots: this.slots, hours, minutes, collisions: this.#collisions, worst: this.#worst };
  }
}

function add(counts: number[], index: number, count: number): void {
  counts[index] = (counts[index] ?? 0) + count;
}
