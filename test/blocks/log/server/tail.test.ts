/** Tail by WebSocket: what comes, who is too slow, who is gone. */
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { type Served, serve } from './serve.js';

interface Frame {
  readonly streams: readonly {
    readonly stream: Record<string, string>;
    readonly values: readonly [string, string][];
  }[];
  readonly dropped_entries?: readonly { readonly labels: Record<string, string>; readonly timestamp: string }[];
}

interface Tail {
  readonly socket: WebSocket;
  readonly frames: Frame[];
  lines(): string[];
}

function follow({ url }: Served, query: string, params = '', headers: Record<string, string> = {}): Tail {
  const target = `${url.replace('http', 'ws')}/loki/api/v1/tail?query=${encodeURIComponent(query)}${params}`;
  const socket = new WebSocket(target, { headers });
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  socket.on('error', () => {});
  onTestFinished(() => socket.terminate());
  const lines = () => frames.flatMap(({ streams }) => streams.flatMap(({ values }) => values.map(([, line]) => line)));
  return { socket, frames, lines };
}

const push = ({ push: send }: Served, app: string, ...lines: readonly string[]) =>
  send([
    { stream: { app }, values: lines.map((line, i) => [String(BigInt(Date.now()) * 1_000_000n + BigInt(i)), line]) },
  ]);

test('what is there since the start, then what arrives, each once and of the query alone', async () => {
  const served = await serve();
  await push(served, 'a', 'one');
  const tail = follow(served, '{app="a"} != "no"');
  await waitFor(() => tail.lines().length === 1);
  for (let i = 0; i < 20; i++) await push(served, i % 2 === 0 ? 'a' : 'b', `line ${i}`, 'no');
  await push(served, 'a', 'last');
  await waitFor(() => tail.lines().includes('last'));
  expect(tail.lines()).toEqual(['one', ...Array.from({ length: 10 }, (_, i) => `line ${2 * i}`), 'last']);
  expect(tail.frames[0]?.streams[0]?.stream).toEqual({ app: 'a' });
  const closed = once(tail.socket, 'close');
  await served.daemon.stop(1_000);
  expect((await closed)[0]).toBe(1001);
});

test('a query that is none, a page of another site, a reader too many: refused before there is a WebSocket', async () => {
  const served = await serve();
  const status = async (tail: Tail) => (await once(tail.socket, 'unexpected-response'))[1].statusCode;
  expect(await status(follow(served, ''))).toBe(400);
  expect(await status(follow(served, '{app='))).toBe(400);
  expect(await status(follow(served, '{app="a"}', '&delay_for=60'))).toBe(400);
  expect(await status(follow(served, '{app="a"}', '', { origin: 'http://evil.example' }))).toBe(403);
  const tails = Array.from({ length: 64 }, () => follow(served, '{app="a"}'));
  await Promise.all(tails.map(({ socket }) => once(socket, 'open')));
  expect(await status(follow(served, '{app="a"}'))).toBe(429);
});

test('a reader that is slow misses entries, hears which, and holds nobody up', async () => {
  const served = await serve();
  const slow = follow(served, '{app="a"}');
  const quick = follow(served, '{app="a"} |= "last"');
  await Promise.all([once(slow.socket, 'open'), once(quick.socket, 'open')]);
  slow.socket.pause();
  const long = 'x'.repeat(200_000);
  for (let i = 0; i < 25; i++) expect((await push(served, 'a', ...Array(5).fill(long))).status).toBe(204);
  await push(served, 'a', 'last');
  await waitFor(() => quick.lines().length === 1);
  await waitFor(async () => /ds_log_tail_dropped_entries_total [1-9]/.test(await served.metrics.metrics()));
  slow.socket.resume();
  await waitFor(() => slow.frames.some((frame) => frame.streams.length > 0));
  await waitFor(async () => {
    await push(served, 'a', 'after');
    return slow.frames.some((frame) => (frame.dropped_entries?.length ?? 0) > 0);
  });
  const dropped = slow.frames.flatMap((frame) => frame.dropped_entries ?? []);
  expect(dropped[0]).toEqual({ labels: { app: 'a' }, timestamp: expect.stringMatching(/^\d{19}$/) });
});

const HANDSHAKE =
  'GET /loki/api/v1/tail?query=%7Ba%3D%22b%22%7D HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

test('a frame that is none, with the handshake, ends its own connection alone', async () => {
  const served = await serve();
  for (let i = 0; i < 3; i++) await once(served.raw(`${HANDSHAKE}\x7f\x7f`).resume(), 'close');
  expect((await served.ask('/ready')).status).toBe(200);
});

test('a reader that answers no ping is cut', async () => {
  const clock = new ManualClock(Date.now());
  const served = await serve({}, clock);
  const socket = served.raw(HANDSHAKE);
  const closed = once(socket, 'close');
  let seen = '';
  socket.on('data', (data: Buffer) => {
    seen += data.toString('latin1');
  });
  await waitFor(() => seen.startsWith('HTTP/1.1 101'));
  await waitFor(() => {
    clock.advance(15_000);
    return socket.destroyed || socket.readableEnded;
  });
  await closed;
});

test('readers are bounded, however many come at once; handshakes that are none take no place', async () => {
  const served = await serve();
  const bad =
    'GET /loki/api/v1/tail?query={app="a"} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  await Promise.all(
    Array.from({ length: 70 }, () => once(served.raw(bad.replace(/{.*}/, '%7Bapp%3D%22a%22%7D')).resume(), 'close')),
  );
  const states = { open: 0, refused: 0 };
  for (let i = 0; i < 80; i++) {
    const { socket } = follow(served, '{app="a"}');
    socket.on('open', () => states.open++);
    socket.on('error', () => states.refused++);
  }
  await waitFor(() => states.open + states.refused === 80);
  expect(states).toEqual({ open: 64, refused: 16 });
});
