import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { openSink, readSinkText } from '../../../../src/blocks/log/agent/sinks/index.js';
import { EntryBatchBuilder } from '../../../../src/blocks/log/entry-batch.js';
import { makeLabels, NO_LABELS } from '../../../../src/blocks/log/labels.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { batchOf } from './fixtures.js';

const context = { clock: systemClock, env: { TOKEN: 'from the environment' } };
const signal = new AbortController().signal;

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Request {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that answers as told, one after the other, and keeps what it was sent. */
async function server(...answers: readonly Answer[]): Promise<{ readonly url: string; readonly requests: Request[] }> {
  const requests: Request[] = [];
  const left = [...answers];
  const http = createServer(async (incoming, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const isGzip = incoming.headers['content-encoding'] === 'gzip';
    requests.push({
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: String(isGzip ? gunzipSync(body) : body),
    });
    const { status, headers = {}, body: text = '' } = left.shift() ?? { status: 200 };
    response.writeHead(status, headers).end(text);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => void http.close());
  return { url: `http://127.0.0.1:${port(http.address())}`, requests };
}

function port(address: unknown): number {
  return (address as { readonly port: number }).port;
}

async function sinkOf(text: string) {
  const sink = await openSink(text, context);
  onTestFinished(() => sink.close());
  return sink;
}

function oneEntry() {
  const builder = new EntryBatchBuilder();
  const stream = makeLabels([['app', 'shop']]);
  builder.add({
    timestamp: 1_750_000_000_123_456_789n,
    line: 'paid "5"',
    stream,
    metadata: makeLabels([['level', 'error']]),
  });
  return builder.build();
}

test('Loki gets JSON with nanoseconds and metadata, as the tenant and with the token that were asked for', async () => {
  const { url, requests } = await server({ status: 204 });
  const sink = await sinkOf(`loki+${url}/prefix/#tenant=shop&token-env=TOKEN`);
  expect(await sink.deliver(oneEntry(), 'b-1', signal)).toEqual({ outcome: 'delivered' });
  expect(requests).toMatchObject([
    {
      url: '/prefix/loki/api/v1/push',
      headers: { 'x-scope-orgid': 'shop', authorization: 'Bearer from the environment' },
    },
  ]);
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
    streams: [{ stream: { app: 'shop' }, values: [['1750000000123456789', 'paid "5"', { level: 'error' }]] }],
  });
});

test.each([
  [
    { status: 429, headers: { 'retry-after': '7' } },
    { outcome: 'retry', afterMs: 7_000 },
  ],
  [
    { status: 503, body: 'ingester\n is starting' },
    { outcome: 'retry', reason: '503 Service Unavailable: ingester is starting' },
  ],
  [{ status: 401 }, { outcome: 'retry' }],
  [{ status: 307, headers: { location: 'http://elsewhere/' } }, { outcome: 'retry' }],
  [
    { status: 400, body: 'entry too far behind' },
    { outcome: 'rejected', reason: '400 Bad Request: entry too far behind' },
  ],
  [{ status: 413 }, { outcome: 'rejected' }],
] as const)('an answer of %j is %j', async (answer, delivery) => {
  const { url } = await server(answer);
  const sink = await sinkOf(`loki+${url}`);
  expect(await sink.deliver(oneEntry(), 'b-1', signal)).toMatchObject(delivery);
});

test('a server that is not there, or that is broken off, is an error with its name in it', async () => {
  const sink = await sinkOf('http://127.0.0.1:9/logs');
  await expect(sink.deliver(oneEntry(), 'b-1', signal)).rejects.toThrow('127.0.0.1:9 cannot be reached');
  await expect(sink.deliver(oneEntry(), 'b-1', AbortSignal.abort())).rejects.toThrow('cannot be reached');
});

test('OTLP gets resources and records, and what a receiver says of partial success is counted and not sent again', async () => {
  const partial = { partialSuccess: { rejectedLogRecords: '1', errorMessage: 'too old' } };
  const { url, requests } = await server({ status: 200, body: JSON.stringify(partial) });
  const sink = await sinkOf(`otlp+${url}`);
  expect(await sink.deliver(oneEntry(), 'b-1', signal)).toEqual({
    outcome: 'delivered',
    refused: { entries: 1, reason: 'too old' },
  });
  expect(requests[0]?.url).toBe('/v1/logs');
  expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({
    resourceLogs: [
      {
        resource: { attributes: expect.arrayContaining([{ key: 'service.name', value: { stringValue: 'shop' } }]) },
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: '1750000000123456789',
                severityText: 'error',
                severityNumber: 17,
                body: { stringValue: 'paid "5"' },
              },
            ],
          },
        ],
      },
    ],
  });
});

test('Elasticsearch gets an _id of the batch; a conflict is delivered, 429 of an item is tried again, 400 is a dead letter', async () => {
  const items = (...statuses: number[]) => ({
    status: 200,
    body: JSON.stringify({
      errors: true,
      items: statuses.map((status) => ({ create: { status, error: { type: 't', reason: 'r' } } })),
    }),
  });
  const { url, requests } = await server(items(201, 409, 201), items(201, 429, 400), items(409, 201, 400), items(201), {
    status: 200,
    body: JSON.stringify({ errors: false, items: Array(3).fill({ create: { status: 400 } }) }),
  });
  const sink = await sinkOf(`elasticsearch+${url}/logs-shop#user=ada&password-env=TOKEN`);
  const named = makeLabels([
    ['message', 'm'],
    ['message_extracted', 'e'],
    ['level', 'info'],
  ]);
  const batch = { ...batchOf(['a', 'b', 'c']), metadata: [NO_LABELS, named, NO_LABELS] };
  expect(await sink.deliver(batch, 'b-7', signal)).toEqual({ outcome: 'delivered' });
  expect(await sink.deliver(batch, 'b-7', signal)).toMatchObject({
    outcome: 'retry',
    reason: '429 Too Many Requests: t: r',
  });
  expect(await sink.deliver(batch, 'b-7', signal)).toMatchObject({ outcome: 'rejected', entries: [2] });
  expect(await sink.deliver(batch, 'b-7', signal)).toMatchObject({
    outcome: 'retry',
    reason: '_bulk answered for 1 of 3 entries',
  });
  expect(await sink.deliver(batch, 'b-7', signal)).toMatchObject({ outcome: 'rejected', entries: [0, 1, 2] });
  const [first] = requests;
  expect(first?.url).toMatch(/^\/logs-shop\/_bulk\?/);
  expect(first?.headers.authorization).toBe(`Basic ${Buffer.from('ada:from the environment').toString('base64')}`);
  const lines = first?.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines?.slice(2, 4)).toEqual([
    { create: { _id: 'b-7-1' } },
    {
      '@timestamp': '2025-06-15T15:06:40.000000001Z',
      message: 'b',
      labels: { app: 'shop' },
      message_extracted_extracted: 'm',
      message_extracted: 'e',
      level: 'info',
    },
  ]);
});

test('NDJSON goes to the URL as it stands, with the id of the batch as Idempotency-Key', async () => {
  const { url, requests } = await server(
    { status: 200, body: '<!DOCTYPE html><title>Log in</title>' },
    { status: 202 },
  );
  const sink = await sinkOf(`${url}/in?source=a#timeout=5s`);
  expect(await sink.deliver(oneEntry(), 'b-1', signal)).toMatchObject({ outcome: 'retry' });
  expect(await sink.deliver(oneEntry(), 'b-1', signal)).toEqual({ outcome: 'delivered' });
  expect(requests[0]).toMatchObject({ url: '/in?source=a', headers: { 'idempotency-key': '"b-1"' } });
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
    timestamp: '2025-06-15T15:06:40.123456789Z',
    timestamp_ns: '1750000000123456789',
    line: 'paid "5"',
    labels: { app: 'shop' },
    metadata: { level: 'error' },
  });
});

test('a file is appended to; the half line of a crash is cut, that of somebody else is not; it rotates by size', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'out'));
  const path = join(folder, 'out', 'all.log');
  writeFileSync(path, 'whole\nfir');
  const sink = await sinkOf(`file:${path}#rotate=20&keep=1`);
  for (const line of ['first', 'second line', 'third line ....', 'fourth']) {
    expect(await sink.deliver(batchOf([line]), 'b', signal)).toEqual({ outcome: 'delivered' });
  }
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['all.log', 'all.log.1']);
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('third line ....\n');
  expect(readFileSync(path, 'utf8')).toBe('fourth\n');
  const plain = await sinkOf(`file:${join(folder, 'plain.log')}`);
  for (const [there, kept] of [
    ['whole\nno line of ours', 'whole\nno line of ours\n'],
    ['whole\nnext a\nnext b', 'whole\nnext a\n'],
    ['next a\nnext b', 'next a\n'],
    ['whole\nnext b', 'whole\nnext b\n'],
    ['not next a\nnext b', 'not next a\nnext b\n'],
  ]) {
    writeFileSync(join(folder, 'plain.log'), there ?? '');
    await plain.deliver(batchOf(['next a', 'next b and more']), 'b', signal);
    expect(readFileSync(join(folder, 'plain.log'), 'utf8')).toBe(`${kept}next a\nnext b and more\n`);
  }
});

test('syslog: a datagram an entry over UDP, octet counts over TCP, and a connection that was closed is made anew', async () => {
  const udp = createSocket('udp4');
  onTestFinished(() => void udp.close());
  const datagrams: string[] = [];
  udp.on('message', (message) => datagrams.push(String(message)));
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const overUdp = await sinkOf(`syslog+udp://127.0.0.1:${port(udp.address())}`);
  await overUdp.deliver(batchOf(['a', 'b']), 'b', signal);
  await waitFor(() => datagrams.length === 2);
  expect(datagrams[0]).toMatch(/^<14>1 2025-06-15T15:06:40\.000000Z - shop - - - a$/);

  let received = '';
  const sockets: Socket[] = [];
  const tcp = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on('data', (data) => {
      received += String(data);
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  onTestFinished(() => void tcp.close());
  const overTcp = await sinkOf(`syslog+tcp://127.0.0.1:${port(tcp.address())}`);
  await overTcp.deliver(batchOf(['one']), 'b', signal);
  await waitFor(() => /^\d+ <14>1 .* one$/.test(received));
  sockets[0]?.destroy();
  await waitFor(async () => {
    await overTcp.deliver(batchOf(['two']), 'b', signal).catch(() => {});
    return received.endsWith('two');
  });
  expect(sockets.length).toBe(2);
});

test.each([
  ['nowhere', 'there is no sink "nowhere"'],
  ['loki+http://ada:secret@logs:3100', 'a user or password in a URL'],
  ['ftp://ada:secret@logs/', '"ftp://…@logs/"'],
  ['loki+http://logs:3100#tenat=a', 'has no setting "tenat"'],
  ['file:/tmp/x#rotate=big', 'rotate of file:/tmp/x is "big", not a size'],
  ['elasticsearch+http://logs:9200', 'names no index'],
  ['loki+http://logs#token-env=NOT_SET', 'NOT_SET'],
  ['s3+http://127.0.0.1:9000', 'names no bucket'],
  ['store', 'nothing is replayed into the store'],
  ['-', 'nobody reads'],
])('%s is refused: %s', async (text, message) => {
  await expect(openSink(text, context)).rejects.toThrow(message);
});

test('settings stand behind #, and are no part of the name', () => {
  const { name, kind, place, settings } = readSinkText('https://logs.example.org/a?b=c#when-full=block&buffer=1GB');
  expect([name, kind, place]).toEqual(['https://logs.example.org/a?b=c', 'http', 'https://logs.example.org/a?b=c']);
  expect([settings.size('buffer'), settings.choice('when-full', ['block'])]).toEqual([1e9, 'block']);
});
