import { expect, test } from 'vitest';
import { ask, post, serve } from './serve.js';

const POLICIES = `
policies:
  - name: login
    match: {path: /login, method: POST}
    key: [client]
    limits: [{name: burst, rate: 2/min}, {name: day, rate: 100/d}]
  - name: watch
    key: []
    limits: [{rate: 1/h}]
    shadow: true
`;

test('a limit is used up and told in fields, JSON and problem+json', async () => {
  const { http } = await serve();
  const check = () => post(`${http}/v1/check`, { key: 'alice', rate: '2/min' });
  const first = await check();
  expect(first).toMatchObject({
    status: 200,
    headers: {
      'ratelimit-policy': '"default";q=2;w=60',
      ratelimit: '"default";r=1;t=30',
      'cache-control': 'no-store',
    },
    json: { allowed: true, decisions: [{ state: 'allowed', limit: 2, remaining: 1, retry_after_ms: 0 }] },
  });
  expect(first.headers).not.toHaveProperty('retry-after');
  expect(first.headers).not.toHaveProperty('x-ratelimit-limit');
  await check();
  const refused = await check();
  expect(refused).toMatchObject({
    status: 429,
    headers: { 'content-type': expect.stringContaining('application/problem+json'), 'cache-control': 'no-store' },
    json: {
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      allowed: false,
      'violated-policies': [''],
      decisions: [{ state: 'limited', remaining: 0 }],
    },
  });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(28);
  expect(refused.json['retry_after_ms']).toBeGreaterThan(28_000);
});

test('several limits are taken all or none, and a peek takes nothing', async () => {
  const { http } = await serve();
  const limits = [
    { name: 'small', rate: '1/min' },
    { name: 'large', rate: '10/min', cost: 3 },
  ];
  const check = (more = {}) => post(`${http}/v1/check`, { key: 'k', limits, ...more });
  expect((await check({ peek: true })).json).toMatchObject({ allowed: true });
  expect((await check()).json).toMatchObject({ decisions: [{ remaining: 0 }, { scope: 'large', remaining: 7 }] });
  const refused = await check();
  expect(refused.json).toMatchObject({
    allowed: false,
    'violated-policies': ['small'],
    decisions: [{ state: 'limited' }, { remaining: 7 }],
  });
});

test('more than a limit ever lets through is never allowed', async () => {
  const { http } = await serve();
  const { status, json } = await post(`${http}/v1/check`, { key: 'k', rate: '5/min', cost: 6 });
  expect(status).toBe(429);
  expect(json).toMatchObject({ retry_after_ms: null });
});

test('a leaky bucket tells the delay, and does not wait for it', async () => {
  const { http } = await serve();
  const check = () => post(`${http}/v1/check`, { key: 'k', rate: '1/min', burst: 3, algorithm: 'leaky-bucket' });
  await check();
  const { json } = await check();
  expect(json).toMatchObject({ allowed: true });
  expect(json['delay_ms']).toBeGreaterThan(58_000);
});

test('the policies of the daemon are applied to a request that is described', async () => {
  const { http } = await serve({ policies: POLICIES, legacyHeaders: true });
  const request = { method: 'POST', path: '/login', host: 'shop.test', client: '203.0.113.7', headers: { 'X-A': 'b' } };
  const check = () => post(`${http}/v1/check`, { request });
  const first = await check();
  expect(first.headers).toMatchObject({
    'ratelimit-policy': '"login/burst";q=2;w=60, "login/day";q=100;w=86400',
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '1',
  });
  await check();
  expect((await check()).json).toMatchObject({
    'violated-policies': ['login/burst'],
    decisions: [{ scope: 'login/burst' }, { scope: 'login/day' }, { scope: 'watch/1', shadow: true }],
  });
  const elsewhere = await post(`${http}/v1/check`, { request: { ...request, path: '/' } });
  expect(elsewhere).toMatchObject({ status: 200, json: { allowed: true, decisions: [{ shadow: true }] } });
  expect(elsewhere.headers).not.toHaveProperty('ratelimit');
});

test('what was taken is given back: a cost, a lease, a limit of a policy', async () => {
  const { http } = await serve({ policies: POLICIES });
  await post(`${http}/v1/check`, { key: 'k', rate: '5/min', cost: 5 });
  const cost = await post(`${http}/v1/refund`, { key: 'k', rate: '5/min', cost: 2 });
  expect(cost).toMatchObject({
    status: 200,
    headers: { ratelimit: '"default";r=2;t=12', 'ratelimit-policy': '"default";q=5;w=60' },
    json: { limit: 5, remaining: 2 },
  });

  const places = { key: 'p', rate: '1/min', algorithm: 'concurrency' };
  const taken = await post(`${http}/v1/check`, places);
  expect((await post(`${http}/v1/check`, places)).status).toBe(429);
  const [{ lease } = { lease: undefined }] = taken.json['decisions'] as { lease?: number }[];
  expect((await post(`${http}/v1/refund`, { ...places, lease })).json).toMatchObject({ remaining: 1 });
  expect((await post(`${http}/v1/check`, places)).status).toBe(200);

  const request = { method: 'POST', path: '/login', client: '203.0.113.7' };
  await post(`${http}/v1/check`, { request });
  const back = await post(`${http}/v1/refund`, { scope: 'login/burst', key: '203.0.113.7' });
  expect(back.json).toMatchObject({ limit: 2, remaining: 2 });
});

test.each([
  ['not json', 400, 'http.bad_request', ''],
  [[1], 400, 'limit.bad_request', 'not a JSON object'],
  [{ rate: '1/s' }, 400, 'limit.bad_request', 'no key'],
  [{ key: 'a' }, 400, 'limit.bad_request', 'no rate'],
  [{ key: 7, rate: '1/s' }, 400, 'limit.bad_request', 'key'],
  [{ key: '', rate: '1/s' }, 400, 'limit.bad_key', ''],
  [{ key: 'a', rate: '0/s' }, 400, 'limit.bad_rate', ''],
  [{ key: 'a', rate: '5/min/day' }, 400, 'limit.bad_rate', ''],
  [{ key: 'a', rate: '1/1000000000000s' }, 400, 'limit.bad_rate', ''],
  [{ key: 'a', rate: '1/s', cost: -1 }, 400, 'limit.bad_cost', ''],
  [{ key: 'a', rate: '1/s', cost: 1.5 }, 400, 'limit.bad_cost', ''],
  [{ key: 'a', rate: '1/s', cost: 'two' }, 400, 'limit.bad_request', 'cost'],
  [{ key: 'a', rate: '1/s', algorithm: 'gcr' }, 400, 'limit.unknown_algorithm', ''],
  [{ key: 'a', rate: '1/s', brst: 5 }, 400, 'limit.bad_request', 'brst'],
  [{ key: 'a', limits: [{ rate: '1/s' }, { rate: '1/d' }] }, 400, 'limit.bad_request', 'needs a name'],
  [{ key: 'a', limits: [] }, 400, 'limit.bad_request', 'limits'],
  [
    { key: 'a', limits: Array.from({ length: 33 }, (_, i) => ({ name: `${i}`, rate: '1/s' })) },
    400,
    'limit.bad_demand',
    '',
  ],
  [{ request: { path: '/' } }, 400, 'limit.no_policy', ''],
  [{ key: 'x'.repeat(70_000), rate: '1/s' }, 413, 'http.bad_request', ''],
])('%j is refused with a problem', async (body, status, code, part) => {
  const { http } = await serve();
  const answer = await post(`${http}/v1/check`, body);
  expect(answer).toMatchObject({ status, json: { status, code, detail: expect.stringContaining(part) } });
  expect(answer.headers['content-type']).toContain('application/problem+json');
});

test.each([
  ['GET', '/v1/check'],
  ['POST', '/auth'],
  ['GET', '/other'],
] as const)('%s %s is not there', async (method, path) => {
  const { http } = await serve();
  expect(await ask(http + path, { method })).toMatchObject({ status: 404, json: { code: 'http.not_found' } });
});
