import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BlobStore } from '../../../../src/blocks/blob/blob-store.js';
import { compositeChecksum, createChecksum } from '../../../../src/blocks/blob/checksum/checksum.js';
import type { ObjectChecksum, ObjectStat } from '../../../../src/blocks/blob/object-types.js';
import { ObjectCheck, planCheck } from '../../../../src/blocks/blob/transfer/check.js';
import { mtimeOf, mtimeText } from '../../../../src/blocks/blob/transfer/mtime.js';

const PLACE = { bucket: 'b', key: 'k' };
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();

/** An object of these parts, and a store that tells how large they are. */
function object(parts: readonly Uint8Array[], checksum?: ObjectChecksum, etagIsMd5?: false) {
  const whole = Buffer.concat(parts);
  const etag =
    parts.length === 1
      ? md5(whole).toString('hex')
      : `${md5(Buffer.concat(parts.map(md5))).toString('hex')}-${parts.length}`;
  const stat: ObjectStat = {
    ...{ key: 'k', size: whole.length, etag, modifiedAt: 0, headers: {}, metadata: {}, tagCount: 0 },
    ...(checksum && { checksum }),
    ...(etagIsMd5 === undefined ? {} : { etagIsMd5 }),
  };
  const asked: number[] = [];
  const store: Pick<BlobStore, 'statObject'> = {
    async statObject(_, { partNumber = 1 } = {}) {
      asked.push(partNumber);
      const first = parts.slice(0, partNumber - 1).reduce((sum, part) => sum + part.length, 0);
      return { stat: { ...stat, part: { first, last: first + (parts[partNumber - 1]?.length ?? 0) - 1 } } };
    },
  };
  return { whole, stat, store, asked };
}

async function judge({ stat, store }: ReturnType<typeof object>, pieces: readonly Uint8Array[]) {
  const plan = await planCheck(store, PLACE, stat);
  if (plan === undefined) return undefined;
  const check = new ObjectCheck(plan);
  for (const piece of pieces) check.update(piece);
  return { algorithm: plan.expected.algorithm, right: check.isRight() };
}

test('objects are compared by what they are stored with, in whatever pieces they come', async () => {
  const size = fc.integer({ min: 1, max: 40 });
  const cases = fc.record({
    each: size,
    count: fc.integer({ min: 2, max: 5 }),
    last: size,
    piece: size,
    even: fc.boolean(),
    damaged: fc.nat(),
    seed: fc.uint8Array({ minLength: 240, maxLength: 240 }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ each, count, last, piece, even, damaged, seed }) => {
      const sizes = Array.from({ length: count }, (_, index) => (even ? each : 1 + ((each + index * 7) % 40)));
      sizes[count - 1] = even ? Math.min(each, last) : last;
      const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, length) => sum + length, 0));
      const parts = sizes.map((length, index) => seed.subarray(starts[index], (starts[index] ?? 0) + length));
      const digests = parts.map((part) => {
        const checksum = createChecksum('SHA256');
        checksum.update(part);
        return checksum.digest();
      });
      const value = compositeChecksum('SHA256', digests);
      for (const checksum of [undefined, { algorithm: 'SHA256', value, type: 'COMPOSITE' } as const]) {
        const subject = object(parts, checksum);
        const pieces = (bytes: Uint8Array) =>
          Array.from({ length: Math.ceil(bytes.length / piece) }, (_, index) =>
            bytes.subarray(index * piece, (index + 1) * piece),
          );
        const algorithm = checksum?.algorithm ?? 'MD5';
        const plan = await planCheck(subject.store, PLACE, subject.stat);
        // Sizes that look even and are not are found out only when the checksum is another.
        const guessed = plan?.layout !== undefined && 'each' in plan.layout && !even;
        if (!guessed) expect(await judge(subject, pieces(subject.whole))).toEqual({ algorithm, right: true });
        const wrong = Buffer.from(subject.whole);
        const place = damaged % wrong.length;
        wrong[place] = (wrong[place] ?? 0) ^ 1;
        expect(await judge(subject, pieces(wrong))).toEqual({ algorithm, right: false });
      }
    }),
    { numRuns: 60 },
  );
});

test('what cannot be a checksum is passed over, and what is encrypted has no MD5', async () => {
  const parts = [Buffer.from('hello'), Buffer.from('world')];
  const odd = [
    { algorithm: 'CRC64NVME', value: 'fAHpxQ==', type: 'FULL_OBJECT' },
    { algorithm: 'SHA256', value: createHash('sha256').update('x').digest('base64'), type: 'FULL_OBJECT' },
  ] as const;
  for (const checksum of odd) {
    expect(await judge(object(parts, checksum), parts)).toEqual({ algorithm: 'MD5', right: true });
  }
  expect(await judge(object(parts, undefined, false), parts)).toBeUndefined();
  const single = object([Buffer.from('hello')]);
  expect(await judge(single, [Buffer.from('hello')])).toEqual({ algorithm: 'MD5', right: true });
  expect(single.asked).toEqual([]);
});

test('times of files are exact, before 1970, too', () => {
  const cases: readonly (readonly [bigint, string])[] = [
    [0n, '0'],
    [1_700_000_000_123_456_789n, '1700000000.123456789'],
    [1_500_000_000n, '1.5'],
    [-2_000_000_000n, '-2'],
  ];
  for (const [nanoseconds, text] of cases) {
    expect(mtimeText(nanoseconds)).toBe(text);
    expect(mtimeOf({ mtime: text })).toBeCloseTo(Number(nanoseconds) / 1e6, 3);
  }
  expect(Math.abs((mtimeOf({ mtime: mtimeText(-500_000_000n) }) ?? 0) + 500)).toBeLessThan(1);
  expect(['', 'x', '1e9', '1.2.3'].map((mtime) => mtimeOf({ mtime }))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
