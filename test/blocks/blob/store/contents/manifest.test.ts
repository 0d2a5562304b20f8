import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countChunks,
  decodeManifest,
  encodeManifest,
  ManifestReader,
  sliceManifest,
} from '../../../../../src/blocks/blob/store/contents/manifest.js';

const entry = fc.record({
  chunkId: fc.integer({ min: 1, max: 2 ** 51 }),
  length: fc.integer({ min: 1, max: 2 ** 20 }),
  start: fc.option(fc.integer({ min: 0, max: 2 ** 20 }), { nil: undefined }),
});

test('what was encoded is decoded, and one that is cut off is not', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const bytes = encodeManifest(entries);
      expect(decodeManifest(bytes)).toEqual(entries);
      if (bytes.length > 0) {
        const reader = new ManifestReader(bytes.subarray(0, -1));
        expect(() => {
          while (reader.next() !== undefined);
        }).toThrow(RangeError);
      }
    }),
  );
});

test('a slice has the bytes of the range, byte by byte', () => {
  const small = fc.record({
    chunkId: fc.integer({ min: 1, max: 5 }),
    length: fc.integer({ min: 1, max: 6 }),
    start: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
  });
  /** Each byte as the chunk and the place within it. */
  const spell = (entries: ReturnType<typeof decodeManifest>) =>
    entries.flatMap(({ chunkId, length, start = 0 }) => Array.from({ length }, (_, i) => `${chunkId}:${start + i}`));
  fc.assert(
    fc.property(fc.array(small, { minLength: 1, maxLength: 8 }), fc.nat(40), fc.nat(40), (entries, a, b) => {
      const bytes = encodeManifest(entries);
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      expect(spell(sliceManifest(bytes, first, last))).toEqual(spell(entries).slice(first, last + 1));
    }),
  );
  expect(countChunks(decodeManifest(encodeManifest([]))).size).toBe(0);
});
