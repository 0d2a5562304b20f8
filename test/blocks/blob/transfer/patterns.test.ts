import { describe, expect, test } from 'vitest';
import { globMatcher, isGlob, literalPrefix } from '../../../../src/blocks/blob/transfer/glob.js';
import { pathFilter } from '../../../../src/blocks/blob/transfer/path-filter.js';
import { code } from '../bodies.js';

describe('patterns', () => {
  test.each([
    ['*.jpg', ['a.jpg', '.jpg', 'é😀.jpg'], ['a/b.jpg', 'a.jpg2', 'A.JPG']],
    ['a/*/c', ['a/b/c', 'a//c'], ['a/b/d/c', 'a/c']],
    ['**', ['', 'a', 'a/b/c', '/'], []],
    ['**/c', ['c', 'a/c', 'a/b/c', '/c'], ['ac', 'a/bc']],
    ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['az', 'a/bz', 'b/a/z']],
    ['a**z', ['az', 'a/b/z'], ['a', 'za']],
    ['logs/**', ['logs/', 'logs/a', 'logs/a/b'], ['logs', 'log/a']],
    ['?', ['a', '😀'], ['', '/', 'ab']],
    ['[a-c]x', ['ax', 'cx'], ['dx', '/x', 'x']],
    ['[!a-c]x', ['dx', '-x'], ['ax', '/x']],
    ['[]a]', [']', 'a'], ['b']],
    ['[a', ['[a'], ['a']],
    ['{a,b{1,2},}.txt', ['a.txt', 'b1.txt', 'b2.txt', '.txt'], ['b.txt', '{a}.txt']],
    ['{a}', ['{a}'], ['a']],
    ['\\*\\{a,b\\}', ['*{a,b}'], ['xa', '*a']],
    ['a\nb', ['a\nb'], []],
  ])('%s', (pattern, yes, no) => {
    const matches = globMatcher(pattern);
    expect(yes.filter((text) => !matches(text))).toEqual([]);
    expect(no.filter(matches)).toEqual([]);
  });

  test('that would take others for ever take a moment', () => {
    const matches = globMatcher(`${'*a'.repeat(200)}b`);
    expect(matches('a'.repeat(1024))).toBe(false);
  });

  test('begin with what all that match begin with', () => {
    expect(['a/b*', 'a/{bc,bd}', '*', 'a\\*b?', '{x,y}', 'plain'].map(literalPrefix)).toEqual([
      'a/b',
      'a/b',
      '',
      'a*b',
      '',
      'plain',
    ]);
    expect(['a*', 'a\\*', 'a{b', 'plain[', 'a?'].map(isGlob)).toEqual([true, false, true, true, true]);
  });

  test('are refused where their braces stand for too many', async () => {
    const make = async () => globMatcher('{a,b}'.repeat(12));
    expect(await code(make())).toBe('blob.invalid_argument');
  });

  test('without a slash are for names, with one for whole paths; what is excluded stays so', () => {
    const isMeant = pathFilter({ include: ['*.js', '/doc/**'], exclude: ['*.min.js', 'doc/draft/**'] });
    const paths = ['a.js', 'x/y/b.js', 'b.min.js', 'doc/a', 'doc/draft/a.js', 'x/doc/a', 'c.ts'];
    expect(paths.filter(isMeant)).toEqual(['a.js', 'x/y/b.js', 'doc/a']);
  });
});
