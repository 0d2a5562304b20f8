import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { Registry } from 'prom-client';
import { request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { startSequencerServer } from '../../../src/blocks/seq/server.js';
import type { RawOptions, RunningDaemon } from '../../../src/platform/daemon/block.js';
import { daemonContext } from '../../helpers/daemon-context.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

interface Served {
  readonly daemon: RunningDaemon;
  readonly redis: string;
  readonly http: string;
  readonly metrics: Registry;
}

async function serve(options: RawOptions = {}, home = temporaryFolder()): Promise<Served> {
  const metrics = new Registry();
  const daemon = await startSequencerServer(
    { listen: '127.0.0.1:0', http: '127.0.0.1:0', ...options },
    daemonContext({ metrics, home }),
  );
  onTestFinished(() => daemon.stop(1_000));
  const urls = Object.fromEntries(daemon.endpoints.map(({ name, url }) => [name, url]));
  return { daemon, redis: urls['redis'] ?? '', http: urls['http'] ?? '', metrics };
}

async function redisClient(url: string, password?: string) {
  const client = createClient({ url, ...(password !== undefined && { password }) });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

test('a Redis client takes tickets with INCR, INCRBY and GET, and they rise from 1', async () => {
  const { redis } = await serve();
  const client = await redisClient(redis);
  expect(await client.incr('orders')).toBe(1);
  expect(await client.incrBy('orders', 10)).toBe(11);
  expect(await client.get('orders')).toBe('11');
  expect(await client.get('never used')).toBeNull();
  const many = await Promise.all(Array.from({ length: 1000 }, () => client.incr('orders')));
  expect(many).toEqual(Array.from({ length: 1000 }, (_, index) => index + 12));
});

test('INCR refuses what Redis refuses, and what would not rise', async () => {
  const { redis } = await serve();
  const client = await redisClient(redis);
  const call = (...args: string[]) => client.sendCommand(args);
  await expect(call('INCR')).rejects.toThrow("ERR wrong number of arguments for 'incr' command");
  await expect(call('INCRBY', 'a', 'many')).rejects.toThrow('ERR value is not an integer or out of range');
  await expect(call('INCRBY', 'a', '0')).rejects.toThrow('a sequence only rises');
  await expect(call('INCRBY', 'a', '-5')).rejects.toThrow('a sequence only rises');
  await expect(call('INCR', '')).rejects.toThrow('SEQ.BAD_TICKET_NAME');
  await expect(call('SEQ.RESERVE', 'gapless', 'me', '1000')).resolves.toBeDefined();
  await expect(call('INCR', 'gapless')).rejects.toThrow('SEQ.TICKET_KIND');
});

test('two names that differ in broken bytes only are refused, not merged', async () => {
  const { redis } = await serve();
  const { port } = new URL(redis);
  const socket = connect(Number(port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(Buffer.from('*2\r\n$4\r\nINCR\r\n$2\r\n\xff\xfe\r\n', 'latin1'));
  expect(await firstLine(socket)).toContain('-SEQ.BAD_TICKET_NAME');
});

test('SEQ.NEXT gives one ID, or an array of them, each unique and rising over all connections', async () => {
  const { redis } = await serve();
  const clients = await Promise.all([redisClient(redis), redisClient(redis)]);
  const one = await clients[0]?.sendCommand(['SEQ.NEXT', 'twitter']);
  expect(one).toMatch(/^\d{19}$/);
  const batches = await Promise.all(
    Array.from({ length: 20 }, (_, index) => clients[index % 2]?.sendCommand(['SEQ.NEXT', 'twitter', '500'])),
  );
  const lists = batches.map((batch) => (Array.isArray(batch) ? batch.map((id) => BigInt(String(id))) : []));
  for (const ids of lists) {
    expect(ids).toHaveLength(500);
    for (const [index, id] of ids.entries()) expect(index === 0 || id > (ids[index - 1] ?? 0n)).toBe(true);
  }
  expect(new Set(lists.flat()).size).toBe(10_000);
});

test('SEQ.NEXT knows layouts and formats, and says which when it does not', async () => {
  const { redis } = await serve();
  const client = await redisClient(redis);
  expect(await client.sendCommand(['SEQ.NEXT', 'ulid', 'FORMAT', 'canonical'])).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(await client.sendCommand(['SEQ.NEXT', 'twitter', '2', 'FORMAT', 'hex'])).toHaveLength(2);
  await expect(client.sendCommand(['SEQ.NEXT', 'twiter'])).rejects.toThrow(/SEQ\.UNKNOWN_LAYOUT.*twitter/);
  await expect(client.sendCommand(['SEQ.NEXT', 'twitter', '1', 'FORMAT', 'roman'])).rejects.toThrow(
    /SEQ\.BAD_ARGUMENT.*roman/,
  );
  await expect(client.sendCommand(['SEQ.NEXT', 'twitter', '1000001'])).rejects.toThrow('SEQ.BAD_COUNT');
  await expect(client.sendCommand(['SEQ.NEXT', 'twitter', '0'])).rejects.toThrow('SEQ.BAD_COUNT');
  await expect(client.sendCommand(['SEQ.NEXT', 'twitter', '-1'])).rejects.toThrow('SEQ.BAD_COUNT');
});

test('peers cannot make the daemon hold ever more layouts', async () => {
  const { redis } = await serve();
  const client = await redisClient(redis);
  const ask = (index: number) =>
    client.sendCommand(['SEQ.NEXT', `ts:${50 - (index % 10)}@1ms,worker:1,seq:${1 + Math.floor(index / 10)}`]);
  for (let index = 0; index < 32; index++) await ask(index);
  await expect(ask(32)).rejects.toThrow('SEQ.TOO_MANY_LAYOUTS');
  await expect(ask(0)).resolves.toBeDefined();
});

test('whoever asks for millions does not keep the others waiting', async () => {
  const { redis } = await serve();
  const greedy = connect(Number(new URL(redis).port), '127.0.0.1');
  onTestFinished(() => void greedy.destroy());
  // 25,600 sonyflake IDs can be made in a second: this would take an hour.
  greedy.write('SEQ.NEXT sonyflake 1000000\r\n'.repeat(100));
  const client = await redisClient(redis);
  const startedAt = performance.now();
  expect(await client.sendCommand(['SEQ.NEXT', 'sonyflake', '10'])).toHaveLength(10);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

test('the IDs of one connection rise from reply to reply, whatever the requests ask for', async () => {
  const { redis } = await serve();
  const client = await redisClient(redis);
  const counts = ['10000', '1', '65', '5000', '2'];
  const replies = await Promise.all(counts.map((count) => client.sendCommand(['SEQ.NEXT', 'twitter', count])));
  const ids = replies.flatMap((reply) => (Array.isArray(reply) ? reply.map((id) => BigInt(String(id))) : []));
  expect(ids).toHaveLength(15_068);
  expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0n))).toBe(true);
});

test('a stop cuts off at the end of the grace what would take an hour', async () => {
  const { daemon, redis } = await serve();
  const client = await redisClient(redis);
  await client.sendCommand(['SEQ.NEXT', 'sonyflake']);
  const request = client.sendCommand(['SEQ.NEXT', 'sonyflake', '1000000']).catch((error: unknown) => error);
  const startedAt = performance.now();
  await daemon.stop(200);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(await request).toBeInstanceOf(Error);
});

test('HTTP gives IDs as strings, as JSON or as lines', async () => {
  const { http } = await serve();
  const json = await request(`${http}/next?n=3&layout=discord`);
  expect(json.statusCode).toBe(200);
  const body: { layout?: string; ids?: string[] } = JSON.parse(await json.body.text());
  expect(body.layout).toBe('discord');
  expect(body.ids).toHaveLength(3);
  for (const id of body.ids ?? []) expect(id).toMatch(/^\d{18,20}$/);
  const text = await request(`${http}/next?n=2`, { headers: { accept: 'text/plain' } });
  expect((await text.body.text()).split('\n')).toHaveLength(3);
});

test("HTTP decodes Discord's documented ID", async () => {
  const { http } = await serve();
  const { body } = await request(`${http}/decode/105484726235607040?layout=discord`);
  expect(JSON.parse(await body.text())).toMatchObject({
    id: '105484726235607040',
    candidates: [{ layout: 'discord', time: '2015-10-19T01:58:38.546Z' }],
  });
});

test.each([
  ['/next?n=0', 400, 'seq.bad_count'],
  ['/next?n=10001', 400, 'seq.bad_count'],
  ['/next?n=-1', 400, 'seq.bad_argument'],
  ['/next?n=1&n=2', 400, 'seq.bad_argument'],
  ['/next?count=1', 400, 'seq.bad_argument'],
  ['/next?layout=nope', 400, 'seq.unknown_layout'],
  ['/next?format=binary', 400, 'seq.bad_argument'],
  ['/decode/hello%20world', 400, 'seq.bad_id'],
  ['/decode/8ZZZZZZZZZZZZZZZZZZZZZZZZZ?layout=ulid', 400, 'seq.bad_id'],
  [`/decode/${'1'.repeat(200)}`, 414, 'http.bad_request'],
  ['/other', 404, 'http.not_found'],
])('GET %s is refused as problem+json', async (path, status, code) => {
  const { http } = await serve();
  const { statusCode, headers, body } = await request(http + path);
  expect(headers['content-type']).toContain('application/problem+json');
  expect({ statusCode, ...JSON.parse(await body.text()) }).toMatchObject({ statusCode: status, status, code });
});

test('a web page that rebinds its name to loopback gets nothing', async () => {
  const { http } = await serve();
  const { statusCode, body } = await request(`${http}/next`, { headers: { host: 'evil.example' } });
  expect(statusCode).toBe(421);
  expect(await body.text()).not.toContain('ids');
});

test('one password guards both ports', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'password');
  writeFileSync(file, 'open sesame\n', { mode: 0o600 });
  const { redis, http } = await serve({ requirepassFile: file }, folder);
  const stranger = connect(Number(new URL(redis).port), '127.0.0.1');
  onTestFinished(() => void stranger.destroy());
  stranger.write('INCR a\r\n');
  expect(await firstLine(stranger)).toContain('-NOAUTH');
  const friend = await redisClient(redis, 'open sesame');
  expect(await friend.incr('a')).toBe(1);
  expect((await request(`${http}/next`)).statusCode).toBe(401);
  const wrong = await request(`${http}/next`, { headers: { authorization: 'Bearer guess' } });
  expect(wrong.statusCode).toBe(401);
  const right = await request(`${http}/next`, {
    headers: { authorization: 'Bearer open sesame', host: 'proxy.example' },
  });
  expect(right.statusCode).toBe(200);
});

test.each([{ listen: '0.0.0.0:0' }, { http: '[::]:0' }])('%j without a password is refused', async (options) => {
  await expect(serve(options)).rejects.toMatchObject({
    code: 'listen.not_loopback',
    hint: expect.stringContaining('--requirepass-file'),
  });
});

test('tickets and IDs go on rising after a restart, and a clean stop leaves no hole', async () => {
  const home = temporaryFolder();
  const first = await serve({}, home);
  const before = await redisClient(first.redis);
  const last = BigInt(String(await before.sendCommand(['SEQ.NEXT', 'twitter'])));
  for (let index = 0; index < 100; index++) await before.incr('orders');
  before.destroy();
  await first.daemon.stop(1_000);
  const second = await serve({}, home);
  const after = await redisClient(second.redis);
  expect(await after.incr('orders')).toBe(101);
  expect(BigInt(String(await after.sendCommand(['SEQ.NEXT', 'twitter'])))).toBeGreaterThan(last);
  expect(second.daemon.detail).toContain('1 sequence');
});

test('a stop answers what is in flight', async () => {
  const { daemon, redis } = await serve();
  const client = await redisClient(redis);
  const answers = Array.from({ length: 50 }, () => client.incr('orders'));
  const settled = Promise.allSettled(answers);
  await client.ping();
  await daemon.stop(1_000);
  const numbers = (await settled).map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 0));
  expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
});

test('metrics count IDs, tickets, leases and requests', async () => {
  const { redis, http, metrics } = await serve();
  const client = await redisClient(redis);
  await client.sendCommand(['SEQ.NEXT', 'twitter', '500']);
  await client.incr('orders');
  await client.incrBy('orders', 9);
  await client.incr('').catch(() => {});
  await (await request(`${http}/next?n=5`)).body.dump();
  const text = await metrics.metrics();
  expect(text).toContain('ds_seq_ids_issued_total{layout="twitter"} 505');
  expect(text).toContain('ds_seq_tickets_issued_total 10');
  expect(text).toContain('ds_seq_workers_leased 1');
  expect(text).toMatch(/ds_seq_connections\{protocol="redis"\} 1/);
  expect(text).toContain('ds_seq_request_duration_seconds_count{command="incrby"} 1');
  expect(text).toMatch(/ds_seq_request_duration_seconds_bucket\{.*le="\+Inf".*\} 1/);
});

test('a taken port is told before anything is served', async () => {
  const { redis } = await serve();
  await expect(serve({ listen: new URL(redis).host })).rejects.toMatchObject({
    code: 'listen.address_in_use',
    hint: expect.stringContaining('ds seq serve --listen 127.0.0.1:'),
  });
});

test.each([
  [{ onClockBack: 'ignore' }, 'on-clock-back'],
  [{ lissen: '127.0.0.1:0' }, 'lissen'],
  [{ maxWait: 'soon' }, 'max-wait'],
])('the option %j is refused by name', async (options, name) => {
  await expect(serve(options)).rejects.toMatchObject({
    code: 'config.invalid',
    message: expect.stringContaining(name),
  });
});

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk) => resolve(chunk.toString('latin1')));
  });
}
