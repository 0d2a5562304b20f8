/** Batches of lines for tests of transforms. */
import { type EntryBatch, EntryBatchBuilder, lineText } from '../../../../src/blocks/log/entry-batch.js';
import { type Labels, makeLabels } from '../../../../src/blocks/log/labels.js';
import { readTransforms } from '../../../../src/blocks/log/transform/index.js';
import { systemRandom } from '../../../../src/platform/clock.js';

export const STREAM = makeLabels([['job', 'test']]);
/** 2026-03-01T12:00:00Z. */
export const NOW = 1_772_366_400_000_000_000n;

export interface Line {
  readonly line: string | Uint8Array;
  readonly timestamp?: bigint;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly stream?: Labels;
}

export function batchOf(...lines: readonly (string | Line)[]): EntryBatch {
  const builder = new EntryBatchBuilder();
  for (const one of lines) {
    const {
      line,
      timestamp = NOW,
      metadata,
      stream = STREAM,
    } = typeof one === 'string' ? { line: one } : (one as Line);
    builder.add({ line, timestamp, stream, metadata: metadata && makeLabels(Object.entries(metadata)) });
  }
  return builder.build();
}

export function linesOf(batch: EntryBatch): string[] {
  return Array.from({ length: batch.count }, (_, i) => lineText(batch, i));
}

/** Metadata of entry i as an ordinary object. */
export function fieldsOf(batch: EntryBatch, index = 0): Record<string, string> {
  return { ...batch.metadata?.[index] };
}

/** One step, as it is written. */
export function step(spec: unknown, timezone?: string) {
  const [transform] = readTransforms([spec], { random: systemRandom, timezone });
  if (transform === undefined) throw new Error('no step');
  return transform;
}
