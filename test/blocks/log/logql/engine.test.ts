import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryBatchBuilder } from '../../../../src/blocks/log/entry-batch.js';
import type { Direction } from '../../../../src/blocks/log/entry-source.js';
import { makeLabels, NO_LABELS } from '../../../../src/blocks/log/labels.js';
import {
  createTailFilter,
  isSelective,
  parseLogSelector,
  runLogQuery,
} from '../../../../src/blocks/log/logql/index.js';
import { lineTest } from '../../../../src/blocks/log/logql/pipeline/line-filter.js';
import { requiredTexts, requiredValues } from '../../../../src/blocks/log/logql/plan.js';
import type { LineOperator } from '../../../../src/blocks/log/logql/syntax/ast.js';
import { FilterQuery, makeFilter } from '../../../../src/blocks/log/store/filter/filter.js';
import { entry, MemorySource, noTotals } from './memory-source.js';

const WORDS = ['error', 'warn', 'id=42', 'err', 'or', 'é', '{"a":"error"}', 'level=warn'];
const someEntries = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }),
    fc.constantFrom('a', 'b'),
  ),
  { maxLength: 40 },
);
const someQuery = fc.constantFrom(
  '{}', '{app="a"}', '{} |= "error"', '{} |~ "\\\\berr\\\\b"', '{} |~ "^id=\\\\d+"', '{} |= "é" |= "or"', '{} != "error" |= "r"', '{} |> "<_>rr<_>"',
  '{} | json | a="error"', '{} | logfmt | level="warn"', '{} | line_format "error" |= "error"', '{} |= "err" or "warn"', '{} |~ "(?i)ERROR|warn$"',
); // biome-ignore format: one table

async function run(
  source: MemorySource,
  query: string,
  direction: Direction,
  limit?: number,
  start = 0n,
  end = 100_000_000_000n,
) {
  const found: string[] = [];
  const request = { start, end, direction, limit, now: Date.now };
  for await (const { timestamp, line } of runLogQuery(source, query, request, noTotals()))
    found.push(`${timestamp / 1_000_000_000n} ${line}`);
  return found;
}

describe('a log query', () => {
  it('holds no more bytes than it may to put entries into order, and is refused where that is too little', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => entry(i % 20, 'x'.repeat(1000), { app: 'a' }));
    const source = new MemorySource(lines, 20);
    const all = async (limit: number | undefined, mostHeld: number, query = '{}', from = source) => {
      const request = { start: 0n, end: 100_000_000_000n, direction: 'forward', now: Date.now, mostHeld } as const;
      let count = 0;
      const asked = { ...request, ...(limit !== undefined && { limit }) };
      for await (const _ of runLogQuery(from, query, asked, noTotals())) count++;
      return count;
    };
    expect(await all(undefined, 50_000)).toBe(40);
    expect(await all(5, 10_000)).toBe(5);
    await expect(all(undefined, 10_000)).rejects.toMatchObject({ code: 'log.query_limit' });
    await expect(all(15, 10_000)).rejects.toMatchObject({
      message: expect.stringMatching(/^the query would hold more/),
    });
    const short = Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0 ? entry(i % 20, 'x', { app: 'a' }, { body: 'x'.repeat(2000) }) : entry(i % 20, 'x', { app: 'a' }),
    );
    const answer = (query: string, mostHeld: number) => all(undefined, mostHeld, query, new MemorySource(short, 20));
    expect(await answer('{}', 50_000)).toBe(40);
    await expect(answer('{}', 30_000)).rejects.toMatchObject({ code: 'log.query_limit' });
    await expect(answer('{} | label_format more=`{{.body}}{{.body}}`', 50_000)).rejects.toMatchObject({
      code: 'log.query_limit',
    });
  });

  it('gives the same entries, in order of time, over blocks of any size that skip or not, and with a limit the first of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        someEntries,
        someQuery,
        fc.constantFrom<Direction>('forward', 'backward'),
        fc.integer({ min: 1, max: 6 }),
        async (rows, query, direction, size) => {
          const entries = rows.map(([at, words, app]) => entry(at, words.join(' '), { app }));
          // All in one block, none skipped, is what the others are compared with. Entries of equal time may change places.
          const whole = await run(new MemorySource(entries, 1000), query, direction);
          const blocks = await run(new MemorySource(entries, size, true), query, direction);
          expect(blocks.toSorted()).toEqual(whole.toSorted());
          const times = blocks.map((line) => Number(line.split(' ')[0]));
          expect(times).toEqual(times.toSorted((a, b) => (direction === 'forward' ? a - b : b - a)));
          const limited = await run(new MemorySource(entries, size, true), query, direction, 3);
          expect(limited.map((line) => line.split(' ')[0])).toEqual(
            blocks.slice(0, 3).map((line) => line.split(' ')[0]),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('keeps to its times, and ends with the signal', async () => {
    const source = new MemorySource(
      [1, 2, 3, 4].map((at) => entry(at, `l${at}`, { app: 'a' })),
      2,
    );
    expect(await run(source, '{}', 'forward', undefined, 2_000_000_000n, 4_000_000_000n)).toEqual(['2 l2', '3 l3']);
    expect(await run(source, '{}', 'backward', 2)).toEqual(['4 l4', '3 l3']);
    const request = {
      start: 0n,
      end: 10n ** 18n,
      direction: 'forward' as const,
      now: Date.now,
      signal: AbortSignal.abort(new Error('enough')),
    };
    await expect(runLogQuery(source, '{}', request, noTotals()).next()).rejects.toThrow('enough');
    await expect(run(source, 'vector(1)', 'forward')).rejects.toMatchObject({ code: 'log.bad_query' });
  });
});

/** Not every text that the generator makes is a pattern. */
function testOrNothing(...filter: Parameters<typeof lineTest>): ReturnType<typeof lineTest> | undefined {
  try {
    return lineTest(...filter);
  } catch {
    return undefined;
  }
}

describe('what a source is told', () => {
  it.each([
    ['{} |= "error"', ['error']],
    ['{} |= "a" or "b"', []],
    ['{} != "a" !~ "b" |= ip("1.2.3.4")', []],
    ['{} |~ `\\bdead\\b`', ['[dead]']],
    ['{} |~ `^dead lock$`', ['[dead lock]']],
    ['{} |~ `id=\\d+ x`', ['id=', ' x']],
    ['{} |~ `(?i)error`', []],
    ['{} |> `<_>took<_>ms`', ['took', 'ms']],
    ['{} |= "x" | line_format "y" |= "z"', ['x']],
    ['{} | json | level="error" |= "y"', ['y']],
    ['{} |= "\uFFFD"', []],
  ])('%s', (query, expected) => {
    const texts = requiredTexts(parseLogSelector(query).stages);
    expect(
      texts.map(({ text, closedLeft, closedRight }) => `${closedLeft ? '[' : ''}${text}${closedRight ? ']' : ''}`),
    ).toEqual(expected);
  });

  it.each([
    ['{} | trace="x" | level="a", span="y z"', 'trace=x level=a span=y z'],
    ['{} |= "t" | a="1" | json | b="2"', 'a=1'],
    ['{} | a="1" or b="2"', ''],
    ['{} | a=~"1" | b!="2" | c="" | __error__="x" | d > 5', ''],
    ['{} | label_format a="x" | a="x"', ''],
  ])('values of stream or metadata: %s', (query, expected) => {
    const values = requiredValues(parseLogSelector(query).stages);
    expect(values.map(({ name, value }) => `${name}=${value}`).join(' ')).toBe(expected);
  });

  it('never lets the filter of a block rule out a line that matches', () => {
    const piece = fc.constantFrom(
      'error',
      'err',
      'or',
      'größe',
      'ö',
      '_',
      '-',
      ' ',
      '42',
      'deadlock_found_here',
      'lock',
      '.',
      '\uFFFD',
      '😀',
    );
    const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
    const escaped = text.map((one) => one.replace(/[.-]/g, '\\$&'));
    const pattern = fc
      .array(fc.oneof(escaped, fc.constantFrom('\\b', '^', '$', '.*', '\\w+', '(?:a|err)', '[e]')), {
        minLength: 1,
        maxLength: 5,
      })
      .map((parts) => parts.join(''));
    const filter = fc.oneof(
      fc.tuple(fc.constant<LineOperator>('|='), text),
      fc.tuple(fc.constant<LineOperator>('|~'), pattern),
      fc.tuple(
        fc.constant<LineOperator>('|>'),
        fc.array(text, { minLength: 1, maxLength: 3 }).map((texts) => texts.join('<_>')),
      ),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), filter, (lines, [operator, value]) => {
        const texts = [{ ip: false, value }];
        const test = testOrNothing(operator, texts);
        if (test === undefined) return;
        const builder = new EntryBatchBuilder();
        for (const line of lines) builder.add({ timestamp: 0n, line, stream: NO_LABELS });
        const order = Uint32Array.from(lines, (_, i) => i);
        const blockFilter = makeFilter(builder.build(), order, {
          payload: Buffer.alloc(100_000),
          linesAt: 0,
          joined: false,
        });
        const query = new FilterQuery(requiredTexts([{ kind: 'line', operator, texts }]));
        if (blockFilter !== undefined && lines.some(test)) expect(query.mayMatch(blockFilter)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it('knows selectors that every stream matches', () => {
    const selective = ['{}', '{a=~".*"}', '{a!="b"}', '{a=~".+"}', '{a="b"}'].map((query) =>
      isSelective(parseLogSelector(query)),
    );
    expect(selective).toEqual([false, false, false, true, true]);
  });
});

it('a tail filter answers for each batch as it comes', () => {
  const builder = new EntryBatchBuilder();
  const [a, b] = [makeLabels([['app', 'a']]), makeLabels([['app', 'b']])];
  for (const [line, stream] of [
    ['error 1', a],
    ['ok', a],
    ['error 2', b],
    ['error 3', a],
  ] as const)
    builder.add({ timestamp: 1n, line, stream });
  const filter = createTailFilter('{app="a"} |= "error" | line_format "<{{__line__}}>"', Date.now);
  expect(filter.entries(builder.build()).map(({ line }) => line)).toEqual(['<error 1>', '<error 3>']);
  expect(() => createTailFilter('rate({a="b"}[1m])', Date.now)).toThrowError(
    expect.objectContaining({ code: 'log.bad_query' }),
  );
});
