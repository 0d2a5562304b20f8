import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeLabels } from '../../../../src/blocks/log/labels.js';
import { explain, readTransforms } from '../../../../src/blocks/log/transform/index.js';
import { levelOf } from '../../../../src/blocks/log/transform/level.js';
import type { Random } from '../../../../src/platform/clock.js';
import { batchOf, fieldsOf, linesOf, NOW, STREAM, step } from './batches.js';

const SECOND = 1_000_000_000n;

describe('steps as they are written', () => {
  test('as flags and as ds.yaml has them, in order, and said in words', () => {
    const context = { random: { bytes: (length: number) => new Uint8Array(length) } };
    const flags = [
      'parse=json',
      'timestamp=auto',
      'redact=cards,email',
      'rename=msg:message',
      'sample=10%',
      'dedupe=10s',
    ];
    const yaml = [
      { parse: 'json' },
      { timestamp: { format: 'auto' } },
      { redact: ['cards', 'email'] },
      { rename: { msg: 'message' } },
      { sample: 0.1 },
      { dedupe: '10s' },
    ];
    expect(explain(readTransforms(yaml, context))).toEqual(explain(readTransforms(flags, context)));
    expect(explain(readTransforms(['sample=0.25:trace_id', 'rate=100/s'], context))).toEqual([
      'keeps 25 % of the entries, by their trace_id',
      'lets 100/s entries of each stream pass',
    ]);
  });

  test.each([
    ['prase=json', 'log.bad_transform', 'did you mean parse'],
    ['parse=jsno', 'log.bad_transform', 'did you mean json'],
    ['parse=grok:%{NUMBR:n}', 'log.bad_pattern', 'did you mean %{NUMBER}'],
    ['parse=regex:(?P<a>[', 'log.bad_pattern', undefined],
    ['parse=regex:abc', 'log.bad_transform', undefined],
    ['parse=json:x', 'log.bad_transform', 'parse=json'],
    ['redact=card', 'log.bad_transform', 'did you mean cards'],
    ['redact=regex:(a', 'log.bad_pattern', undefined],
    ['select=level=="error" level="x"', 'log.bad_transform', undefined],
    ['select=', 'log.bad_transform', undefined],
    ['drop=a b', 'log.bad_transform', undefined],
    ['rename=a:1b', 'log.bad_transform', undefined],
    ['set=a', 'log.bad_transform', undefined],
    ['sample=1.5', 'log.bad_transform', 'sample=0.1'],
    ['sample=0', 'log.bad_transform', 'sample=0.1'],
    ['dedupe=10', 'log.bad_transform', 'dedupe=10s'],
    ['rate=0/s', 'log.bad_transform', 'rate=100/s'],
    ['__proto__=x', 'log.bad_transform', undefined],
    [{ parse: 'json', redact: 'cards' }, 'log.bad_transform', undefined],
    [{ timestamp: { formt: 'auto' } }, 'log.bad_transform', 'did you mean format'],
    [7, 'log.bad_transform', undefined],
  ])('%j is refused', (spec, code, hint) => {
    expect(() => step(spec)).toThrow(expect.objectContaining({ code, ...(hint !== undefined && { hint }) }));
  });
});

test('entries that nothing concerns pass as the same batch', () => {
  const batch = batchOf('one', 'two');
  for (const spec of [
    'drop=a',
    'rename=a:b',
    'redact=cards,email,tokens',
    'select=job="test"',
    'drop=job="x"',
    'rate=5/s',
    'sample=1',
  ]) {
    expect(step(spec).apply(batch, NOW).batch).toBe(batch);
  }
});

test('where entries were read stays right when others are dropped', () => {
  const batch = {
    ...batchOf({ line: 'a', metadata: { level: 'info' } }, 'b', { line: 'c', metadata: { level: 'error' } }),
    origin: { file: 3, offsets: Float64Array.of(0, 2, 4), endOffsets: Float64Array.of(2, 4, 6) },
  };
  const { batch: kept, dropped } = step('select=level=~"info|error"').apply(batch, NOW);
  expect(linesOf(kept)).toEqual(['a', 'c']);
  expect(kept.origin).toEqual({ file: 3, offsets: Float64Array.of(0, 4), endOffsets: Float64Array.of(2, 6) });
  expect(fieldsOf(kept, 1)).toEqual({ level: 'error' });
  expect(dropped).toEqual(new Map([['not selected', 1]]));
});

describe('conditions', () => {
  const entry = { line: 'GET /a timeout', metadata: { status: '503', path: '/a', level: 'error' } };
  test.each([
    ['level="error"', true],
    ['level!="error"', false],
    ['job="test"', true],
    ['missing=""', true],
    ['status>=500', true],
    ['status<500', false],
    ['missing>0', false],
    ['path>0', false],
    ['path=~"/."', true],
    ['path=~"/"', false],
    ['path!~"/b.*"', true],
    ['|= "timeout"', true],
    ['!= "timeout"', false],
    ['|~ "time(out|d out)"', true],
    ['!~ `\\d`', true],
    ['level="info" or |= "GET" and status==503', true],
    ['level="error", status<500 or path="x"', false],
    ['|= "a \\"b\\""', false],
    ['|~ "GET\\\\s/"', true],
  ])('%s: %s', (condition, kept) => {
    expect(step(`select=${condition}`).apply(batchOf(entry), NOW).batch.count).toBe(kept ? 1 : 0);
    expect(step(`drop=${condition}`).apply(batchOf(entry), NOW).batch.count).toBe(kept ? 0 : 1);
  });
});

test('fields are dropped, renamed and set', () => {
  const batch = batchOf({ line: 'x', metadata: { a: '1', b: '2', c: '3' } }, 'y');
  expect(fieldsOf(step('drop=a, c').apply(batch, NOW).batch)).toEqual({ b: '2' });
  expect(fieldsOf(step('rename=a:b,c:d').apply(batch, NOW).batch)).toEqual({ b: '1', d: '3' });
  const set = step({ set: { env: 'a,b:c' } }).apply(batch, NOW).batch;
  expect([fieldsOf(set, 0), fieldsOf(set, 1)]).toEqual([{ a: '1', b: '2', c: '3', env: 'a,b:c' }, { env: 'a,b:c' }]);
  expect(fieldsOf(batch)).toEqual({ a: '1', b: '2', c: '3' });
});

describe('sample', () => {
  const counter = (...values: number[]): Random => ({
    bytes: (length) => Uint8Array.from({ length }, (_, i) => (i % 4 === 0 ? (values[i / 4] ?? 0) : 0)),
  });

  test('by chance', () => {
    const [sample] = readTransforms(['sample=0.5'], { random: counter(0, 127, 128, 255) });
    const output = sample?.apply(batchOf('a', 'b', 'c', 'd'), NOW);
    expect(output && linesOf(output.batch)).toEqual(['a', 'b']);
    expect(output?.dropped).toEqual(new Map([['sampled', 2]]));
  });

  test('by a field: all entries of a value or none, and about the share of values', () => {
    const entries = Array.from({ length: 4000 }, (_, i) => ({ line: `${i}`, metadata: { trace: `t${i % 2000}` } }));
    const { batch } = step('sample=0.1:trace').apply(batchOf(...entries), NOW);
    const lines = new Set(linesOf(batch).map(Number));
    for (const line of lines) expect(lines.has((line + 2000) % 4000)).toBe(true);
    expect(batch.count).toBeGreaterThan(300);
    expect(batch.count).toBeLessThan(500);
  });
});

describe('dedupe', () => {
  test('the first passes, and the number of the others follows when the window is over', () => {
    const dedupe = step('dedupe=10s');
    const at = (seconds: number, text: string) => ({
      line: `2026-01-01 00:00:0${seconds} ${text}`,
      timestamp: NOW + BigInt(seconds) * SECOND,
    });
    const output = dedupe.apply(
      batchOf(at(0, 'disk full'), at(1, 'disk full'), at(1, 'other'), at(2, 'disk full')),
      NOW,
    );
    expect(linesOf(output.batch)).toEqual(['2026-01-01 00:00:00 disk full', '2026-01-01 00:00:01 other']);
    expect(output.dropped).toEqual(new Map([['duplicate', 2]]));
    expect(dedupe.flush?.(NOW + 9n * SECOND)).toBeUndefined();
    const summary = dedupe.flush?.(NOW + 10n * SECOND);
    expect(summary && linesOf(summary)).toEqual(['message repeated 2 times: [ 2026-01-01 00:00:00 disk full ]']);
    expect(summary?.timestamps[0]).toBe(NOW + 2n * SECOND);
    expect(summary && fieldsOf(summary)).toEqual({ repeated: '2' });
    expect(dedupe.flush?.(NOW + 100n * SECOND)).toBeUndefined();
  });

  test('by the time of the entries, in streams of their own, and a clock that steps begins anew', () => {
    const dedupe = step('dedupe=10s');
    const other = makeLabels([['job', 'other']]);
    const lines = [
      { line: 'a', timestamp: NOW },
      { line: 'a', timestamp: NOW, stream: other },
      { line: 'a', timestamp: NOW + 10n * SECOND },
      { line: 'a', timestamp: NOW - 100n * SECOND },
      { line: 'a', timestamp: NOW - 99n * SECOND, stream: makeLabels([['job', 'test']]) },
    ];
    expect(dedupe.apply(batchOf(...lines), NOW).batch.count).toBe(4);
  });
});

test('a token bucket for each stream, filled by time that has passed', () => {
  const rate = step('rate=2/s');
  const other = makeLabels([['job', 'other']]);
  const lines = ['1', '2', '3', { line: 'other', stream: other }];
  const first = rate.apply(batchOf(...lines), NOW);
  expect(linesOf(first.batch)).toEqual(['1', '2', 'other']);
  expect(first.dropped).toEqual(new Map([['rate limited', 1]]));
  expect(rate.apply(batchOf('4'), NOW + SECOND / 4n).batch.count).toBe(0);
  expect(rate.apply(batchOf('5', '6'), NOW + SECOND / 2n).batch.count).toBe(1);
  // The clock steps back, and comes again.
  expect(rate.apply(batchOf('7'), NOW - 100n * SECOND).batch.count).toBe(0);
  expect(rate.apply(batchOf({ line: '8', stream: { ...STREAM } }, '9', '10'), NOW + 100n * SECOND).batch.count).toBe(2);
});

describe('level', () => {
  test.each([
    ['2015-10-18 18:01:47,978 INFO [main] error in text', 'info'],
    ['[Sun Dec 04 04:47:44 2005] [error] mod_jk child', 'error'],
    ['2015-07-29 19:04:12,394 - WARN  [x] - Interrupted', 'warn'],
    ['E0102 15:04:05.000000 1 server.go:1] x', 'error'],
    ['level=warning msg="an ERROR"', 'warn'],
    ['{"msg":"x","level":50}', 'error'],
    ['{"severity":"NOTICE"}', 'info'],
    ['fatal: not a repository', 'fatal'],
    ['2024/01/02 15:04:05 [crit] 1#1: x', 'critical'],
    ['{"level":"trace"}', 'trace'],
    ['an error occurred in error.log, see /error/ERROR.txt', undefined],
    ['ERROR404 and x-error', undefined],
    ['GET /debug 200', undefined],
    ['', undefined],
  ])('%s', (line, level) => {
    expect(levelOf(Buffer.from(line))).toBe(level);
  });
});

test('bytes of any kind break no step', () => {
  const specs = [
    'parse=json',
    'parse=logfmt',
    'parse=combined',
    'parse=apache_error',
    'parse=nginx_error',
    'parse=syslog',
    'parse=level',
  ];
  const steps = [...specs, 'timestamp=auto', 'redact=cards,email,tokens', 'dedupe=1s'].map((spec) => step(spec));
  const piece = fc.constantFrom(
    '{"a":',
    '[',
    '"',
    '\\',
    '4111 1111',
    '@',
    'Bearer ',
    '-----BEGIN PRIVATE KEY-----',
    '\0',
    '<34>1 ',
    '=',
    '2026-01-01 00:00:00',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }),
      fc.uint8Array({ maxLength: 20 }),
      (pieces, tail) => {
        const line = Buffer.concat([Buffer.from(pieces.join('')), tail]);
        for (const one of steps) expect(one.apply(batchOf({ line }), NOW).batch.count).toBeLessThan(2);
      },
    ),
    { numRuns: 300 },
  );
});
