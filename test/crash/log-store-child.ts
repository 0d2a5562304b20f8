/**
 * Stores entries until it is killed, each batch in one transaction with how many there have been: what an agent's checkpoint is. Prints that
 * number once it is acknowledged. A third of the batches is large enough to be compressed; between them it merges.
 */
import { writeSync } from 'node:fs';
import { EntryBatchBuilder } from '../../src/blocks/log/entry-batch.js';
import { makeLabels } from '../../src/blocks/log/labels.js';
import { compact } from '../../src/blocks/log/store/compactor.js';
import { openEntryStore } from '../../src/blocks/log/store.js';
import { systemClock } from '../../src/platform/clock.js';

const [path = '', writer = ''] = process.argv.slice(2);
const store = openEntryStore({ path, clock: systemClock });
const stream = makeLabels([['writer', writer]]);

function read(): number {
  const row = store.sql
    .statement<[string], { value: number }>('SELECT value FROM setting WHERE name = ?')
    .get(`writer ${writer}`);
  return row?.value ?? 0;
}

let next = read();
for (let round = 0; ; round++) {
  const builder = new EntryBatchBuilder();
  const count = round % 3 === 0 ? 400 : 3;
  for (let i = 0; i < count; i++) {
    const timestamp = 1_750_000_000_000_000_000n + BigInt(next + i) * 1_000_000n;
    builder.add({ timestamp, line: `${writer}/${next + i} ${'and some more text '.repeat(6)}`, stream });
  }
  const prepared = await store.prepare('fake', builder.build());
  const upTo = next + count;
  await store.commit(() => {
    store.insert(prepared);
    store.sql
      .statement<[string, number]>('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)')
      .run(`writer ${writer}`, upTo);
  });
  next = upTo;
  // Synchronous: what is printed was acknowledged, and what was acknowledged is printed before the next write.
  writeSync(1, `${next}\n`);
  if (round % 8 === 7) await compact(store);
}
