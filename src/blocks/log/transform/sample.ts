/**
 * `sample=0.1` keeps that share of the entries: by chance, or by the hash of a field (`sample=0.1:trace_id`), so that of one trace all entries
 * are kept or none. Those without the field are kept by chance.
 */
import type { Random } from '../../../platform/clock.js';
import type { EntryBatch } from '../entry-batch.js';
import { Kept, keepEntries, labelOf } from './columns.js';
import type { Transform, TransformOutput } from './transform.js';

const RANGE = 2 ** 32;

export class SampleTransform implements Transform {
  readonly name: string;
  readonly about: string;
  readonly #below: number;

  constructor(
    share: number,
    private readonly key: string | undefined,
    private readonly random: Random,
  ) {
    this.name = `sample ${share}${key === undefined ? '' : `:${key}`}`;
    this.about = `keeps ${share * 100} % of the entries, ${key === undefined ? 'by chance' : `by their ${key}`}`;
    this.#below = share * RANGE;
  }

  apply(batch: EntryBatch): TransformOutput {
    const kept = new Kept(batch);
    // One call for the batch: a call for each entry takes a microsecond.
    const chances = new DataView(Uint8Array.from(this.random.bytes(batch.count * 4)).buffer);
    for (let i = 0; i < batch.count; i++) {
      const value = this.key === undefined ? undefined : labelOf(batch, i, this.key);
      const number = value === undefined ? chances.getUint32(i * 4) : hash(value);
      if (number < this.#below) kept.add(i);
    }
    return keepEntries(batch, kept.indexes(), 'sampled');
  }
}

/** FNV-1a, then the finisher of MurmurHash3: FNV alone spreads short texts badly over its high bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
