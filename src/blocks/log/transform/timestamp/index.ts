/** `timestamp=…`: gives entries the time that stands in their lines. */
import type { EntryBatch } from '../../entry-batch.js';
import { StreamStates } from '../stream-states.js';
import type { Transform, TransformOutput } from '../transform.js';
import { NanosColumn, nowOf } from './epoch.js';
import { compilePattern } from './pattern.js';
import { TimestampReader } from './reader.js';
import { readZoneName, type Zone } from './zone.js';

export interface TimestampOptions {
  /** `auto`: any of the usual forms (forms.ts); else a format as of strptime (pattern.ts). */
  readonly format: string;
  /** Of timestamps that do not say how far from UTC they are: `Europe/Berlin`, `+02:00`; absent: UTC. */
  readonly timezone?: string | undefined;
}

const NANOS_PER_SECOND = 1_000_000_000n;
/** What was the time of a stream's last line that had one. */
interface StreamState {
  readonly reader: TimestampReader;
  seconds: number;
  nanos: number;
  /** No line of it had a timestamp yet. */
  fresh: boolean;
}

/**
 * Each line is given its own timestamp. One without (a line of a stack trace) takes that of the line before it in its stream; where there
 * is none either, the time of reading stays. Errors: `log.bad_transform`, `log.bad_timezone`.
 */
export class TimestampTransform implements Transform {
  readonly name: string;
  readonly about: string;
  readonly #streams: StreamStates<StreamState>;

  constructor({ format, timezone = 'UTC' }: TimestampOptions) {
    this.name = `timestamp ${format}`;
    const form = format === 'auto' ? 'one of the usual forms' : format;
    this.about = `gives each line the time that stands in it (${form}; ${timezone} where it names no zone)`;
    const zone: Zone = readZoneName(timezone);
    const forms = format === 'auto' ? undefined : [compilePattern(format)];
    this.#streams = new StreamStates(() => ({
      reader: new TimestampReader(zone, forms),
      seconds: 0,
      nanos: 0,
      fresh: true,
    }));
  }

  apply(batch: EntryBatch, now: bigint): TransformOutput {
    const { count, bytes, starts, ends, streams, streamOf } = batch;
    const atNow = nowOf(Number(now / NANOS_PER_SECOND));
    const timestamps = batch.timestamps.slice(0, count);
    const column = new NanosColumn(timestamps);
    const states = streams.map((stream) => this.#streams.of(stream));
    for (let i = 0; i < count; i++) {
      const state = states[streamOf?.[i] ?? 0];
      if (state === undefined) continue;
      const { reader } = state;
      if (reader.read(bytes, starts[i] ?? 0, ends[i] ?? 0, atNow)) {
        state.seconds = reader.seconds;
        state.nanos = reader.nanos;
        state.fresh = false;
      } else if (state.fresh) continue;
      column.set(i, state.seconds, state.nanos);
    }
    return { batch: { ...batch, timestamps } };
  }
}
