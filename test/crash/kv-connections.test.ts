/**
 * Many connections of `ds kv serve`: thousands that are idle, some that ask for much and never read, and those that leave in the middle of
 * something. None of them costs much memory, none keeps others waiting, and nobody is given what somebody who left had asked for.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { startDs } from '../helpers/run-ds.js';
import { waitFor } from '../helpers/wait-for.js';

const IDLE = 2_000;
const SLOW = 20;
const LARGE_BYTES = 8 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

async function serve() {
  const { ready } = await startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off']);
  const url = ready.endpoints['redis'] ?? '';
  const client = new Redis(url);
  onTestFinished(() => client.disconnect());
  const dial = (): Socket => {
    // A reset is how the end of the daemon looks from here.
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  const connected = async () => Number(/connected_clients:(\d+)/.exec(await client.info('clients'))?.[1]);
  return { pid: ready.pid, client, dial, connected };
}

const residentBytes = (pid: number): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);

test('thousands of idle ones', { timeout: 60_000 }, async () => {
  const { pid, client, dial, connected } = await serve();
  await client.ping();
  const before = residentBytes(pid);
  const sockets = Array.from({ length: IDLE }, dial);
  await waitFor(async () => (await connected()) === IDLE + 1, { timeoutMs: 20_000, what: 'the connections' });
  // 7 KB each when this was written.
  expect(residentBytes(pid) - before).toBeLessThan(IDLE * 32 * 1024);
  for (let i = 0; i < 100; i++) expect(await client.incr('n')).toBe(i + 1);
  for (const socket of sockets) socket.destroy();
  await waitFor(async () => (await connected()) === 1, { timeoutMs: 20_000, what: 'their end' });
});

test('those that ask for much and never read', { timeout: 60_000 }, async () => {
  const { pid, client, dial, connected } = await serve();
  await client.set('large', Buffer.alloc(LARGE_BYTES, 'x'));
  const before = residentBytes(pid);
  const sockets = Array.from({ length: SLOW }, dial);
  // Together 3.2 GB.
  for (const socket of sockets) socket.pause().write('GET large\r\n'.repeat(20));
  const stuck = async () => String(await client.client('LIST')).match(/ omem=[1-9]/g)?.length === SLOW;
  await waitFor(stuck, { timeoutMs: 20_000, what: 'unsent answers' });
  for (let i = 0; i < 100; i++) expect(await client.incr('n')).toBe(i + 1);
  // An answer for each, what the kernel has, and what is garbage.
  expect(residentBytes(pid) - before).toBeLessThan(2 * SLOW * LARGE_BYTES + 200 * MEGABYTE);
  for (const socket of sockets) socket.destroy();
  await waitFor(async () => (await connected()) === 1, { what: 'their end' });
});

test('those that leave while they wait, watch, or gather a transaction', { timeout: 60_000 }, async () => {
  const { client, dial, connected } = await serve();
  const beginnings = [
    'BLPOP queue 0\r\n',
    'BLMOVE queue other LEFT LEFT 0\r\n',
    'BZPOPMIN board 0\r\n',
    'MULTI\r\nLPOP queue\r\n',
    'WATCH queue\r\nMULTI\r\nDEL queue\r\n',
    '*3\r\n$4\r\nLPOP\r\n$5\r\nqueue\r\n$1\r\n',
  ];
  const sockets = Array.from({ length: 10 }, () => beginnings.map((bytes) => [dial(), bytes] as const)).flat();
  for (const [socket, bytes] of sockets) socket.write(bytes);
  const blocked = async () => (await client.info('clients')).includes('blocked_clients:30\r\n');
  await waitFor(blocked, { what: 'those that wait' });
  for (const [i, [socket]] of sockets.entries()) {
    if (i % 2 === 0) socket.destroy();
    else socket.resetAndDestroy();
  }
  await waitFor(async () => (await connected()) === 1, { what: 'their end' });
  await client.rpush('queue', 'a', 'b', 'c');
  await client.zadd('board', 1, 'm');
  expect(await client.lrange('queue', 0, -1)).toEqual(['a', 'b', 'c']);
  expect(await client.zcard('board')).toBe(1);
  expect(await client.exists('other')).toBe(0);
});
