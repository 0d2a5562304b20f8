import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery, printQuery } from '../../../../src/blocks/log/logql/index.js';
import { quote } from '../../../../src/blocks/log/logql/syntax/quote.js';
import { formatDuration, parseBytes, parseDuration } from '../../../../src/blocks/log/logql/syntax/units.js';
import { DsError } from '../../../../src/platform/errors.js';

describe('a query', () => {
  it.each([
    ['{app="shop",env!~`a|b`}|="x"|~`y`', '{app="shop", env!~"a|b"} |= "x" |~ "y"'],
    ['{a="b"} # the rest is a comment | json\n| json', '{a="b"} | json'],
    ['{a="b"} |= "x" or "y" != ip("10.0.0.0/8")', '{a="b"} |= "x" or "y" != ip("10.0.0.0/8")'],
    [
      '{a="b"} | json x, y="z[0]" | x > 5m and y<=1.5KiB, z=~"q" or w=-1',
      '{a="b"} | json x="x", y="z[0]" | (((x>5m and y<=1536B) and z=~"q") or w==-1)',
    ],
    [
      '{a="b"} | (json = "x") | json != "y" | unpack | decolorize',
      '{a="b"} | (json="x") | json != "y" | unpack | decolorize',
    ],
    [
      '{a="b"} | logfmt --keep-empty --strict | drop a, b="c" | keep d',
      '{a="b"} | logfmt --strict --keep-empty | drop a, b="c" | keep d',
    ],
    [
      '{a="b"} | line_format `{{.x}}"` | label_format a=b, c=`{{.d}}`',
      '{a="b"} | line_format "{{.x}}\\"" | label_format a=b, c="{{.d}}"',
    ],
    ['SUM(rate({a="b"}[1h30m])) BY (x)', 'sum by (x)(rate({a="b"} [1h30m]))'],
    [
      'sum without(x)(rate(({a="b"} | json | unwrap duration(y) | z="1")[5m] offset 1d))',
      'sum without (x)(rate({a="b"} | json | unwrap duration(y) | z="1" [5m] offset 24h))',
    ],
    ['rate({a="b"}[5m] |= "x")', 'rate({a="b"} |= "x" [5m])'],
    ['1 + 2 * 3 - 4', '((1 + (2 * 3)) - 4)'],
    ['2 ^ 3 ^ 2', '(2 ^ (3 ^ 2))'],
    ['vector(1) or vector(2) and vector(3) > bool 1', '(vector(1) or (vector(2) and (vector(3) > bool 1)))'],
    ['vector(1) / on(a) group_left(b, c) vector(2)', '(vector(1) / on (a) group_left(b, c) vector(2))'],
    [
      'quantile_over_time(0.99, {a="b"} | unwrap x [1m]) by (y)',
      'quantile_over_time(0.99, {a="b"} | unwrap x [1m]) by (y)',
    ],
    ['label_replace(vector(1), "a", "$1", "b", "(.*)")', 'label_replace(vector(1), "a", "$1", "b", "(.*)")'],
    ['{}', '{}'],
  ])('%s', (query, printed) => {
    expect(printQuery(parseQuery(query))).toBe(printed);
    expect(parseQuery(printed)).toEqual(parseQuery(query));
  });

  it.each([
    ['', 'line 1, col 1: syntax error: unexpected end of query'],
    ['{app="a"', 'line 1, col 9: syntax error: unexpected end of query, expecting "}"'],
    ['{app=a}', 'line 1, col 6: syntax error: unexpected identifier a, expecting a string'],
    ['{a="b"}\n  |= 5', 'line 2, col 6: syntax error: unexpected 5, expecting a string'],
    ['{a="b"} |~ "("', 'line 1, col 12: invalid line filter: bad pattern "(": missing closing )'],
    ['{a="b', 'line 1, col 4: literal not terminated'],
    ['{a="b"} | regexp "x"', 'at least one named capture must be supplied'],
    ['{a="b"} | pattern "<a><b>"', 'a literal must be between captures'],
    ['{a="b"} | line_format "{{.a"', 'invalid line template: unclosed action'],
    ['{a="b"} | line_format "{{nope}}"', 'function "nope" not defined'],
    ['{a="b"} | label_format a=b, a=c', "multiple label name 'a' not allowed"],
    ['{a="b"} |~ ip("x")', 'ip is not supported with |~'],
    ['{a="b"} |= ip("x")', 'is no address'],
    ['rate({a="b"})', 'expecting a range such as [5m]'],
    ['rate({a="b"}[5x])', 'not a valid duration: "5x"'],
    ['sum({a="b"})', 'a log selector has no value'],
    ['{a="b"} + 1', 'unexpected type for left leg of binary operation (+)'],
    ['1 and vector(1)', 'unexpected literal for left leg of logical/set binary operation (and)'],
    ['sum_over_time({a="b"}[5m])', 'invalid aggregation sum_over_time without unwrap'],
    ['count_over_time({a="b"} | unwrap x [5m])', 'invalid aggregation count_over_time with unwrap'],
    ['count_over_time({a="b"}[5m]) by (x)', 'grouping not allowed for count_over_time aggregation'],
    ['topk(vector(1))', 'parameter required for operation topk'],
    ['topk(0, vector(1))', 'must be a whole number greater than 0'],
    ['approx_topk(1, vector(1))', 'approx_topk is not supported'],
    ['nope(vector(1))', 'there is no such function'],
    ['vector(1) + bool vector(1)', 'bool modifier can only be used on comparison operators'],
    ['rate({a="b"}[5m]) @ 5', 'unexpected character "@"'],
    [`${'('.repeat(500)}1`, 'nests deeper than'],
    ['1+'.repeat(5000), 'more than 4000 words and symbols'],
    ['x'.repeat(200_000), 'the query is too long'],
  ])('is refused with its place: %.60s', (query, message) => {
    expect(() => parseQuery(query)).toThrowError(
      expect.objectContaining({ code: 'log.bad_query', message: expect.stringContaining(message) }),
    );
  });

  it('is written out so that it reads as the same, whatever it is made of', () => {
    const value = fc
      .oneof(fc.constantFrom('a', '.+', 'é"\\n', '10.0.0.1', '{{.a}}'), fc.string({ unit: 'grapheme', maxLength: 5 }))
      .map(quote);
    const plainFilter = fc.oneof(
      value.map((text) => `a=${text}`),
      fc.constantFrom('b>5', 'c<=1h30m', 'd!=7KiB', 'e==-1.5e3', 'f=ip("10.0.0.0/8")', 'json="x"'),
    );
    const filter = fc
      .array(plainFilter, { minLength: 1, maxLength: 4 })
      .chain((all) => fc.constantFrom(' and ', ' or ', ', ', ' ').map((joint) => `(${all.join(joint)})`));
    const stage = fc.oneof(
      fc
        .tuple(fc.constantFrom('|=', '!='), fc.array(value, { minLength: 1, maxLength: 3 }))
        .map(([operator, texts]) => `${operator} ${texts.join(' or ')}`),
      filter.map((one) => `| ${one}`),
      fc.constantFrom(
        '| json',
        '| json x="a[0].b", y',
        '| logfmt --strict',
        '| logfmt z',
        '| regexp `(?P<a>x)`',
        '| pattern `<a> <_>`',
        '| unpack',
      ),
      fc.constantFrom(
        '| line_format `{{.a}}`',
        '| label_format a=b, c=`{{.d}}`',
        '| drop a, b="c"',
        '| keep a, b="q"',
        '| decolorize',
        '|~ `a|b`',
        '!> `<_>x`',
      ),
    );
    const selector = fc.array(stage, { maxLength: 4 }).map((stages) => `{a="b", c!~"d"} ${stages.join(' ')}`);
    const { metric } = fc.letrec<{ metric: string }>((tie) => ({
      metric: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('vector(2)', '-3', '0.5'),
        selector.map((one) => `rate(${one}[5m])`),
        selector.map((one) => `quantile_over_time(0.9, ${one} | unwrap bytes(x) | y="z" [1h] offset 5m) by (k)`),
        fc
          .tuple(fc.constantFrom('sum', 'avg by (a)', 'max without (b, c)', 'sort'), tie('metric'))
          .map(([name, of]) => `${name}(${of})`),
        tie('metric').map((of) => `topk by (a) (3, ${of})`),
        tie('metric').map((of) => `label_replace(${of}, "a", "$1", "b", "(.*)")`),
        fc
          .tuple(
            tie('metric'),
            fc.constantFrom('+', '*', '^', '> bool', '/ on (a) group_left (b)', '!= ignoring ()'),
            tie('metric'),
          )
          .map((parts) => parts.join(' ')),
      ),
    }));
    fc.assert(
      fc.property(fc.oneof(selector, metric), (text) => {
        const query = parseQuery(text);
        expect(parseQuery(printQuery(query))).toEqual(query);
      }),
      { numRuns: 250 },
    );
  });

  it('throws nothing but log.bad_query, whatever the text', () => {
    const piece = fc.constantFrom(
      ...'{ } ( ) [5m] = != =~ !~ |= |~ | , or and by without on sum rate( unwrap json logfmt x "y" `z` 5 5m 5KB -1 + * ^ > bool offset # ip( topk( line_format'.split(' '),
      '"{{.a}}"', '"("', '\n', '{a="b"}', 'é', '--strict', '"{{if .a}}x{{else}}"',
    ); // biome-ignore format: one table
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' ')),
        ),
        (text) => {
          try {
            const query = parseQuery(text);
            expect(parseQuery(printQuery(query))).toEqual(query);
          } catch (error) {
            if (!(error instanceof DsError)) throw error;
            expect(error.code).toBe('log.bad_query');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('units', () => {
  it('are those of Go and Prometheus', () => {
    expect(['1h30m', '1.5s', '-250ms', '1d', '100us', '7ns', '0', '5', 'x', '1w2d'].map(parseDuration)).toEqual([
      5400e9, 1.5e9, -250e6, 86_400e9, 100e3, 7, 0, undefined, undefined, 9 * 86_400e9,
    ]); // biome-ignore format: one table
    expect(['5KB', '1.5MiB', '20 kb', '7', '1,024', '3EB', 'x', '2g'].map(parseBytes)).toEqual([
      5000, 1_572_864, 20_000, 7, 1024, undefined, undefined, 2e9,
    ]); // biome-ignore format: one table
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
        (nanos) => parseDuration(formatDuration(nanos)) === nanos,
      ),
    );
  });
});
