/** Peers that mean no good, against `ds log serve`: each is refused, nobody else notices, and the memory stays within bounds. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { type RunningDs, startDs } from '../helpers/run-ds.js';
import { waitFor } from '../helpers/wait-for.js';

const MIB = 1024 * 1024;
/** Of the process: what Node takes, and what the bounds of bodies and of what waits for the disk add up to. */
const MOST_MEMORY = 700 * MIB;

interface Peer {
  readonly daemon: RunningDs;
  readonly url: string;
  send(
    path: string,
    body: Buffer | string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string }>;
  raw(text: string): Socket;
  memory(): number;
  expectWell(): Promise<void>;
}

/** However it ends. */
const closed = (socket: Socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve()));

async function peer(...more: readonly string[]): Promise<Peer> {
  const daemon = await startDs(['log', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off', ...more]);
  const url = daemon.ready.endpoints['http'] ?? '';
  const send: Peer['send'] = async (path, body, headers = {}) => {
    const answer = await fetch(url + path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
    return { status: answer.status, text: await answer.text() };
  };
  return {
    daemon,
    url,
    send,
    raw(text) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.on('error', () => {});
      socket.on('data', () => {});
      onTestFinished(() => void socket.destroy());
      socket.write(text);
      return socket;
    },
    memory() {
      const [, kilobytes = ''] =
        /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${daemon.ready.pid}/status`, 'utf8')) ?? [];
      return Number(kilobytes) * 1024;
    },
    async expectWell() {
      const line = `well ${Math.random()}`;
      const values = [[`${Date.now()}000000`, line]];
      const push = await send('/loki/api/v1/push', JSON.stringify({ streams: [{ stream: { app: 'well' }, values }] }));
      expect(push.status).toBe(204);
      const query = encodeURIComponent('{app="well"}');
      expect(await (await fetch(`${url}/loki/api/v1/query_range?query=${query}`)).text()).toContain(line);
    },
  };
}

test('bombs: bodies that become a gigabyte each, more at once than the memory may grow by, and lengths of 10^12', async () => {
  const { send, memory, expectWell } = await peer();
  const zeros = Buffer.alloc(64 * MIB);
  const gigabyte = Buffer.concat(Array(16).fill(gzipSync(zeros)));
  const deflated = deflateSync(zeros);
  const attempts = Array.from({ length: 32 }, (_, i) =>
    i % 2 === 0
      ? send('/loki/api/v1/push', gigabyte, { 'content-encoding': 'gzip' })
      : send('/v1/logs', deflated, { 'content-encoding': 'deflate' }),
  );
  const statuses = new Set((await Promise.all(attempts)).map(({ status }) => status));
  expect([...statuses].every((status) => status === 413 || status === 429)).toBe(true);
  const protobuf = { 'content-type': 'application/x-protobuf' };
  // A varint of 10^12, one of 2^32 - 1, and protobuf's own lengths.
  expect((await send('/loki/api/v1/push', Buffer.from('8080a0a5b0d20e6161', 'hex'), protobuf)).status).toBe(400);
  expect((await send('/loki/api/v1/push', Buffer.from('ffffffff0f6161', 'hex'), protobuf)).status).toBe(413);
  expect((await send('/v1/logs', Buffer.from('0a8080a094a58d1d61', 'hex'), protobuf)).status).toBe(400);
  expect(memory()).toBeLessThan(MOST_MEMORY);
  await expectWell();
});

test('JSON that is deep, JSON of nothing but brackets, ten thousand labels, a header that never ends', async () => {
  const { send, raw, memory, expectWell } = await peer();
  const deep = '['.repeat(2 * MIB);
  for (const path of ['/loki/api/v1/push', '/v1/logs', '/_bulk', '/ingest']) {
    expect((await send(path, deep)).status).toBe(400);
    expect((await send(path, `[${'{},'.repeat(MIB)}{}]`)).status).toBe(400);
  }
  const nested = `{"streams":[{"stream":{"a":"b"},"values":[["1","x",${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}]]}]}`;
  expect((await send('/loki/api/v1/push', nested)).status).toBe(400);
  const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`label_${i}`, 'x']));
  const many = await send('/loki/api/v1/push', JSON.stringify({ streams: [{ stream: labels, values: [['1', 'x']] }] }));
  expect(many).toMatchObject({ status: 400, text: expect.stringMatching(/a stream has more than 30 labels/) });
  const different = Array.from({ length: 20_000 }, (_, i) => ({ stream: { i: String(i) }, values: [['1', 'x']] }));
  expect((await send('/loki/api/v1/push', JSON.stringify({ streams: different }))).status).toBe(413);
  const header = raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(100_000)}`);
  await closed(header);
  expect(memory()).toBeLessThan(MOST_MEMORY);
  await expectWell();
});

test('patterns that a backtracking engine never ends with, over lines that are NULs, no UTF-8, or made for them', async () => {
  const { send, expectWell, url } = await peer();
  const given = [
    Buffer.from('nul \0\0 end'),
    Buffer.from('bad \xff\xc3( end', 'latin1'),
    Buffer.from('a'.repeat(50_000)),
  ];
  const body = Buffer.concat(given.flatMap((line) => [line, Buffer.from('\n')]));
  expect((await send('/ingest?app=hostile', body, { 'content-type': 'text/plain' })).status).toBe(200);
  const ask = async (query: string) => {
    const answer = await fetch(`${url}/loki/api/v1/query_range?query=${encodeURIComponent(query)}`);
    const text = await answer.text();
    if (answer.status !== 200) return { status: answer.status, lines: [text] };
    const { data } = JSON.parse(text) as { data: { result: { values: [string, string][] }[] } };
    const lines = data.result.flatMap(({ values }) => values.map(([, line]) => line));
    return { status: answer.status, lines: lines.sort() };
  };
  const lines = given.map((line) => line.toString('utf8')).sort();
  expect(await ask('{app="hostile"}')).toEqual({ status: 200, lines });
  for (const pattern of ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '^(a?){20}a{20}'])
    expect(await ask(`{app="hostile"} |~ "${pattern}"`)).toEqual({ status: 200, lines: ['a'.repeat(50_000)] });
  for (const pattern of ['(a+)+z', '(a|a)*z', `${'(a*)*'.repeat(50)}z`])
    expect(await ask(`{app="hostile"} |~ "${pattern}"`)).toEqual({ status: 200, lines: [] });
  expect(await ask(`{app="hostile"} |~ "${'(a{1000}){1000}'}"`)).toMatchObject({ status: 400 });
  await expectWell();
});

test('heads and bodies that come a byte at a time, connections that ask for nothing', { timeout: 60_000 }, async () => {
  const { raw, expectWell } = await peer();
  const slowHead = raw('POST /loki/api/v1/push HTTP/1.1\r\nHost: localhost\r\n');
  const slowBody = raw(
    'POST /loki/api/v1/push HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
  );
  const drip = setInterval(() => {
    if (!slowHead.destroyed) slowHead.write('X-A: b\r\n');
    if (!slowBody.destroyed) slowBody.write(' ');
  }, 1_000);
  onTestFinished(() => clearInterval(drip));
  const idle = Array.from({ length: 200 }, () => raw(''));
  await expectWell();
  await Promise.all([closed(slowHead), closed(slowBody)]);
  for (const socket of idle) socket.destroy();
  await expectWell();
});

test('a tenant that is too fast is told when to come again, and the others are not held up', async () => {
  const { send, memory } = await peer('--max-streams', '100');
  const line = 'x'.repeat(200_000);
  // Made before anything is sent: while they are made nothing is, and the port waits for heads only so long.
  const bodies = Array.from({ length: 4 }, (_, i) => {
    const values = Array.from({ length: 40 }, () => ['1', line]);
    return JSON.stringify({ streams: [{ stream: { i: String(i) }, values }] });
  });
  // 256 MB: more than may be held of bodies.
  const pushes = Array.from({ length: 32 }, (_, i) => send('/loki/api/v1/push', bodies[i % 4] ?? ''));
  const answers = await Promise.all(pushes);
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 204).length).toBeGreaterThan(0);
  expect(statuses.filter((status) => status !== 204 && status !== 429)).toEqual([]);
  const streams = Array.from({ length: 200 }, (_, i) => ({ stream: { n: String(i) }, values: [['1', 'x']] }));
  expect(await send('/loki/api/v1/push', JSON.stringify({ streams }))).toMatchObject({
    status: 400,
    text: expect.stringMatching(/the tenant has 100 streams, and may have no more/),
  });
  expect(memory()).toBeLessThan(MOST_MEMORY);
  await waitFor(async () => {
    const answer = await send('/ingest?i=0', 'x', { 'content-type': 'text/plain' });
    return answer.status === 200;
  });
});
