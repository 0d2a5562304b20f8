/**
 * What an ID is made of. Two families:
 *
 *   integer   at most 64 bits, unsigned, cut into fields: a snowflake
 *             63 ┌─┬───────────────────────────┬────┬────┬───────────┐ 0
 *        twitter │0│ time, 41 bits of 1 ms     │ dc │ wk │ sequence  │
 *                └─┴───────────────────────────┴────┴────┴───────────┘
 *   bytes     96 to 160 bits, time first, the rest random: uuid7, ulid, ksuid, xid
 *
 * A **tick** is the number of whole `unitMs` since `epoch`; it is what the time field of an integer layout holds.
 */
import { seqErrors } from '../errors.js';

export type FieldRole = 'time' | 'worker' | 'sequence';

export interface Field {
  /** The system's own word for it, in snake_case: `datacenter`, `process`, `shard`. */
  readonly name: string;
  readonly role: FieldRole;
  readonly bits: number;
  /** Bits to the right of the field. */
  readonly shift: number;
}

interface LayoutBase {
  /** What the user typed for it: a built-in name, or the canonical text of a specification. */
  readonly name: string;
  /** What worker numbers are leased in: see {@link WorkerLease}. */
  readonly space: string;
  readonly bits: number;
  readonly byteLength: number;
  /** Milliseconds since the Unix epoch at tick 0. */
  readonly epoch: number;
  /** Milliseconds per tick of the embedded time. */
  readonly unitMs: number;
  /** First millisecond that no longer fits the time bits. */
  readonly endsAt: number;
  /** How many worker numbers can be leased: 0 … workers - 1. */
  readonly workers: number;
}

export interface IntegerLayout extends LayoutBase {
  readonly family: 'integer';
  readonly byteLength: 8;
  /** Most significant first; together exactly `bits` wide. */
  readonly fields: readonly Field[];
  readonly time: Field;
  readonly sequence: Field | undefined;
  /** A worker number is spread over these, most significant first. */
  readonly workerFields: readonly Field[];
  /** How many ticks the time field can hold. */
  readonly ticks: number;
  /** IDs that one worker can make in one tick. */
  readonly perTick: number;
  /** Whether the IDs of one worker rise, and IDs of a later tick are higher whoever made them. */
  readonly order: { readonly perWorker: boolean; readonly byTime: boolean };
}

export type ByteKind = 'uuid7' | 'ulid' | 'ksuid' | 'xid';

export interface ByteLayout extends LayoutBase {
  readonly family: 'bytes';
  readonly name: ByteKind;
  /** Bits that differ by chance between two generators that hit the same millisecond. */
  readonly randomBits: number;
}

export type Layout = IntegerLayout | ByteLayout;

export interface FieldSpec {
  readonly name: string;
  readonly role: FieldRole;
  readonly bits: number;
}

/** Builds an integer layout from its fields, most significant first. The caller has checked the widths. */
export function integerLayout(
  name: string,
  space: string,
  epoch: number,
  unitMs: number,
  specs: readonly FieldSpec[],
): IntegerLayout {
  const bits = specs.reduce((sum, spec) => sum + spec.bits, 0);
  let shift = bits;
  const fields = specs.map((spec): Field => {
    shift -= spec.bits;
    return { ...spec, shift };
  });
  const time = fields.find((field) => field.role === 'time');
  if (time === undefined) throw new RangeError(`layout ${name} has no time field`);
  const sequence = fields.find((field) => field.role === 'sequence');
  const workerFields = fields.filter((field) => field.role === 'worker');
  const ticks = 2 ** time.bits;
  return {
    family: 'integer',
    name,
    space,
    bits,
    byteLength: 8,
    epoch,
    unitMs,
    fields,
    time,
    sequence,
    workerFields,
    ticks,
    endsAt: epoch + ticks * unitMs,
    workers: 2 ** workerFields.reduce((sum, field) => sum + field.bits, 0),
    perTick: sequence === undefined ? 1 : 2 ** sequence.bits,
    order: {
      perWorker: sequence === undefined || time.shift > sequence.shift,
      byTime: fields[0] === time,
    },
  };
}

/** The tick that holds the instant `ms`; negative before the epoch. */
export function tickOf(layout: Layout, ms: number): number {
  return Math.floor((ms - layout.epoch) / layout.unitMs);
}

/** First millisecond of a tick. */
export function tickStart(layout: Layout, tick: number): number {
  return layout.epoch + tick * layout.unitMs;
}

/**
 * Puts an ID together. A value that does not fit its field is refused, never cut: `seq.field_out_of_range`,
 * `seq.worker_out_of_range`, `seq.time_exhausted`.
 */
export function composeId(layout: IntegerLayout, tick: number, worker: number, sequence: number): bigint {
  if (tick >= layout.ticks) throw timeExhausted(layout);
  if (!fits(tick, layout.ticks)) throw outOfRange(layout, layout.time.name, tick, layout.ticks);
  if (!fits(sequence, layout.perTick)) {
    throw outOfRange(layout, layout.sequence?.name ?? 'sequence', sequence, layout.perTick);
  }
  return (
    placeWorker(layout, worker) |
    (BigInt(tick) << BigInt(layout.time.shift)) |
    (BigInt(sequence) << BigInt(layout.sequence?.shift ?? 0))
  );
}

/** The worker number in its place, everything else zero. */
export function placeWorker(layout: IntegerLayout, worker: number): bigint {
  if (!fits(worker, layout.workers)) {
    throw seqErrors.error('seq.worker_out_of_range', `layout ${layout.name} has no worker ${worker}`, {
      hint: `choose 0 to ${layout.workers - 1}`,
      details: { worker, workers: layout.workers },
    });
  }
  let placed = 0n;
  let rest = worker;
  for (const field of layout.workerFields.toReversed()) {
    const size = 2 ** field.bits;
    placed |= BigInt(rest % size) << BigInt(field.shift);
    rest = Math.floor(rest / size);
  }
  return placed;
}

/** The field's value in an ID. At most 53 bits wide, so a number holds it. */
export function fieldOf(id: bigint, field: Field): number {
  return Number((id >> BigInt(field.shift)) & ((1n << BigInt(field.bits)) - 1n));
}

export function timeExhausted(layout: Layout) {
  return seqErrors.error(
    'seq.time_exhausted',
    `the time bits of layout ${layout.name} ran out at ${new Date(layout.endsAt).toISOString()}`,
    { hint: 'choose a layout with a later epoch or more time bits: ds seq plan --layout discord' },
  );
}

function fits(value: number, size: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < size;
}

function outOfRange(layout: Layout, field: string, value: number, size: number) {
  return seqErrors.error('seq.field_out_of_range', `${field} ${value} does not fit layout ${layout.name}`, {
    hint: `${field} takes 0 to ${size - 1}`,
    details: { field, value },
  });
}
