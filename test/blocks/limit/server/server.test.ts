import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { ask, post, serve } from './serve.js';

const FIVE = 'policies: [{name: all, limits: [{name: burst, rate: 5/min}]}]';

async function redisClient(url: string, password?: string) {
  const client = createClient({ url, ...(password !== undefined && { password }) });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

test('CL.THROTTLE and POST /v1/check count the same', async () => {
  const { redis, http } = await serve();
  const client = await redisClient(redis);
  expect(await client.sendCommand(['CL.THROTTLE', 'alice', '4', '5', '60'])).toEqual([0, 5, 4, -1, 12]);
  const { status, json } = await post(`${http}/v1/check`, { key: 'alice', rate: '5/min', cost: 2 });
  expect(status).toBe(200);
  expect(json).toMatchObject({ allowed: true, decisions: [{ scope: '', key: 'alice', limit: 5, remaining: 2 }] });
  expect(await client.sendCommand(['CL.THROTTLE', 'alice', '4', '5', '60'])).toEqual([0, 5, 1, -1, 48]);
});

test('what was counted is there after a restart', async () => {
  const home = temporaryFolder();
  const first = await serve({}, home);
  await post(`${first.http}/v1/check`, { key: 'alice', rate: '5/d', cost: 5 });
  await first.daemon.stop(1_000);
  const second = await serve({}, home);
  expect(second.daemon.detail).toBe('1 key');
  expect((await post(`${second.http}/v1/check`, { key: 'alice', rate: '5/d' })).status).toBe(429);
});

test('INFO and metrics tell decisions by limit and outcome, keys, and latencies', async () => {
  const { redis, http, metrics } = await serve({ policies: FIVE });
  const client = await redisClient(redis);
  for (let index = 0; index < 7; index++) await ask(`${http}/auth`);
  await client.sendCommand(['CL.THROTTLE', 'alice', '4', '5', '60']);
  await client.sendCommand(['LIMIT.BLOCK', 'bob', '60000000']);
  await client.sendCommand(['CL.THROTTLE', 'bob', '4', '5', '60']);
  const text = await metrics.metrics();
  expect(text).toContain('ds_limit_decisions_total{limit="all/burst",outcome="allowed"} 5');
  expect(text).toContain('ds_limit_decisions_total{limit="all/burst",outcome="limited"} 2');
  expect(text).toContain('ds_limit_decisions_total{limit="",outcome="allowed"} 1');
  expect(text).toContain('ds_limit_decisions_total{limit="",outcome="blocked"} 1');
  expect(text).toContain('ds_limit_keys{state="used"} 2');
  expect(text).toContain('ds_limit_keys{state="blocked"} 1');
  expect(text).toContain('ds_limit_connections{protocol="redis"} 1');
  expect(text).toContain('ds_limit_request_duration_seconds_count{command="http /auth"} 7');
  expect(text).toContain('ds_limit_request_duration_seconds_count{command="cl.throttle"} 2');
  expect(await client.info()).toMatch(/allowed:6\r\nlimited:2\r\nblocked:1/);
});

test('scopes that peers make up do not become labels', async () => {
  const { http, metrics } = await serve({ policies: FIVE });
  const limits = Array.from({ length: 20 }, (_, index) => ({ name: `mine-${index}`, rate: '5/s' }));
  await post(`${http}/v1/check`, { key: 'a', limits });
  const text = await metrics.metrics();
  expect(text).not.toContain('mine-');
  expect(text).toContain('ds_limit_decisions_total{limit="",outcome="allowed"} 20');
});

test('one password guards the Redis port and the HTTP port', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'password');
  writeFileSync(file, 'open sesame\n', { mode: 0o600 });
  const { redis, http } = await serve({ requirepassFile: file, policies: FIVE }, folder);
  const stranger = connect(Number(new URL(redis).port), '127.0.0.1');
  onTestFinished(() => void stranger.destroy());
  stranger.write('CL.THROTTLE a 4 5 60\r\n');
  expect(String(await new Promise((resolve) => stranger.once('data', resolve)))).toContain('-NOAUTH');
  const friend = await redisClient(redis, 'open sesame');
  expect(await friend.sendCommand(['CL.THROTTLE', 'a', '4', '5', '60'])).toEqual([0, 5, 4, -1, 12]);
  expect((await ask(`${http}/auth`)).status).toBe(401);
  expect((await post(`${http}/v1/check`, { key: 'a', rate: '1/s' })).status).toBe(401);
  const headers = { authorization: 'Bearer open sesame', host: 'shop.test' };
  expect((await ask(`${http}/auth`, { headers })).status).toBe(204);
});

test('a web page that rebinds its name to loopback gets nothing', async () => {
  const { http } = await serve({ policies: FIVE });
  expect((await ask(`${http}/auth`, { headers: { host: 'evil.example' } })).status).toBe(421);
});

test.each([
  [{ listen: '0.0.0.0:0' }, 'listen.not_loopback', '--requirepass-file'],
  [{ http: '[::]:0' }, 'listen.not_loopback', '--requirepass-file'],
  [{ proxy: 'http://127.0.0.1:1', proxyListen: '0.0.0.0:0', policies: FIVE }, 'listen.not_loopback', '--insecure'],
  [{ proxy: 'http://127.0.0.1:1' }, 'limit.no_policy', '--policy'],
  [{ proxy: 'ftp://127.0.0.1', policies: FIVE }, 'limit.bad_upstream', 'http://'],
  [{ proxy: 'http://a@b/', policies: FIVE }, 'limit.bad_upstream', 'http://'],
  [{ policy: '/nowhere/policies.yaml' }, 'limit.bad_policy', undefined],
  [{ policies: 'policies: [{name: a}]' }, 'limit.bad_policy', 'limits:'],
  [{ trustedProxies: '10.0.0.0/8,all' }, 'limit.bad_network', '--trusted-proxies'],
  [{ lissen: '1' }, 'config.invalid', 'listen'],
])('%j is refused before anything is opened', async (options, code, hint) => {
  await expect(serve(options)).rejects.toMatchObject({
    code,
    ...(hint !== undefined && { hint: expect.stringContaining(hint) }),
  });
});

test('a taken port is told with the flag that changes it', async () => {
  const { http } = await serve();
  await expect(serve({ http: new URL(http).host })).rejects.toMatchObject({
    code: 'listen.address_in_use',
    hint: expect.stringContaining('ds limit serve --http 127.0.0.1:'),
  });
});

test('a stop lets go of requests that wait for their turn when the grace ends', async () => {
  const queue = 'policies: [{name: q, limits: [{rate: 1/min, burst: 2, algorithm: leaky-bucket}]}]';
  const { daemon, http } = await serve({ policies: queue });
  expect((await ask(`${http}/auth`)).status).toBe(204);
  const waiting = ask(`${http}/auth`).catch((error: unknown) => error);
  await waitFor(() => daemon.pending().connections > 0);
  const startedAt = performance.now();
  await daemon.stop(200);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  const answer = await waiting;
  expect(answer instanceof Error || (answer as { status: number }).status === 503).toBe(true);
});
