/** `select=CONDITION` keeps entries, `drop=CONDITION` leaves them out. */
import type { EntryBatch } from '../entry-batch.js';
import { Kept, keepEntries } from './columns.js';
import type { Condition } from './condition.js';
import type { Transform, TransformOutput } from './transform.js';

export class SelectTransform implements Transform {
  readonly name: string;
  readonly about: string;

  constructor(
    text: string,
    private readonly condition: Condition,
    /** What becomes of entries that meet the condition. */
    private readonly kept: boolean,
  ) {
    this.name = `${kept ? 'select' : 'drop'} ${text}`;
    this.about = `${kept ? 'keeps only' : 'drops'} entries with ${text}`;
  }

  apply(batch: EntryBatch): TransformOutput {
    const kept = new Kept(batch);
    for (let i = 0; i < batch.count; i++) if (this.condition(batch, i) === this.kept) kept.add(i);
    return keepEntries(batch, kept.indexes(), this.kept ? 'not selected' : 'dropped');
  }
}
