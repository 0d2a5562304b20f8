/** What Grafana's Explore and Logs Drilldown ask for, in the shapes of Loki's documentation. */
import { expect, test } from 'vitest';
import { serve } from './serve.js';

const T = 1_700_000_000_000_000_000n;
const at = (seconds: number) => String(T + BigInt(seconds) * 1_000_000_000n);
const target = (path: string, params: Readonly<Record<string, string | number>>) =>
  `/loki/api/v1/${path}?${new URLSearchParams(Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]))}`;
const RANGE = { start: at(-60), end: at(60) };

async function withEntries() {
  const served = await serve();
  const line = (n: number) => 'x'.repeat(n);
  const pushed = await served.push([
    { stream: { job: 'foo', env: 'prod', team: 'alpha' }, values: [[at(0), line(10)]] },
    { stream: { job: 'bar', env: 'prod', team: 'beta' }, values: [[at(5), line(20)]] },
    { stream: { job: 'foo', env: 'dev', team: 'alpha' }, values: [[at(40), line(30)]] },
    { stream: { job: 'bar', env: 'dev', team: 'beta' }, values: [[at(41), line(40)]] },
    {
      stream: { service_name: 'api' },
      values: [
        [at(1), 'level=info duration=10ms status=200 size=1.5MB ratio=0.5 ok=true', { trace_id: 'a1' }],
        [at(2), 'level=warn duration=1.5s status=500 size=2MB ratio=1 ok=false', { trace_id: 'b2' }],
        [at(3), '{"level":"info","user":{"id":7},"service_name":"x"}'],
        [at(4), 'neither of the two'],
      ],
    },
  ]);
  expect(pushed.status).toBe(204);
  return served;
}

test('volumes: by what the selector names, by target labels, by labels; largest first', async () => {
  const { json, ask } = await withEntries();
  const volumes = async (path: string, params: Readonly<Record<string, string | number>>) => {
    const { data } = (await json(target(path, { ...RANGE, ...params }))) as {
      data: { resultType: string; result: { metric: object; value?: unknown; values?: unknown }[] };
    };
    const rows = data.result.map(({ metric, value, values }) => [metric, value ?? values]);
    return { type: data.resultType, rows };
  };
  const END = 1_700_000_060;
  // The documentation's example.
  expect(await volumes('index/volume', { query: '{job="foo", env=~".+"}' })).toEqual({
    type: 'vector',
    rows: [
      [{ job: 'foo', env: 'dev' }, [END, '30']],
      [{ job: 'foo', env: 'prod' }, [END, '10']],
    ],
  });
  const team = { query: '{team="alpha", env!="dev"}', targetLabels: 'team,job' };
  expect((await volumes('index/volume', team)).rows).toEqual([[{ team: 'alpha', job: 'foo' }, [END, '10']]]);
  expect((await volumes('index/volume', { query: '{env=~".+"}', aggregateBy: 'labels' })).rows).toEqual([
    [{ env: '' }, [END, '100']],
  ]);
  expect((await volumes('index/volume', { query: '{}', targetLabels: 'job', limit: 1 })).rows).toEqual([
    [{ job: 'bar' }, [END, '60']],
  ]);
  expect((await volumes('index/volume', { query: '{}', aggregateBy: 'labels', limit: 0 })).rows).toHaveLength(4);
  expect(await volumes('index/volume_range', { query: '{job=~".+"}', step: '30' })).toEqual({
    type: 'matrix',
    rows: [
      [
        { job: 'bar' },
        [
          [1_700_000_030, '20'],
          [END, '40'],
        ],
      ],
      [
        { job: 'foo' },
        [
          [1_700_000_000, '10'],
          [END, '30'],
        ],
      ],
    ],
  });
  for (const [params, reason] of [
    [{ query: '{env="a"}', aggregateBy: 'x' }, /invalid aggregation option/],
    [{ query: '{env="a"}', targetLabels: 'a"b' }, /targetLabels cannot have/],
    [{ query: '{env="a"}', limit: -1 }, /limit must be a positive value/],
    [{ query: 'rate({env="a"}[1m])' }, /only a selector has a volume/],
    [{}, /the parameter query is missing/],
  ] as const) {
    expect(await ask(target('index/volume', params))).toMatchObject({
      status: 400,
      text: expect.stringMatching(reason),
    });
  }
});

test('index/stats: what a selector and a time are about', async () => {
  const { json } = await withEntries();
  expect(await json(target('index/stats', { ...RANGE, query: '{}' }))).toEqual({
    streams: 5,
    entries: 8,
    chunks: expect.any(Number),
    bytes: expect.any(Number),
  });
  const some = (await json(target('index/stats', { ...RANGE, query: '{job="foo"}' }))) as Record<string, number>;
  expect(some['streams']).toBe(2);
  expect(some['bytes']).toBeGreaterThan(0);
  const none = { streams: 0, chunks: 0, entries: 0, bytes: 0 };
  expect(await json(target('index/stats', { ...RANGE, query: '{job="none"}' }))).toEqual(none);
  expect(await json(target('index/stats', { start: at(1000), end: at(2000), query: '{}' }))).toEqual(none);
});

test('fields of lines and of metadata with their types, parsers and values; labels with how many values they have', async () => {
  const { json, ask } = await withEntries();
  const query = '{service_name="api"}';
  const logfmt = { parsers: ['logfmt'], cardinality: 2 };
  expect(await json(target('detected_fields', { ...RANGE, query }))).toEqual({
    fields: [
      { label: 'duration', type: 'duration', ...logfmt },
      { label: 'level', type: 'string', parsers: ['json', 'logfmt'], cardinality: 2 },
      { label: 'ok', type: 'boolean', ...logfmt },
      { label: 'ratio', type: 'float', ...logfmt },
      { label: 'service_name_extracted', type: 'string', parsers: ['json'], cardinality: 1 },
      { label: 'size', type: 'bytes', ...logfmt },
      { label: 'status', type: 'int', ...logfmt },
      { label: 'trace_id', type: 'string', parsers: null, cardinality: 2 },
      { label: 'user_id', type: 'int', parsers: ['json'], cardinality: 1 },
    ],
    limit: 1000,
  });
  const values = (name: string, params = {}) =>
    json(target(`detected_field/${name}/values`, { ...RANGE, query, ...params }));
  expect(await values('status')).toEqual({ values: ['200', '500'], limit: 1000 });
  expect(await values('trace_id', { limit: 1 })).toEqual({ values: ['a1'], limit: 1 });
  expect(await values('status', { line_limit: 3 })).toEqual({ values: ['500'], limit: 1000 });
  expect(await values('none')).toEqual({ values: [], limit: 1000 });
  // What the query extracts by itself needs no parser more.
  const parsed = target('detected_fields', {
    ...RANGE,
    query: `${query} | pattern "<first> of <_>"`,
    field_limit: 1,
    line_limit: 1,
  });
  expect(await json(parsed)).toEqual({
    fields: [{ label: 'first', type: 'string', parsers: null, cardinality: 1 }],
    limit: 1,
  });
  expect(await ask(target('detected_fields', { query, line_limit: 5001 }))).toMatchObject({ status: 400 });
  expect(await json(target('detected_labels', { ...RANGE, query: '{env="prod"}' }))).toEqual({
    detectedLabels: [
      { label: 'env', cardinality: 1 },
      { label: 'job', cardinality: 2 },
      { label: 'team', cardinality: 2 },
    ],
  });
  expect(await json(target('detected_labels', { start: at(1000), end: at(2000) }))).toEqual({ detectedLabels: [] });
  expect(await json('/loki/api/v1/drilldown-limits')).toMatchObject({
    pattern_ingester_enabled: false,
    version: '0.0.0',
  });
  expect(await ask(target('patterns', { query }))).toMatchObject({ status: 404 });
});
