import { expect, test } from 'vitest';
import { findPart } from '../../../../src/blocks/blob/store/part-range.js';

test('a part is where those before it end, by its number and not by its place', () => {
  const parts = [
    { number: 2, size: 5, checksum: 'first' },
    { number: 7, size: 3 },
    { number: 9, size: 0 },
  ];
  expect(findPart(parts, 2, 8)).toEqual({ range: { first: 0, last: 4 }, checksum: 'first' });
  expect(findPart(parts, 7, 8)).toEqual({ range: { first: 5, last: 7 }, checksum: undefined });
  expect(() => findPart(parts, 1, 8)).toThrow(expect.objectContaining({ code: 'blob.invalid_part' }));
  // There is no range of no bytes, and all of the object would be wrong.
  expect(() => findPart(parts, 9, 8)).toThrow(expect.objectContaining({ code: 'blob.invalid_range' }));
});

test('an object that came whole is its part 1', () => {
  expect(findPart(undefined, 1, 8).range).toEqual({ first: 0, last: 7 });
  expect(findPart(undefined, 1, 0).range).toBeUndefined();
  expect(() => findPart(undefined, 2, 8)).toThrow(expect.objectContaining({ code: 'blob.invalid_part' }));
});
