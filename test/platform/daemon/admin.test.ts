import { Registry } from 'prom-client';
import { request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { type AdminRequest, registerBuildInfo, startAdmin } from '../../../src/platform/daemon/admin.js';

async function admin(overrides: Partial<AdminRequest> = {}) {
  const metrics = new Registry();
  registerBuildInfo(metrics, 'seq', '1.2.3');
  const endpoint = await startAdmin({
    address: { host: '127.0.0.1', port: 0 },
    metrics,
    checkReady: async () => {},
    open: false,
    ...overrides,
  });
  onTestFinished(() => endpoint.close());
  return async (path: string, options: Parameters<typeof request>[1] = {}) => {
    const { statusCode, headers, body } = await request(endpoint.url + path, options);
    return { statusCode, headers, text: await body.text() };
  };
}

test('a live daemon is healthy, ready, and tells its build', async () => {
  const get = await admin();
  expect(await get('/healthz')).toMatchObject({ statusCode: 200, text: 'ok\n' });
  expect(await get('/readyz')).toMatchObject({ statusCode: 200 });
  const metrics = await get('/metrics');
  expect(metrics.headers['content-type']).toContain('text/plain; version=0.0.4');
  expect(metrics.text).toContain('ds_build_info{block="seq",version="1.2.3"');
});

test('a daemon that cannot serve is healthy but not ready, and says why', async () => {
  const get = await admin({ checkReady: () => Promise.reject(new Error('the disk is full')) });
  expect(await get('/healthz')).toMatchObject({ statusCode: 200 });
  expect(await get('/readyz')).toMatchObject({ statusCode: 503, text: 'not ready: the disk is full\n' });
});

test('with a secret, metrics are for those who know it; probes stay open', async () => {
  const get = await admin({ secret: 'open sesame' });
  expect(await get('/healthz')).toMatchObject({ statusCode: 200 });
  expect(await get('/metrics')).toMatchObject({ statusCode: 401 });
  expect(await get('/metrics', { headers: { authorization: 'Bearer guess' } })).toMatchObject({ statusCode: 401 });
  expect(await get('/metrics', { headers: { authorization: 'Bearer open sesame' } })).toMatchObject({
    statusCode: 200,
  });
});

test('other names, methods, paths and endless headers are refused', async () => {
  const get = await admin();
  expect(await get('/metrics', { headers: { host: 'evil.example' } })).toMatchObject({ statusCode: 421 });
  expect(await get('/metrics', { method: 'POST' })).toMatchObject({ statusCode: 405 });
  expect(await get('/secrets')).toMatchObject({ statusCode: 404 });
  expect(await get('/healthz', { headers: { 'x-long': 'x'.repeat(10_000) } })).toMatchObject({ statusCode: 431 });
});
