import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from '../../../../src/blocks/log/agent/batch/codec.js';
import { joinSmall, LabelAdder } from '../../../../src/blocks/log/agent/batch/combine.js';
import { type EntryBatch, EntryBatchBuilder, lineBytes, streamOf } from '../../../../src/blocks/log/entry-batch.js';
import { concatenate, part, pick } from '../../../../src/blocks/log/entry-batches.js';
import { type Labels, makeLabels } from '../../../../src/blocks/log/labels.js';
import { fileChunk } from './fixtures.js';

interface PlainEntry {
  readonly timestamp: bigint;
  readonly line: string;
  readonly stream: Labels;
  readonly metadata: Labels | undefined;
}

const labels = fc
  .array(fc.tuple(fc.constantFrom('app', '__proto__', 'constructor', 'x'), fc.string({ unit: 'binary' })), {
    maxLength: 3,
  })
  .map((pairs) => makeLabels(pairs));

const entry = fc.record({
  timestamp: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  line: fc.uint8Array({ maxLength: 40 }),
  stream: labels,
  metadata: fc.option(labels, { nil: undefined }),
});

const batch = fc.array(entry, { maxLength: 20 }).map((entries) => {
  const builder = new EntryBatchBuilder();
  for (const one of entries) builder.add(one);
  return builder.build();
});

function entriesOf(all: EntryBatch): PlainEntry[] {
  return Array.from({ length: all.count }, (_, i) => ({
    timestamp: all.timestamps[i] ?? 0n,
    line: lineBytes(all, i).toString('hex'),
    stream: streamOf(all, i),
    metadata: all.metadata?.[i],
  }));
}

test('a batch comes back from the buffer as it was: bytes, times, labels of any name', async () => {
  await fc.assert(
    fc.asyncProperty(batch, async (one) => {
      expect(entriesOf(await decodeBatch(await encodeBatch(one)))).toEqual(entriesOf(one));
    }),
    { numRuns: 60 },
  );
});

test('batches together have the entries of each, in order; parts of them are those entries', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 5 }), fc.nat(), fc.nat(), (batches, a, b) => {
      const all = batches.flatMap(entriesOf);
      const joined = concatenate(batches);
      expect(entriesOf(joined)).toEqual(all);
      expect(joinSmall(batches).flatMap(entriesOf)).toEqual(all);
      const [from = 0, to = 0] = [a % (all.length + 1), b % (all.length + 1)].sort((x, y) => x - y);
      expect(entriesOf(part(joined, from, to))).toEqual(all.slice(from, to));
      const even = all.map((_, i) => i).filter((i) => i % 2 === 0);
      expect(entriesOf(pick(joined, even))).toEqual(even.map((i) => all[i]));
    }),
    { numRuns: 60 },
  );
});

test('origins are kept where all are of one file, and labels are added to streams that have none of that name', () => {
  const [one, other] = [fileChunk(3, 0, ['a', 'b']).entries, fileChunk(3, 4, ['c']).entries];
  const { origin } = concatenate([one, other]);
  expect([origin?.file, [...(origin?.offsets ?? [])], [...(origin?.endOffsets ?? [])]]).toEqual([
    3,
    [0, 2, 4],
    [2, 4, 6],
  ]);
  expect(concatenate([one, fileChunk(4, 0, ['x']).entries]).origin).toBeUndefined();
  const adder = new LabelAdder(
    makeLabels([
      ['filename', 'mine'],
      ['job', 'j'],
    ]),
  );
  const [first, second] = [adder.add(one), adder.add(one)];
  expect(first.streams).toEqual([
    makeLabels([
      ['filename', '/var/log/3.log'],
      ['job', 'j'],
    ]),
  ]);
  expect(second.streams[0]).toBe(first.streams[0]);
});

test('a damaged batch is told, whatever is wrong with it', async () => {
  const data = await encodeBatch(fileChunk(1, 0, ['some line']).entries);
  for (const bad of [Buffer.alloc(0), data.subarray(0, 10), Buffer.from('no deflate')]) {
    await expect(decodeBatch(bad)).rejects.toMatchObject({ code: 'log.damaged_buffer' });
  }
});
