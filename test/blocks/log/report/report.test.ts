/** What commands say of entries: on a terminal nothing of theirs drives it. */
import { expect, test } from 'vitest';
import { makeLabels } from '../../../../src/blocks/log/labels.js';
import type { Entry } from '../../../../src/blocks/log/log-store.js';
import { nanosOf } from '../../../../src/blocks/log/nanos.js';
import { entryText } from '../../../../src/blocks/log/report/entry-text.js';
import { FieldCounter } from '../../../../src/blocks/log/report/fields.js';
import { Histogram, stepFor } from '../../../../src/blocks/log/report/histogram.js';
import { renderHistogram } from '../../../../src/blocks/log/report/histogram-text.js';
import { eventText, shippedText } from '../../../../src/blocks/log/report/ship-text.js';
import { statusNotes } from '../../../../src/blocks/log/report/status-text.js';
import { isMetricQuery, readQuery, withVariables } from '../../../../src/blocks/log/typed/query.js';
import { readTime, readTimeRange } from '../../../../src/blocks/log/typed/time-range.js';
import { colored, plain } from '../../../../src/platform/colors.js';

const stream = makeLabels([['filename', 'a\u001b[2J.log']]);
const entry = (line: string, timestamp = 0n, more: readonly (readonly [string, string])[] = []): Entry => ({
  line,
  timestamp,
  stream,
  labels: makeLabels([...Object.entries(stream), ...more]),
});

test('lines on a terminal are coloured by level and escaped, in a pipe as they are', () => {
  const look = { labels: true, time: true, filename: true, paint: colored } as const;
  const hostile = entry('ERROR \u001b]0;title\u0007\nat x');
  const shown = entryText(hostile, { ...look, form: 'terminal' });
  const uncoloured = entryText(hostile, { ...look, paint: plain, form: 'terminal' });
  expect(uncoloured).toBe('1970-01-01T00:00:00.000Z {filename="a\\u001b[2J.log"} ERROR \\x1b]0;title\\x07\nat x\n');
  expect(shown).toContain('\u001b[31mERROR');
  expect(entryText(hostile, { ...look, labels: false, form: 'raw' })).toBe(`${hostile.line}\n`);
  expect(entryText(entry('a\tb'), { ...look, form: 'raw' }).split('\t')).toHaveLength(3);
});

test('entries are counted over time, levels in their order', () => {
  const range = { start: nanosOf(1_000), end: nanosOf(61_000) };
  expect(stepFor(range, 40)).toBe(nanosOf(2_000));
  const histogram = new Histogram(range, nanosOf(30_000), 'level');
  const lines = ['ERROR x', 'INFO x', 'level=warn', 'nothing'];
  for (const [i, line] of lines.entries()) histogram.add(entry(line, nanosOf(1_000 + i * 10_000)));
  histogram.add(entry('debug', nanosOf(50_000), [['level', 'fatal']]));
  expect(() => new Histogram(range, 1n, 'level')).toThrow(/^a histogram has 10000 steps at most/);
  const text = renderHistogram(histogram.buckets, { step: nanosOf(30_000), width: 50, paint: plain, unicode: false });
  expect(text).toBe(
    [
      `1970-01-01 00:00:00  ${'='.repeat(9)}${'+'.repeat(9)}${'-'.repeat(9)} 3`,
      `1970-01-01 00:00:30  ${'#'.repeat(9)}${'%'.repeat(9)} 2`,
      '1970-01-01 00:01:00  0',
      '# -  = info  + warn  - error  % fatal',
      '',
    ].join('\n'),
  );
});

test('fields are found in labels, metadata, JSON and logfmt, whatever they are called', () => {
  const counter = new FieldCounter();
  counter.add(entry('{"__proto__":"p","a":{"b":1},"took":"12ms"}', 0n, [['trace', 'x']]));
  counter.add(entry('{"a":{"b":2}} trailing'));
  counter.add(entry('a_b=3 word took=1s'));
  const found = counter
    .report(1)
    .map(({ name, source, type, entries, distinct }) => `${name} ${source} ${type} ${entries} ${distinct}`);
  expect(found).toContain('a_b json number 2 2');
  expect(found).toContain('took logfmt duration 1 1');
  expect(found).toContain('trace metadata text 1 1');
  expect(found).toContain('__proto__ json text 1 1');
  expect(found.some((field) => field.startsWith('word'))).toBe(false);
});

test('what is typed: texts, queries, times', () => {
  expect(readQuery('say "hi"')).toBe('{} |= "say \\"hi\\""');
  expect(readQuery('# why\n{a="b"}')).toBe('# why\n{a="b"}');
  for (const metric of [
    'rate({a="b"}[1m])',
    ' sum by (x) (rate({}[1m]))',
    '2 * rate({}[1m])',
    '(vector(1))',
    'topk (2, x)',
  ]) {
    expect({ metric, is: isMetricQuery(metric) }).toEqual({ metric, is: true });
  }
  for (const text of ['rate limited', 'summary(x', '2 errors', '(x)']) expect(isMetricQuery(text)).toBe(false);
  const variables = { range: nanosOf(3_600_000), step: 1n };
  expect(withVariables('rate({}[$__range]) + rate({}[$__interval])', variables)).toBe('rate({}[3600s]) + rate({}[1s])');
  const now = Date.UTC(2026, 0, 2);
  expect(readTime('--since', '2026-01-01T00:00:00.123456789+01:00', now)).toBe(
    nanosOf(Date.UTC(2025, 11, 31, 23)) + 123_456_789n,
  );
  expect(['1h', '-1h', '1767308400', '1767308400000000000'].map((typed) => readTime('--since', typed, now))).toEqual(
    Array.from({ length: 4 }, () => nanosOf(now - 3_600_000)),
  );
  expect(() => readTimeRange({ since: 'now', until: '1h' }, now, undefined)).toThrow('--since is not before --until');
});

test('what was shipped, and how it goes with pipelines, in words: a last error says whether it is over', () => {
  const none = { files: 0, lines: 0, bytes: 0, delivered: 0, dropped: 0, refused: 0, waiting: 0 };
  expect(
    shippedText(
      [
        { ...none, name: 'store', files: 1, lines: 1_200, bytes: 2_048, delivered: 1_199, dropped: 1 },
        { ...none, name: 'file:out', waiting: 3 },
      ],
      1_500.4,
    ),
  ).toBe(
    'shipped in 1s500ms: store 1,200 lines of 1 file (2 KiB), 1,199 delivered, 1 dropped; file:out no new lines, 3 waiting',
  );
  expect(eventText({ kind: 'refused', of: 'loki', entries: 1, reason: '400', kept: true })).toEqual({
    as: 'warn',
    text: 'loki: 1 entry refused, kept: ds log status --dead-letters: 400',
  });
  const now = 1_000_000;
  const pipeline = {
    name: 'loki',
    sink: 'loki',
    pid: undefined,
    linesRead: 1,
    entriesRead: 1,
    bytesRead: 1,
    entriesDelivered: 1,
    dropped: {},
    retries: 2,
    entriesPerSecond: 0,
    bytesPerSecond: 0,
    buffer: undefined,
    deadLetters: { letters: 0, entries: 0 },
    lagBytes: 0,
    lagMs: 0,
    files: [],
    lastError: { message: '503', at: now - 60_000 },
  };
  const notes = (failures: number, lastDeliveredAt: number | undefined) => [
    ...statusNotes([{ ...pipeline, failures, lastDeliveredAt }], now),
  ];
  expect(notes(0, now - 1_000)).toEqual(['loki: delivers again since; last error 1m ago: 503']);
  expect(notes(2, now - 120_000)).toEqual([
    'loki: fails, 2 times in a row, last delivery 2m ago; last error 1m ago: 503',
  ]);
  expect(notes(2, undefined)).toEqual([
    'loki: fails, 2 times in a row, nothing was delivered yet; last error 1m ago: 503',
  ]);
});
