/** Entries that retention would take at once are refused: acknowledged and gone, nobody would hear of them. */
import { isoTime } from '../../../platform/relative-time.js';
import type { EntryBatch } from '../entry-batch.js';
import { withEntries } from '../entry-batches.js';
import { millisOf } from '../nanos.js';
import type { Decoded } from '../wire/intake.js';

/** The rest of it is added to the refusals, in Loki's words. @param keptFrom nanoseconds since the Unix epoch; undefined: all are kept */
export function withoutTooOld({ batch, refusals }: Decoded, keptFrom: bigint | undefined): EntryBatch {
  if (keptFrom === undefined) return batch;
  const { count, timestamps } = batch;
  let first: bigint | undefined;
  for (let i = 0; i < count && first === undefined; i++) {
    const time = timestamps[i] ?? 0n;
    if (time < keptFrom) first = time;
  }
  if (first === undefined) return batch;
  const kept: number[] = [];
  for (let i = 0; i < count; i++) if ((timestamps[i] ?? 0n) >= keptFrom) kept.push(i);
  const [time, oldest] = [isoTime(millisOf(first)), isoTime(millisOf(keptFrom))];
  const message = `an entry has timestamp too old: ${time}, oldest acceptable timestamp is: ${oldest} (--keep)`;
  refusals.add('too_old', message, count - kept.length);
  return withEntries(batch, kept);
}
