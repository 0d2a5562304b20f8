import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { analysePattern } from '../../../../src/blocks/log/regex/analysis.js';
import { compileRegex, MAX_PATTERN_LENGTH } from '../../../../src/blocks/log/regex/index.js';

const atom = fc.constantFrom(
  'a', 'b', 'ab', 'K', 's', '\\.', '.', '.*', '.+?', '\\b', '\\w', '\\d+', '[a]', '[^a]', '[]a]', '[[:alpha:]]', '^', '$', '\\A', '\\z',
  'a?', 'b{2}', 'a{0,2}', 'b{1}', 'a{,2}', '\\x61', '\\141', '\\Qa.b\\E', '\\pL', '\\p{Lu}', '(?i)', '(?s)', '(?-i)', '(?m)', '\\n', 'é', '{',
); // biome-ignore format: one table
const pattern: fc.Arbitrary<string> = fc.letrec<{ sequence: string; group: string }>((tie) => ({
  sequence: fc
    .array(fc.oneof({ depthSize: 'small' }, { weight: 5, arbitrary: atom }, { weight: 1, arbitrary: tie('group') }), {
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
  group: fc
    .tuple(
      fc.constantFrom('(', '(?:', '(?P<n>', '(?i:', '(?<n>'),
      fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '*', '?', '+', '{2}'),
    )
    .map(([open, branches, quantifier]) => `${open}${branches.join('|')})${quantifier}`),
})).sequence;
const text = fc
  .array(fc.constantFrom('a', 'b', 'A', 'B', 'k', '\u212a', '\u017f', 's', '.', ' ', '\n', '1', 'é', '_', '{', ','), {
    maxLength: 8,
  })
  .map((letters) => letters.join(''));

function engineOf(source: string, flags: number): RE2JS | undefined {
  try {
    return RE2JS.compile(source, flags);
  } catch {
    return undefined;
  }
}

describe('a regular expression', () => {
  it('answers as the engine does, whatever shortcut it takes', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 4, maxLength: 12 }), (source, texts) => {
        const engine = engineOf(source, 0);
        const whole = engineOf(source, RE2JS.DOTALL);
        if (engine === undefined || whole === undefined) return;
        const search = compileRegex(source);
        const anchored = compileRegex(source, { anchored: true });
        for (const line of texts) {
          expect(search.test(line)).toBe(engine.test(line));
          expect(anchored.test(line)).toBe(whole.testExact(line));
          const match = engine.exec(line);
          expect(search.find(line)?.groups).toEqual(match === null ? undefined : [...match]);
          if (match !== null) expect(match[0]).toContain(search.requiredLiteral ?? '');
        }
      }),
      { numRuns: 400 },
    );
  });

  it('knows the literal that a match must have', () => {
    const table: readonly (readonly [string, string])[] = [
      ['status=5\\d\\d', 'status=5'],
      ['\\bdeadlock\\b', 'deadlock'],
      ['user (\\d+) failed', ' failed'],
      ['(?:GET|GET) /a', 'GET /a'],
      ['a(b+)longer?', 'longe'],
      ['(?i)error', ''],
      ['(?i)x:(?-i)error', ':error'],
      ['error|fatal', ''],
      ['(error)*', ''],
      ['\uFFFD+x', 'x'],
      ['[.]log', '.log'],
    ];
    for (const [source, required] of table)
      expect([source, analysePattern(source, false)?.required]).toEqual([source, required]);
  });

  it('gives groups by number and name, and replaces every match', () => {
    const regex = compileRegex('(?P<key>\\w+)=(?:"(?P<quoted>[^"]*)"|(\\S+))');
    expect(regex.groupNames).toEqual([undefined, 'key', 'quoted', undefined]);
    expect(regex.find('at a="b c" d=e')).toEqual({ index: 3, end: 10, groups: ['a="b c"', 'a', 'b c', undefined] });
    expect(regex.find('at a="b c" d=e', 4)?.groups[0]).toBe('d=e');
    expect(regex.replaceAll('a=1, b=2', ({ groups }) => `<${groups[1]}>`)).toBe('<a> <b>');
    expect(compileRegex('x*').replaceAll('axb', () => '-')).toBe('-a-b-');
    expect(compileRegex('x').replaceAll('abc', () => '-')).toBe('abc');
  });

  it.each([
    ['a(', 'missing closing ) at character 1: a('],
    ['ab**', 'invalid nested repetition operator at character 3: **'],
    ['x{2000}', 'invalid repeat count at character 2: {2000}'],
    ['(?<=a)b', 'invalid named capture at character 1: (?<=a)b'],
    ['a\\', 'trailing backslash'],
    ['a{1000}'.repeat(100), 'its program has about'],
    [`${'('.repeat(3000)}a${')'.repeat(3000)}`, 'nests too deeply'],
    ['a'.repeat(MAX_PATTERN_LENGTH + 1), 'more than 16384'],
  ])('refuses %.20s with the place', (source, message) => {
    expect(() => compileRegex(source)).toThrowError(
      expect.objectContaining({ code: 'log.bad_pattern', message: expect.stringContaining(message) }),
    );
  });

  it.each(['(x+x+)+y', '(a|aa)+$', '(.*)*b', '((a+)+)+$', '(?:a?){30}a{30}b'])('ends quickly on %s', (source) => {
    const before = process.cpuUsage();
    compileRegex(source).test('a'.repeat(20_000));
    compileRegex(source).find(`${'x'.repeat(20_000)}!`);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});
