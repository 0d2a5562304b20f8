import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Glob } from '../../../../src/blocks/kv/redis/glob.js';

describe('a pattern', () => {
  test.each([
    ['*', 'anything', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a', 'a', true],
    ['a', 'ab', false],
    ['a*', 'a', true],
    ['a*', 'ba', false],
    ['*a', 'banana', true],
    ['*a', 'bananas', false],
    ['*an*a*', 'banana', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a\\?c', 'a?c', true],
    ['a\\?c', 'abc', false],
    ['a\\', 'a\\', true],
    ['[abc]', 'b', true],
    ['[^abc]', 'b', false],
    ['[^abc]', 'd', true],
    ['[a-c]', 'b', true],
    ['[c-a]', 'b', true],
    ['[a-]', '-', false],
    ['[a-]', '^', true],
    ['[\\]]', ']', true],
    ['[a', 'a', true],
    ['[]a', 'a', false],
    ['\xff*\0', '\xff--\0', true],
    ['[\xf0-\xff]', '\xf5', true],
    ['[\xf0-\xff]', 'a', false],
  ])('%j fits %j: %j', (pattern, text, fits) => {
    expect(new Glob(pattern).matches(text)).toBe(fits);
  });

  test.each([
    ['user:*', 'user:'],
    ['user:?', 'user:'],
    ['user', 'user'],
    ['a\\*b*', 'a*b'],
    ['*a', ''],
    ['[a]b', ''],
  ])('%j begins with %j', (pattern, prefix) => {
    expect(new Glob(pattern).prefix).toBe(prefix);
  });

  test('of any characters fits as the regular expression that means the same', () => {
    const token = fc.constantFrom('*', '?', 'a', 'b', '[ab]', '[^a]');
    const asExpression = { '*': '[^]*', '?': '[^]' } as Readonly<Record<string, string>>;
    fc.assert(
      fc.property(fc.array(token, { maxLength: 8 }), fc.stringMatching(/^[abc]{1,10}$/), (tokens, text) => {
        const expression = new RegExp(`^${tokens.map((one) => asExpression[one] ?? one).join('')}$`);
        expect(new Glob(tokens.join('')).matches(text)).toBe(expression.test(text));
      }),
    );
  });

  test('that would try each way to share the text out among its stars is told in short time', () => {
    const glob = new Glob(`${'a*'.repeat(1_000)}b`);
    expect(glob.matches('a'.repeat(10_000))).toBe(false);
    expect(new Glob('*?'.repeat(1_000)).matches('a'.repeat(50_000))).toBe(true);
    expect(new Glob('*?'.repeat(1_001)).matches('a'.repeat(50_000))).toBe(false);
  });
});
