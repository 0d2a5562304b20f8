import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../../../helpers/wait-for.js';
import { ask, serve } from './serve.js';

const BY_CLIENT = `
policies:
  - name: login
    match: {path: /login, method: POST, host: "*.test"}
    key: [client]
    limits: [{name: burst, rate: 2/min}]
`;

/** What each proxy sends for one and the same request of 203.0.113.7. */
const PROXIES = {
  nginx: {
    'x-original-uri': '/login?next=/',
    'x-original-method': 'POST',
    'x-original-host': 'shop.test',
    'x-forwarded-for': '203.0.113.7',
  },
  'ingress-nginx': {
    'x-original-url': 'https://shop.test/login?next=/',
    'x-original-method': 'POST',
    'x-forwarded-for': '203.0.113.7',
  },
  Caddy: {
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-host': 'shop.test',
    'x-forwarded-proto': 'https',
    'x-forwarded-method': 'POST',
    'x-forwarded-uri': '/login?next=/',
    via: '2.0 Caddy',
  },
  Traefik: {
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-host': 'shop.test',
    'x-forwarded-method': 'POST',
    'x-forwarded-proto': 'https',
    'x-forwarded-uri': '/login?next=/',
    'x-forwarded-port': '443',
    'x-forwarded-server': 'traefik',
    'x-real-ip': '203.0.113.7',
  },
} as const;

test.each(Object.entries(PROXIES))(
  '%s is answered 204 until the limit is used up, then 429',
  async (_name, headers) => {
    const { http } = await serve({ policies: BY_CLIENT });
    const auth = (more: Record<string, string> = {}) => ask(`${http}/auth`, { headers: { ...headers, ...more } });
    const first = await auth();
    expect(first).toMatchObject({
      status: 204,
      text: '',
      headers: {
        ratelimit: '"login/burst";r=1;t=30',
        'ratelimit-policy': '"login/burst";q=2;w=60',
        'cache-control': 'no-store',
      },
    });
    expect((await auth()).status).toBe(204);
    const refused = await auth();
    expect(refused).toMatchObject({ status: 429, json: { 'violated-policies': ['login/burst'] } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await auth({ 'x-forwarded-for': '198.51.100.1' })).status).toBe(204);
  },
);

test('nginx, which knows no 429, gets the status it asks for', async () => {
  const { http } = await serve({ policies: BY_CLIENT });
  const auth = () => ask(`${http}/auth?status=403`, { headers: PROXIES.nginx, method: 'HEAD' });
  await auth();
  await auth();
  const refused = await auth();
  expect(refused).toMatchObject({ status: 403, text: '' });
  expect(refused.headers['retry-after']).toBeDefined();
});

test('a request that no policy is for passes, without fields', async () => {
  const { http } = await serve({ policies: BY_CLIENT });
  const answer = await ask(`${http}/auth`, { headers: { ...PROXIES.nginx, 'x-original-method': 'GET' } });
  expect(answer.status).toBe(204);
  expect(answer.headers).not.toHaveProperty('ratelimit');
});

test('who is not trusted is judged as what it is, whatever it says', async () => {
  const all = 'policies: [{name: all, key: [client, path], limits: [{rate: 2/min}]}]';
  const { http } = await serve({ policies: all, trustedProxies: '10.0.0.0/8' });
  for (const [index, status] of [204, 204, 429].entries()) {
    const headers = { ...PROXIES.nginx, 'x-original-uri': `/${index}`, 'x-forwarded-for': `203.0.113.${index}` };
    expect((await ask(`${http}/auth`, { headers })).status).toBe(status);
  }
});

test('a client cannot add the address or the URI that its proxy does not set', async () => {
  const { http } = await serve({ policies: BY_CLIENT });
  // nginx appends to what the client sent.
  for (const [index, status] of [204, 204, 429].entries()) {
    const headers = {
      ...PROXIES.nginx,
      'x-forwarded-for': `192.0.2.${index}, 203.0.113.7`,
      forwarded: `for=192.0.2.${index}`,
    };
    expect((await ask(`${http}/auth`, { headers })).status).toBe(status);
  }
  const both = { ...PROXIES.Traefik, 'x-original-uri': '/harmless' };
  expect(await ask(`${http}/auth`, { headers: both })).toMatchObject({
    status: 400,
    json: { code: 'limit.bad_request' },
  });
  // A method of the other family is not read.
  const mixed = { ...PROXIES.nginx, 'x-forwarded-method': 'GET', 'x-forwarded-host': 'elsewhere' };
  expect((await ask(`${http}/auth`, { headers: mixed })).status).toBe(429);
});

test('what Caddy leaves of the client’s query behind /auth says nothing', async () => {
  const { http } = await serve({ policies: BY_CLIENT });
  const headers = { ...PROXIES.Caddy, 'x-forwarded-uri': '/login?status=403' };
  const auth = (query: string) => ask(`${http}/auth${query}`, { headers });
  expect((await auth('?status=403')).status).toBe(204);
  expect((await auth('?status=403')).status).toBe(204);
  expect((await auth('?status=403')).status).toBe(429);
  // The query of another request is the proxy's own.
  expect((await auth('?status=404')).status).toBe(400);
});

test('without policies, or with a parameter that nobody knows, nothing passes', async () => {
  const none = await serve();
  expect(await ask(`${none.http}/auth`)).toMatchObject({ status: 400, json: { code: 'limit.no_policy' } });
  const some = await serve({ policies: BY_CLIENT });
  expect((await ask(`${some.http}/auth?status=200`)).status).toBe(400);
  expect((await ask(`${some.http}/auth?stauts=403`)).status).toBe(400);
});

test('a blocked key is told how long', async () => {
  const { http, redis } = await serve({ policies: BY_CLIENT });
  const socket = connect(Number(new URL(redis).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write('LIMIT.BLOCK 203.0.113.7 3600000000\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  const answer = await ask(`${http}/auth`, { headers: PROXIES.Caddy });
  expect(answer).toMatchObject({ status: 429, json: { detail: 'the key is blocked' } });
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(3_590);
});

test('a leaky bucket holds the answer until its turn', async () => {
  const queue = 'policies: [{name: q, key: [client], limits: [{rate: 5/s, burst: 3, algorithm: leaky-bucket}]}]';
  const { http } = await serve({ policies: queue });
  const startedAt = performance.now();
  const answers = await Promise.all(Array.from({ length: 4 }, () => ask(`${http}/auth`)));
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 204, 204, 429]);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(399);
});

test('a wait of more than a minute is refused, and its place given back', async () => {
  const queue = 'policies: [{name: q, key: [client], limits: [{rate: 1/h, burst: 3, algorithm: leaky-bucket}]}]';
  const { http } = await serve({ policies: queue });
  expect((await ask(`${http}/auth`)).status).toBe(204);
  for (let index = 0; index < 3; index++) {
    const refused = await ask(`${http}/auth`);
    expect(refused.status).toBe(429);
    // The first place in the queue each time: nobody stands in it.
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3_590);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(3_600);
  }
});

test('a client that goes away while it waits is not waited for', async () => {
  const queue = 'policies: [{name: q, key: [client], limits: [{rate: 2/min, burst: 3, algorithm: leaky-bucket}]}]';
  const { daemon, http, metrics } = await serve({ policies: queue });
  await ask(`${http}/auth`);
  const socket = connect(Number(new URL(http).port), '127.0.0.1');
  socket.write('GET /auth HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await waitFor(async () => (await metrics.metrics()).includes('outcome="allowed"} 2'));
  socket.destroy();
  const startedAt = performance.now();
  await daemon.stop(5_000);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test('a place under a concurrency limit is kept until its time runs out', async () => {
  const places = 'policies: [{name: p, key: [client], limits: [{rate: 1/300ms, algorithm: concurrency}]}]';
  const { http } = await serve({ policies: places });
  const answers = await Promise.all([ask(`${http}/auth`), ask(`${http}/auth`)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 429]);
  await waitFor(async () => (await ask(`${http}/auth`)).status === 204);
});
