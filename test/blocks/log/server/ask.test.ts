/** Loki's query API: the shapes of its answers, its parameters, its errors. */
import { expect, test } from 'vitest';
import { metricData, successOf } from '../../../../src/blocks/log/server/loki-answers.js';
import { type Served, serve } from './serve.js';

const T = 1_700_000_000_000_000_000n;
const SECOND = 1_000_000_000n;
const at = (seconds: number) => String(T + BigInt(seconds) * SECOND);

async function withEntries(): Promise<Served> {
  const served = await serve();
  const pushed = await served.push([
    {
      stream: { app: 'shop', host: 'a' },
      values: [
        [at(0), 'GET /a 200', { id: 'u1' }],
        [at(10), 'GET /b 500'],
      ],
    },
    { stream: { app: 'shop', host: 'b' }, values: [[at(5), 'GET /c 200']] },
    { stream: { app: 'mail' }, values: [[at(20), 'sent']] },
  ]);
  expect(pushed.status).toBe(204);
  return served;
}

/** With the parameters escaped. */
function target(path: string, params: Readonly<Record<string, string | number>>): string {
  return `/loki/api/v1/${path}?${new URLSearchParams(Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]))}`;
}

const RANGE = { start: at(-100), end: at(100) };

test('query_range: streams with their entries, newest first, and what it has cost', async () => {
  const { json } = await withEntries();
  const query = '{app="shop"} |= "GET"';
  const answer = await json(target('query_range', { query, ...RANGE }));
  expect(answer).toMatchObject({
    status: 'success',
    data: {
      resultType: 'streams',
      result: expect.arrayContaining([
        { stream: { app: 'shop', host: 'a' }, values: [[at(10), 'GET /b 500']] },
        { stream: { app: 'shop', host: 'b' }, values: [[at(5), 'GET /c 200']] },
        { stream: { app: 'shop', host: 'a', id: 'u1' }, values: [[at(0), 'GET /a 200']] },
      ]),
      stats: { summary: { totalLinesProcessed: expect.any(Number), totalEntriesReturned: 3 } },
    },
  });
  const { stats } = (answer as { data: { stats: { summary: Record<string, number> } } }).data;
  expect(stats.summary['totalLinesProcessed']).toBeGreaterThanOrEqual(3);
  expect(stats.summary['totalBytesProcessed']).toBeGreaterThanOrEqual(30);

  const values = async (params: Readonly<Record<string, string | number>>) => {
    const { data } = (await json(target('query_range', { query: '{app=~".+"}', ...params }))) as {
      data: { result: { values: [string, string][] }[] };
    };
    return data.result.flatMap((stream) => stream.values.map(([, line]) => line)).sort();
  };
  expect(await values({ ...RANGE, limit: 1 })).toEqual(['sent']);
  expect(await values({ ...RANGE, limit: 1, direction: 'forward' })).toEqual(['GET /a 200']);
  expect(await values({ ...RANGE, interval: '10', direction: 'forward' })).toEqual([
    'GET /a 200',
    'GET /b 500',
    'sent',
  ]);
  expect(await values({ ...RANGE, interval: '15s', limit: 2 })).toEqual(['GET /c 200', 'sent']);
  // The start is included, the end is not; seconds, with and without a fraction, nanoseconds, RFC 3339.
  expect(await values({ start: '1700000005', end: at(10) })).toEqual(['GET /c 200']);
  expect(await values({ start: '1700000004.999', end: '2023-11-14T22:13:30.000000001Z' })).toEqual([
    'GET /b 500',
    'GET /c 200',
  ]);
  expect(await values({ end: '1700000001', since: '30s' })).toEqual(['GET /a 200']);
});

test('where it is asked for, an answer says which labels are those of the stream', async () => {
  const { json } = await withEntries();
  const headers = { 'x-loki-response-encoding-flags': 'categorize-labels' };
  const ask = (query: string) => json(target('query_range', { query, start: at(0), end: at(1) }), { headers });
  const stream = { app: 'shop', host: 'a' };
  expect(await ask('{app="shop"}')).toMatchObject({
    data: {
      encodingFlags: ['categorize-labels'],
      result: [{ stream, values: [[at(0), 'GET /a 200', { structuredMetadata: { id: 'u1' } }]] }],
    },
  });
  expect(await ask('{app="shop"} | pattern "<method> <_>"')).toMatchObject({
    data: {
      result: [
        { stream, values: [[at(0), 'GET /a 200', { structuredMetadata: { id: 'u1' }, parsed: { method: 'GET' } }]] },
      ],
    },
  });
});

test('numbers over time and at an instant; what Grafana asks to see whether all is well', async () => {
  const { json, ask } = await withEntries();
  const query = 'sum by (app) (count_over_time({app=~".+"}[1m]))';
  const matrix = await json(target('query_range', { query, start: at(0), end: at(30), step: '30' }));
  expect(matrix).toMatchObject({
    data: { resultType: 'matrix', stats: { summary: { totalLinesProcessed: expect.any(Number) } } },
  });
  const { result } = (matrix as { data: { result: unknown[] } }).data;
  expect(result).toEqual(
    expect.arrayContaining([
      {
        metric: { app: 'shop' },
        values: [
          [1_700_000_000, '1'],
          [1_700_000_030, '3'],
        ],
      },
      { metric: { app: 'mail' }, values: [[1_700_000_030, '1']] },
    ]),
  );
  const vector = await json(target('query', { query, time: at(30) }));
  expect(vector).toMatchObject({
    data: {
      resultType: 'vector',
      result: expect.arrayContaining([{ metric: { app: 'shop' }, value: [1_700_000_030, '3'] }]),
    },
  });
  const health = await json(target('query', { query: 'vector(1)+vector(1)', time: at(0) }));
  expect(health).toMatchObject({
    status: 'success',
    data: { resultType: 'vector', result: [{ metric: {}, value: [1_700_000_000, '2'] }] },
  });
  const log = await ask(target('query', { query: '{app="shop"}' }));
  expect(log).toMatchObject({
    status: 400,
    text: expect.stringMatching(/^log queries are not supported as an instant query type/),
  });
});

test('answers of numbers, of names and of labels have a bound', () => {
  const points = Array.from({ length: 11_000 }, (_, i) => i);
  const series = (count: number) =>
    Array.from({ length: count }, () => ({ labels: {}, timestamps: points, values: points }));
  expect(() => metricData({ kind: 'matrix', series: series(100) })).toThrow(
    /the answer would have more than 33554432 bytes/,
  );
  expect(metricData({ kind: 'matrix', series: series(1) }).result).toHaveLength(1);
  const long = 'v'.repeat(2048);
  expect(() => successOf(Array.from({ length: 20_000 }, () => ({ app: long })))).toThrow(
    /the answer would have more than/,
  );
  expect(() => successOf(Array.from({ length: 20_000 }, () => long))).toThrow(/the answer would have more than/);
  expect(successOf(['a'])).toEqual({ status: 'success', data: ['a'] });
});

test('labels, values and series of a time; by GET and by a posted form', async () => {
  const { json } = await withEntries();
  expect(await json(target('labels', RANGE))).toEqual({ status: 'success', data: ['app', 'host'] });
  expect(await json(target('label/host/values', RANGE))).toEqual({ status: 'success', data: ['a', 'b'] });
  expect(await json(target('label/host/values', { ...RANGE, query: '{host="a"}' }))).toEqual({
    status: 'success',
    data: ['a'],
  });
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  const body = new URLSearchParams([
    ['match[]', '{host="b"}'],
    ['match[]', '{app="mail"}'],
    ...Object.entries(RANGE),
  ]).toString();
  const series = (await json('/loki/api/v1/series', { ...form, body })) as { data: { app: string }[] };
  expect(series.data.sort((a, b) => a.app.localeCompare(b.app))).toEqual([{ app: 'mail' }, { app: 'shop', host: 'b' }]);
  expect(await json(target('format_query', { query: '{app="a"}|="b"' }))).toEqual({
    status: 'success',
    data: '{app="a"} |= "b"',
  });
});

test('what cannot be read is refused with the reason, as text', async () => {
  const { ask } = await withEntries();
  for (const [path, params, reason] of [
    ['query_range', {}, /the parameter query is missing/],
    ['query_range', { query: '{app=' }, /parse error/],
    ['query_range', { query: '{app="a"}', limit: 'x' }, /limit cannot be "x"/],
    ['query_range', { query: '{app="a"}', limit: 0 }, /^limit must be a positive value$/m],
    ['query_range', { query: '{app="a"}', limit: -1 }, /limit must be a positive value/],
    ['query_range', { query: '{app="a"}', interval: '-1' }, /interval is no duration/],
    ['query_range', { query: '{app="a"}', limit: 50_001 }, /max entries limit per query exceeded/],
    ['query_range', { query: '{app="a"}', direction: 'up' }, /direction cannot be/],
    ['query_range', { query: '{app="a"}', start: 'then' }, /start is no time: "then"/],
    ['query_range', { query: '{app="a"}', start: at(5), end: at(4) }, /the end is before the start/],
    [
      'query_range',
      { query: 'rate({app="a"}[1m])', start: at(0), end: at(20_000), step: '1' },
      /exceeded maximum resolution/,
    ],
    ['query_range', { query: 'rate({app="a"}[1m])', step: '0' }, /zero or negative/],
    ['label/%ZZ/values', {}, /%ZZ is not escaped/],
    ['tail', { query: '{app="a"}' }, /is a WebSocket/],
  ] as const) {
    const answer = await ask(target(path, params));
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' } });
    expect(answer.text).toMatch(reason);
  }
});
