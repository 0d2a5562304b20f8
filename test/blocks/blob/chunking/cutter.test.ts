import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Cutter, LARGEST_CHUNK, SMALLEST_CHUNK } from '../../../../src/blocks/blob/chunking/cutter.js';
import { gearTable, SECRET_BYTES } from '../../../../src/blocks/blob/chunking/gear.js';

/** The same bytes at each run. */
function noise(length: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest();
}

const gear = gearTable(noise(SECRET_BYTES, 'a'));

/** Ends of chunks; the bytes come in pieces of these lengths, in turn. */
function cuts(bytes: Uint8Array, table = gear, pieces: readonly number[] = [bytes.length]): number[] {
  const cutter = new Cutter(table);
  const ends: number[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const piece = bytes.subarray(at, at + (pieces[i % pieces.length] ?? 1));
    for (let from = 0; from < piece.length; ) {
      const cut = cutter.next(piece, from);
      if (cut === -1) break;
      ends.push(at + cut);
      from = cut;
    }
    at += piece.length;
  }
  return ends;
}

const bytes = noise(8_000_000, 'content');
const ends = cuts(bytes);

test('chunks keep their bounds, and are about 250 KiB long', () => {
  const lengths = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  expect(lengths.every((length) => length >= SMALLEST_CHUNK && length <= LARGEST_CHUNK)).toBe(true);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  expect(mean).toBeGreaterThan(200_000);
  expect(mean).toBeLessThan(310_000);
  expect(cuts(new Uint8Array(3 * LARGEST_CHUNK + 1)).every((end) => end % SMALLEST_CHUNK === 0)).toBe(true);
});

test('it does not matter in which pieces the bytes come', () => {
  const short = bytes.subarray(0, 2_000_000);
  const whole = cuts(short);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300_001 }), { minLength: 1, maxLength: 9 }), (pieces) => {
      fc.pre(Math.max(...pieces) > 1000);
      expect(cuts(short, gear, pieces)).toEqual(whole);
    }),
    { numRuns: 25 },
  );
});

test('after an insertion the cuts are soon the same again', () => {
  const inserted = Buffer.concat([bytes.subarray(0, 1_000_000), noise(777, 'inserted'), bytes.subarray(1_000_000)]);
  const shifted = new Set(cuts(inserted).map((end) => end - 777));
  const kept = ends.filter((end) => shifted.has(end) && end > 1_000_000);
  expect(kept.length).toBeGreaterThan(ends.length / 2);
});

test('another secret cuts elsewhere', () => {
  const other = new Set(cuts(bytes, gearTable(noise(SECRET_BYTES, 'b'))));
  expect(ends.filter((end) => other.has(end))).toEqual([]);
});
