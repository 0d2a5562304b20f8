import { expect, test } from 'vitest';
import { ask, post } from '../../limit/server/serve.js';
import { listOf, serve } from './serve.js';

const NAME = 'shop/nightly:backup@eu';
const JOB_A = { name: 'a', command: 'true' };
const PATH = `/v1/jobs/${encodeURIComponent(NAME)}`;

test('without the token nobody reads or makes jobs, on this machine neither', async () => {
  const { http, api } = await serve({ workers: 0 });
  for (const path of ['/v1/jobs', '/v1/status', '/v1/runs', '/v1/runs/1/output']) {
    expect(await ask(`${http}${path}`)).toMatchObject({
      ...{ status: 401, headers: { 'www-authenticate': 'Bearer' } },
      json: {
        code: 'http.unauthorized',
        detail: 'a bearer token is needed, and none was sent; the header is Authorization: Bearer TOKEN',
      },
    });
  }
  expect(await post(`${http}/v1/jobs`, { name: 'a', command: 'true' })).toMatchObject({ status: 401 });
  const wrong = await ask(`${http}/v1/jobs`, { headers: { authorization: 'Bearer wrong' } });
  expect(wrong.json['detail']).toMatch(/^the bearer token is not the right one; the header is /);
  const basic = await ask(`${http}/v1/jobs`, { headers: { authorization: 'Basic YTpi' } });
  expect(basic.json['detail']).toMatch(/, and Authorization holds something else; /);
  expect(wrong.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect((await api('GET', '/v1/jobs')).json).toEqual({ jobs: [] });
});

test('jobs are made, read, replaced, paused, run and deleted, whatever signs their names have', async () => {
  const { api } = await serve({ workers: 0 });
  const made = await api('POST', '/v1/jobs', { name: NAME, command: 'true', schedule: '@every 1h', retries: 2 });
  expect(made).toMatchObject({
    status: 201,
    json: { name: NAME, spec: { command: 'true', schedule: '@every 1h', tz: 'UTC', retries: 2 }, paused: false },
  });
  expect(made.headers['cache-control']).toBe('no-store');
  expect(await api('POST', '/v1/jobs', { name: NAME, command: 'true' })).toMatchObject({
    ...{ status: 409, json: { code: 'cron.job_exists', status: 409 } },
  });
  expect((await api('GET', PATH)).json).toEqual(made.json);
  const replaced = await api('PUT', PATH, { http: { url: 'https://shop.example/' } });
  expect(replaced.json).toMatchObject({ name: NAME, spec: { http: { url: 'https://shop.example/' } } });
  const until = '2100-01-01T00:00:00.000Z';
  expect((await api('POST', `${PATH}/pause`, { reason: 'moving', until })).json).toMatchObject({
    ...{ paused: true, pause_reason: 'moving', paused_until: until },
  });
  expect((await api('POST', `${PATH}/pause`)).json).toMatchObject({ paused: true });
  expect((await api('POST', `${PATH}/resume`)).json).toMatchObject({ paused: false });
  const run = await api('POST', `${PATH}/run`);
  expect(run).toMatchObject({ status: 202, json: { job: NAME, state: 'queued', trigger: 'manual' } });
  const since = encodeURIComponent(String(run.json['slot']));
  const found = await api('GET', `/v1/runs?job=${encodeURIComponent(NAME)}&state=queued,failed&since=${since}`);
  expect(listOf(found.json['runs'])).toEqual([run.json]);
  expect((await api('GET', `/v1/runs/${run.json['id']}`)).json).toEqual(run.json);
  expect((await api('GET', `/v1/runs/${run.json['id']}/output`)).json).toEqual({ chunks: [] });
  expect((await api('POST', `/v1/runs/${run.json['id']}/cancel`)).json).toMatchObject({ state: 'cancelled' });
  const put = [
    { name: 'a', command: 'true' },
    { name: 'b', command: 'true', after: 'a' },
  ];
  expect(await api('POST', '/v1/apply', { put, remove: [NAME] })).toMatchObject({ status: 204, text: '' });
  expect(listOf((await api('GET', '/v1/jobs')).json['jobs']).map(({ name }) => name)).toEqual(['a', 'b']);
  expect((await api('DELETE', '/v1/jobs/b')).status).toBe(204);
  expect(await api('GET', '/v1/jobs/b')).toMatchObject({ status: 404, json: { code: 'cron.no_such_job' } });
});

test('what cannot be meant is refused, and told which', async () => {
  const { api, http, token } = await serve({ workers: 0 });
  await api('POST', '/v1/jobs', { name: 'a', command: 'true' });
  const refusals: [string, string, unknown, number, string, RegExp][] = [
    ['POST', '/v1/jobs', { name: 'b c', command: 'true' }, 400, 'cron.bad_job', /^the body: name is "b c"/],
    ['POST', '/v1/jobs', { name: 'b', command: 'true', comand: 'x' }, 400, 'cron.bad_job', /no key "comand"/],
    ['POST', '/v1/jobs', { name: 'b', command: 'true', schedule: '*/0 * * * *' }, 400, 'cron.bad_expression', /minute/],
    ['POST', '/v1/jobs', { name: 'b', command: 'true', schedule: '0 0 30 2 *' }, 400, 'cron.impossible_schedule', /./],
    ['POST', '/v1/jobs', { name: 'b', command: 'a\0b' }, 400, 'cron.bad_job', /NUL/],
    ['POST', '/v1/jobs', { name: 'b', command: 'true', after: 'c' }, 400, 'cron.bad_job', /no job of this name/],
    ['POST', '/v1/jobs', [1], 400, 'cron.bad_job', /the body/],
    ['PUT', '/v1/jobs/a', 'text', 400, 'cron.bad_job', /no JSON object/],
    ['PUT', '/v1/jobs/a', { name: 'b', command: 'x' }, 400, 'cron.bad_job', /the name "b", the path "a"/],
    ['POST', '/v1/jobs/a/pause', { until: 'soon' }, 400, 'cron.bad_job', /until is "soon"/],
    ['POST', '/v1/jobs/a/pause', { until: 7 }, 400, 'cron.bad_job', /until is 7/],
    ['POST', '/v1/jobs/a/pause', { reson: 'x' }, 400, 'cron.bad_job', /"reson"/],
    ['POST', '/v1/apply', { put: [], remov: ['a'] }, 400, 'cron.bad_job', /"remov"/],
    ['POST', '/v1/apply', { put: 'a' }, 400, 'cron.bad_job', /put is no list/],
    ['POST', '/v1/apply', { put: [JOB_A, JOB_A] }, 400, 'cron.bad_job', /^a is named twice/],
    ['POST', '/v1/apply', { put: [{ name: 'a' }] }, 400, 'cron.bad_job', /^put\[0\]: /],
    ['GET', '/v1/runs?stat=queued', undefined, 400, 'cron.bad_filter', /no parameter "stat"/],
    ['GET', '/v1/runs?state=done', undefined, 400, 'cron.bad_filter', /state is "done"/],
    ['GET', '/v1/runs?since=soon', undefined, 400, 'cron.bad_filter', /since is "soon"/],
    ['GET', '/v1/runs?limit=0', undefined, 400, 'cron.bad_filter', /limit is "0"/],
    ['GET', '/v1/runs?job=a&job=b', undefined, 400, 'cron.bad_filter', /job is given more than once/],
    ['GET', '/v1/runs?job=b', undefined, 404, 'cron.no_such_job', /./],
    ['GET', '/v1/runs/one', undefined, 400, 'cron.bad_filter', /the number of a run is "one"/],
    ['GET', '/v1/runs/99', undefined, 404, 'cron.no_such_run', /./],
    ['GET', '/v1/runs/1/output?aftr=3', undefined, 400, 'cron.bad_filter', /no parameter "aftr"/],
    ['GET', `/v1/jobs/${'a'.repeat(385)}`, undefined, 414, 'http.bad_request', /./],
    ['GET', '/v2', undefined, 404, 'http.not_found', /\/v1\/jobs/],
  ];
  for (const [method, path, body, status, code, detail] of refusals) {
    const answer = await api(method as 'GET', path, body);
    expect({ path, body, ...answer }).toMatchObject({
      ...{ status, json: { status, code, detail: expect.stringMatching(detail) } },
      headers: { 'content-type': expect.stringMatching(/^application\/problem\+json/) },
    });
  }
  const send = (type: string, body: string) =>
    ask(`${http}/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body,
    });
  expect(await send('application/json', '{')).toMatchObject({ status: 400, json: { code: 'http.bad_request' } });
  expect(await send('text/yaml', 'name: a')).toMatchObject({ status: 415 });
  expect(await send('application/json', `"${'x'.repeat(4 * 1024 ** 2)}"`)).toMatchObject({ status: 413 });
  expect(listOf((await api('GET', '/v1/jobs')).json['jobs'])).toHaveLength(1);
});
