import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBlock, encodeBlock } from '../../../../../src/blocks/log/store/block/codec.js';
import {
  compressPayload,
  readPayload,
  readPayloadNow,
  storeRaw,
} from '../../../../../src/blocks/log/store/block/compression.js';
import { cutBatch, FULL_BLOCK_BYTES } from '../../../../../src/blocks/log/store/block/cut.js';
import { allSeen, anyBatch, batchOf, HOUR, NOON, readFrom, SECOND, sortedByTime } from '../samples.js';

const inOrder = (count: number) => Uint32Array.from({ length: count }, (_, index) => index);

describe('a block', () => {
  test('comes back as it was, in order of time, whatever bytes, times, metadata and origins it has', () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const read = cutBatch(batch).flatMap((order) => {
          const { payload, streams } = encodeBlock(batch, order);
          const labels = streams.map((stream) => batch.streams[stream] ?? {});
          return allSeen(decodeBlock(payload, labels, 'block 1'));
        });
        expect(sortedByTime(read)).toEqual(sortedByTime(allSeen(batch)));
      }),
      { numRuns: 300 },
    );
  });

  test('whose bytes are changed anywhere gives the same entries, others or log.damaged_block, nothing else', () => {
    fc.assert(
      fc.property(anyBatch, fc.nat(), fc.nat(255), fc.boolean(), (batch, place, value, cut) => {
        const { payload, streams } = encodeBlock(batch, inOrder(batch.count));
        const position = place % payload.length;
        const changed = cut ? payload.subarray(0, position) : Buffer.from(payload);
        if (!cut) changed[position] = value;
        const labels = streams.map((stream) => batch.streams[stream] ?? {});
        try {
          allSeen(decodeBlock(changed, labels, 'block 1'));
        } catch (error) {
          expect(error).toMatchObject({ code: 'log.damaged_block' });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('that was read from a file from end to end needs next to nothing for origins and times', () => {
    const batch = readFrom(7, 'GET /index.html 200\n'.repeat(1000), 4096, NOON);
    const { payload, linesAt, files, joined } = encodeBlock(batch, inOrder(1000));
    expect(joined).toBe(true);
    expect(linesAt).toBeLessThan(1100);
    expect(files).toEqual([{ file: 7, from: 4096, to: 4096 + 20_000, entries: 1000 }]);
    expect(payload.length - linesAt).toBe(19_999);
  });
});

describe('a stored payload', () => {
  const payload = encodeBlock(
    batchOf(
      Array.from({ length: 500 }, (_, i) => `line ${i}`),
      NOON,
    ),
    inOrder(500),
  ).payload;

  test('is read as it was, raw and compressed', async () => {
    for (const stored of [storeRaw(payload), await compressPayload(payload)]) {
      expect(await readPayload(stored, 'block 1')).toEqual(payload);
      expect(readPayloadNow(stored, 'block 1')).toEqual(payload);
    }
  });

  test('is refused where it is too large, before anything is done', async () => {
    const large = Buffer.allocUnsafeSlow(256 * 1024 * 1024 + 1);
    await expect(compressPayload(large)).rejects.toMatchObject({ code: 'log.too_large' });
  });

  test('with another bit, length or codec is refused', async () => {
    const stored = await compressPayload(payload);
    const flipped = Buffer.from(stored.data);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    const damaged = { code: 'log.damaged_block', message: expect.stringContaining('block 9') };
    await expect(readPayload({ ...stored, data: flipped }, 'block 9')).rejects.toMatchObject(damaged);
    for (const size of [payload.length - 1, payload.length + 1, 2 ** 40])
      await expect(readPayload({ ...stored, size }, 'block 9')).rejects.toMatchObject(damaged);
    const other = { ...stored, codec: 9 };
    await expect(readPayload(other, 'block 9')).rejects.toMatchObject({ code: 'log.unknown_codec' });
    expect(() => readPayloadNow({ ...stored, size: 3 }, 'block 9')).toThrow('block 9');
  });
});

describe('a batch is cut', () => {
  test('into blocks of about the full size, in order of time', () => {
    const batch = batchOf(
      Array.from({ length: 9000 }, () => 'x'.repeat(100)),
      NOON,
    );
    const blocks = cutBatch(batch);
    expect(blocks.map((order) => order.length)).toEqual([3000, 3000, 3000]);
    expect(3000 * 100).toBeLessThan(FULL_BLOCK_BYTES * 1.25);
  });

  test('so that a few entries far from the others do not stretch their block', () => {
    const batch = batchOf(
      Array.from({ length: 100 }, (_, i) => `line ${i}`),
      NOON,
    );
    batch.timestamps[50] = NOON - 48n * HOUR;
    batch.timestamps[70] = NOON + 1000n * HOUR;
    expect(cutBatch(batch).map((order) => [...order.slice(0, 2)])).toEqual([[50], [0, 1], [70]]);
  });

  test('and not where a slow log is far apart everywhere', () => {
    const batch = batchOf(
      Array.from({ length: 100 }, (_, i) => `line ${i}`),
      NOON,
    );
    for (let i = 0; i < 100; i++) batch.timestamps[i] = NOON + BigInt(i) * 5000n * SECOND;
    expect(cutBatch(batch)).toHaveLength(1);
  });
});
