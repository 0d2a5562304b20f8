/** What comes in: each protocol's form, its answers and its errors; who may; what is too much. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { EntryBatchBuilder, lineText } from '../../../../src/blocks/log/entry-batch.js';
import { makeLabels } from '../../../../src/blocks/log/labels.js';
import { Ingest } from '../../../../src/blocks/log/server/ingest.js';
import { makeCertificate } from '../../../helpers/certificates.js';
import { hasPackages } from '../../../helpers/programs.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { type Answer, JSON_TYPE, jsonBody, type Served, serve } from './serve.js';

const T = 1_700_000_000_000_000_000n;
const RANGE = `start=${T}&end=${T + 1_000_000_000_000n}`;

/** Lines of a selector, oldest first. */
async function linesOf({ json }: Served, selector: string, headers = {}): Promise<string[]> {
  const target = `/loki/api/v1/query_range?query=${encodeURIComponent(selector)}&${RANGE}&limit=1000&direction=forward`;
  const answer = (await json(target, { headers })) as { data: { result: { values: [string, string][] }[] } };
  const values = answer.data.result.flatMap((stream) => stream.values);
  return values.sort(([a], [b]) => Number(BigInt(a) - BigInt(b))).map(([, line]) => line);
}

const stream = (labels: Readonly<Record<string, string>>, ...lines: readonly string[]) => ({
  stream: labels,
  values: lines.map((line, i) => [String(T + BigInt(i)), line]),
});

test("Loki's push: plain and gzip; what is refused of it is told, the rest is stored", async () => {
  const served = await serve();
  expect(await served.push([stream({ app: 'a' }, 'one', 'two')])).toMatchObject({ status: 204, text: '' });
  const packed = gzipSync(JSON.stringify({ streams: [stream({ app: 'b' }, 'three')] }));
  const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
  expect(await served.ask('/loki/api/v1/push', { headers, body: packed })).toMatchObject({ status: 204 });
  expect(await served.push([stream({ app: 'c' }, 'x'.repeat(300_000), 'short')])).toMatchObject({
    status: 400,
    text: '1 of 2 entries was refused, the others are stored: a line has 300000 bytes, more than 262144\n',
  });
  expect(await linesOf(served, '{app=~".+"}')).toEqual(expect.arrayContaining(['one', 'two', 'three', 'short']));
  expect(await served.metrics.metrics()).toMatch(/ds_log_refused_entries_total{reason="line_too_long"} 1\n/);
});

test('a sender may ask for all or nothing: then nothing of a push is stored that has a bad entry, and halves can be sent again', async () => {
  const served = await serve();
  const whole = { 'x-ds-all-or-nothing': 'true' };
  const long = 'x'.repeat(300_000);
  expect(await served.push([stream({ app: 'a' }, 'good', long)], whole)).toMatchObject({
    status: 400,
    text: '1 entry was refused, nothing is stored: a line has 300000 bytes, more than 262144\n',
  });
  expect(await linesOf(served, '{app="a"}')).toEqual([]);
  expect(await served.push([stream({ app: 'a' }, 'good')], whole)).toMatchObject({ status: 204 });
  expect(await linesOf(served, '{app="a"}')).toEqual(['good']);
});

test('errors of each protocol are in its own form', async () => {
  const { ask } = await serve();
  const bad = { headers: JSON_TYPE, body: '{' };
  expect(await ask('/loki/api/v1/push', bad)).toMatchObject({
    status: 400,
    text: expect.stringMatching(/^the body is not JSON/),
  });
  expect(await ask('/loki/api/v1/push', { body: 'x' })).toMatchObject({
    status: 400,
    text: expect.stringMatching(/content type is none/),
  });
  const otlp = await ask('/v1/logs', bad);
  expect([otlp.status, JSON.parse(otlp.text)]).toEqual([400, { code: 3, message: expect.stringMatching(/not JSON/) }]);
  const protobuf = await ask('/v1/logs', { headers: { 'content-type': 'application/x-protobuf' }, body: 'x' });
  expect(protobuf).toMatchObject({ status: 400, headers: { 'content-type': 'application/x-protobuf' } });
  expect(protobuf.text.slice(0, 3)).toBe('\b\u0003\u0012');
  expect(protobuf.text).toContain('the body is not the protobuf');
  const bulk = await ask('/_bulk', { body: 'x' });
  expect([bulk.status, bulk.headers['x-elastic-product'], JSON.parse(bulk.text)]).toMatchObject([
    ...[400, 'Elasticsearch'],
    { status: 400, error: { type: 'illegal_argument_exception', reason: expect.stringMatching(/not JSON/) } },
  ]);
  expect(await ask('/_cat/indices')).toMatchObject({ status: 404, headers: { 'x-elastic-product': 'Elasticsearch' } });
  const ingest = await ask('/ingest', { ...bad, headers: { ...JSON_TYPE, 'content-encoding': 'br' } });
  expect([ingest.status, JSON.parse(ingest.text)]).toMatchObject([400, { code: 'log.bad_body', status: 400 }]);
  expect(await ask('/loki/api/v1/patterns?query={}')).toMatchObject({
    status: 404,
    headers: { 'content-type': expect.stringMatching(/^text\/plain/) },
  });
  expect(await ask('/config')).toMatchObject({ status: 404 });
});

test('OTLP and _bulk tell what was refused of a request', async () => {
  const served = await serve();
  const record = (line: string, i: number) => ({ timeUnixNano: String(T + BigInt(i)), body: { stringValue: line } });
  const logs = (...lines: readonly string[]) =>
    jsonBody({ resourceLogs: [{ scopeLogs: [{ logRecords: lines.map(record) }] }] });
  expect(await served.json('/v1/logs', logs('a'))).toEqual({ partialSuccess: {} });
  expect(await served.json('/otlp/v1/logs', logs('x'.repeat(300_000), 'b'))).toEqual({
    partialSuccess: { rejectedLogRecords: '1', errorMessage: expect.stringMatching(/^1 of 2 entries was refused/) },
  });
  expect(await linesOf(served, '{service_name="unknown_service"}')).toEqual(['a', 'b']);

  const time = new Date(Number(T / 1_000_000n)).toISOString();
  const items = [{ create: {} }, { '@timestamp': time, message: 'doc' }, { delete: { _id: '1' } }];
  const body = items.map((item) => JSON.stringify(item)).join('\n');
  const bulk = await served.json('/shop/_bulk', { headers: { 'content-type': 'application/x-ndjson' }, body });
  expect(bulk).toMatchObject({
    errors: true,
    items: [{ create: { _index: 'shop', status: 201 } }, { delete: { _id: '1', status: 400 } }],
  });
  expect(await linesOf(served, '{index="shop"}')).toEqual(['doc']);
  expect(await served.ask('/', { method: 'HEAD' })).toMatchObject({
    status: 200,
    text: '',
    headers: { 'x-elastic-product': 'Elasticsearch' },
  });
  expect(await served.json('/')).toMatchObject({ version: { number: expect.stringMatching(/^9\./) } });
});

test('lines by /ingest: labels of the URL, text or NDJSON', async () => {
  const served = await serve();
  const body = `{"timestamp":"2023-11-14T22:13:20Z","line":"env"}\nnothing\n`;
  const answer = await served.ask('/ingest?app=x', { headers: { 'content-type': 'application/x-ndjson' }, body });
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { accepted: 1, refused: 1 }]);
  expect(await linesOf(served, '{app="x"}')).toEqual(['env']);
  expect(await served.json('/ingest?app=y', { body: 'a\nb' })).toEqual({ accepted: 2, refused: 0 });
});

test('a token says whose entries they are, what it may, and how fast; a changed file counts at once', async () => {
  const file = join(temporaryFolder(), 'tokens');
  const [both, read, slow] = ['token-of-shop-both-ways', 'token-of-shop-for-reading', 'token-of-other-slow'];
  const lines = [`${both} shop streams=2 # comment`, `${read} shop read`, `${slow} other rate=100B/s write`];
  writeFileSync(file, lines.join('\n'), { mode: 0o600 });
  const served = await serve({ tokensFile: file });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const status = ({ status, text }: Answer) => `${status} ${text}`;

  expect(status(await served.push([stream({ app: 'a' }, 'x')]))).toMatch(/^401 a token is needed/);
  expect(status(await served.push([stream({ app: 'a' }, 'x')], bearer(`${both}x`)))).toMatch(
    /^401 the token is not known/,
  );
  expect(status(await served.push([stream({ app: 'a' }, 'x')], bearer(read)))).toMatch(/^403 the token may not write/);
  expect(status(await served.push([stream({ app: 'a' }, 'x')], { ...bearer(both), 'x-scope-orgid': 'other' }))).toMatch(
    /^403/,
  );
  const basic = { authorization: `Basic ${Buffer.from(`any:${both}`).toString('base64')}` };
  expect(await served.push([stream({ app: 'a' }, 'mine')], basic)).toMatchObject({ status: 204 });
  const more = [stream({ app: 'b' }, 'second'), stream({ app: 'c' }, 'third')];
  expect(status(await served.push(more, bearer(both)))).toMatch(/^400 1 of 2 entries was refused.*2 streams/);

  expect(await served.push([stream({ app: 'o' }, 'y'.repeat(250))], bearer(slow))).toMatchObject({ status: 204 });
  expect(await served.push([stream({ app: 'o' }, 'z')], bearer(slow))).toMatchObject({
    status: 429,
    headers: { 'retry-after': '2' },
  });
  expect(await linesOf(served, '{app=~".+"}', bearer(read))).toEqual(expect.arrayContaining(['mine', 'second']));
  expect(await served.ask('/loki/api/v1/labels', { headers: bearer(slow) })).toMatchObject({ status: 403 });
  expect(await served.ask('/ready')).toMatchObject({ status: 200, text: 'ready\n' });

  writeFileSync(file, `${both} shop\nshort shop`);
  writeFileSync(file, `another-token-of-shop shop`);
  await waitFor(async () => (await served.ask('/loki/api/v1/labels', { headers: bearer(both) })).status === 401);
  expect(await linesOf(served, '{app="a"}', bearer('another-token-of-shop'))).toEqual(['mine']);
});

test('a tokens file that is wrong is told with its line', async () => {
  const file = join(temporaryFolder(), 'tokens');
  for (const [text, message] of [
    ['', /it has no token/],
    ['short shop', /line 1: the token has fewer than 16/],
    ['\n#\ntoken-of-sixteen-characters', /line 3: the tenant is missing/],
    ['token-of-sixteen-characters a/b', /line 1: "a\/b" is no name of a tenant/],
    ['token-of-sixteen-characters a rate=5', /line 1: "rate=5" is none of/],
  ] as const) {
    writeFileSync(file, text);
    await expect(serve({ tokensFile: file })).rejects.toThrow(message);
  }
  await expect(serve({ listen: '0.0.0.0:0' })).rejects.toThrow(/other machines/);
  await expect(serve({ maxSize: 'much' })).rejects.toThrow(/max-size cannot be "much"/);
});

test('tenants by header do not see each other; without that option there is one', async () => {
  const served = await serve({ tenants: 'header' });
  expect(await served.push([stream({ app: 'a' }, 'x')])).toMatchObject({ status: 401 });
  await served.push([stream({ app: 'a' }, 'of one')], { 'x-scope-orgid': 'one' });
  await served.push([stream({ app: 'a' }, 'of two')], { 'x-scope-orgid': 'two' });
  expect(await linesOf(served, '{app="a"}', { 'x-scope-orgid': 'two' })).toEqual(['of two']);
  expect(await served.ask('/loki/api/v1/labels', { headers: { 'x-scope-orgid': '../x' } })).toMatchObject({
    status: 401,
  });
});

test.skipIf(!hasPackages('openssl'))('over TLS with a certificate', async () => {
  const { cert, key } = makeCertificate();
  const { url } = await serve({ tlsCert: cert, tlsKey: key });
  expect(url).toMatch(/^https:/);
  const status = await new Promise((resolve, reject) => {
    get(`${url}/ready`, { ca: readFileSync(cert), agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
  expect(status).toBe(200);
});

test('web pages may neither read nor write', async () => {
  const { ask } = await serve();
  for (const headers of [
    { host: 'evil.example' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://[' },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    const { status } = await ask('/ingest', { headers: headers as Record<string, string>, body: 'x' });
    expect([headers, [403, 421].includes(status)]).toEqual([headers, true]);
  }
});

test('pushes that come while others are written go together; beyond the bound they are refused, and each hears of its own', async () => {
  const groups: string[][] = [];
  let finish: ((error?: Error) => void)[] = [];
  const ingest = new Ingest((_tenant, batch) => {
    groups.push(Array.from({ length: batch.count }, (_, i) => lineText(batch, i)));
    return new Promise<void>((resolve, reject) =>
      finish.push((error) => (error === undefined ? resolve() : reject(error))),
    );
  }, 1000);
  const labels = makeLabels([['a', 'b']]);
  const push = (line: string, body = '') => {
    const builder = new EntryBatchBuilder();
    builder.add({ timestamp: 1n, line, stream: labels, metadata: makeLabels([['body', body]]) });
    return ingest.push('t', builder.build()).then(
      () => `${line} stored`,
      (error: Error) => `${line}: ${error.message}`,
    );
  };
  const first = ['a', 'b'].map((line) => push(line));
  await waitFor(() => groups.length === 1);
  const later = [push('c'), push('d'), push('too much', 'x'.repeat(900))];
  expect(await later[2]).toMatch(/: 276 bytes wait for the disk/);
  await waitFor(() => groups.length === 2);
  const last = push('e');
  for (const end of finish.splice(0)) end();
  expect(await Promise.all([...first, later[0], later[1]])).toEqual(['a stored', 'b stored', 'c stored', 'd stored']);
  await waitFor(() => finish.length === 1);
  finish[0]?.(new Error('the disk is full'));
  finish = [];
  expect(await last).toBe('e: the disk is full');
  expect(groups).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  await ingest.idle();
  expect(ingest.pendingBytes).toBe(0);
});

test('a body that is announced as larger than anything that is read is refused at once', async () => {
  const served = await serve();
  const socket = served.raw('POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n\r\nx');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
});
