import { expect, test } from 'vitest';
import { cacheBytesOf } from '../../../../src/blocks/kv/server/cache-size.js';

test('a cache that the heap has no room for is refused, and told how to get it', () => {
  const gigabyte = 1024 ** 3;
  expect(cacheBytesOf(700, gigabyte)).toBe(700 * 1024 ** 2);
  expect(() => cacheBytesOf(750, gigabyte)).toThrow(
    'cache-mb cannot be 750: Node.js gives this process a heap of 716 MB for it',
  );
  expect(() => cacheBytesOf(7_000, gigabyte)).toThrow(
    expect.objectContaining({ code: 'config.invalid', hint: expect.stringContaining('--max-old-space-size=10000 ') }),
  );
  expect(cacheBytesOf(1)).toBe(1024 ** 2);
});
