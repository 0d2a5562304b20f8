/** The daemon around the requests: its credentials, presigned URLs, what it does by itself, how it stops. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { credentialsPath } from '../../../../src/blocks/blob/endpoint/credentials.js';
import { explainRequest } from '../../../../src/blocks/blob/server/explain.js';
import { requestHead } from '../../../../src/blocks/blob/sigv4/head.js';
import { presign } from '../../../../src/blocks/blob/sigv4/sign.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { codeOf, readAll, type Served, serve, signed } from './serve.js';

function presigned({ port, user }: Served, method: string, target: string, nowMs = Date.now()): string {
  const signer = { accessKeyId: user.accessKeyId, secret: user.secretAccessKey, region: 'us-east-1', nowMs };
  const query = presign(requestHead(method, target, ['host', `127.0.0.1:${port}`]), 60, signer);
  return `${target.split('?')[0]}?${query}`;
}

describe('credentials', () => {
  test('are made once, for the owner alone, or come from a file that is named', async () => {
    const { home } = await serve();
    expect(statSync(credentialsPath(home)).mode & 0o777).toBe(0o600);
    const file = join(temporaryFolder(), 'users.ini');
    writeFileSync(file, '[a]\naws_access_key_id = AKONE\naws_secret_access_key = one\n');
    const named = await serve({ credentialsFile: file });
    const user = { profile: 'a', accessKeyId: 'AKONE', secretAccessKey: 'one' };
    expect((await named.askPlain('GET', '/', { headers: signed(named.port, user, 'GET', '/', {}) })).status).toBe(200);
    writeFileSync(file, '[a]\n');
    await expect(serve({ credentialsFile: file })).rejects.toMatchObject({ code: 'blob.bad_credentials_file' });
    await expect(serve({ credentialsFile: `${file}.none` })).rejects.toMatchObject({
      code: 'blob.bad_credentials_file',
    });
    await expect(serve({ anonymous: true, listen: '0.0.0.0:0' })).rejects.toMatchObject({
      code: 'listen.not_loopback',
    });
  });
});

describe('presigned URLs', () => {
  test('do what was signed until they expire; a checksum in their query holds in a strict daemon only', async () => {
    const baked = '/shop/a?x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32&x-amz-meta-by=url';
    for (const strict of [false, true]) {
      const served = await serve({ strict });
      await served.ask('PUT', '/shop');
      const put = await served.askPlain('PUT', presigned(served, 'PUT', baked), { body: 'x' });
      expect([put.status, strict ? codeOf(put) : '']).toEqual(strict ? [400, 'BadDigest'] : [200, '']);
      const get = presigned(served, 'GET', '/shop/a');
      const got = await served.askPlain('GET', get);
      expect(got.status).toBe(strict ? 404 : 200);
      if (!strict) expect(got.headers['x-amz-meta-by']).toBe('url');
      expect(codeOf(await served.askPlain('GET', get.replace('/shop/a', '/shop/b')))).toBe('SignatureDoesNotMatch');
      expect(codeOf(await served.askPlain('GET', presigned(served, 'GET', '/shop/a', Date.now() - 61_000)))).toBe(
        'AccessDenied',
      );
      const twice = { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } };
      expect(codeOf(await served.askPlain('GET', get, twice))).toBe('InvalidArgument');
      expect(codeOf(await served.askPlain('GET', '/shop/a?X-Amz-Algorithm=x&X-Amz-Signature=y'))).toBe(
        'AuthorizationQueryParametersError',
      );
    }
  });
});

describe('the daemon', () => {
  test('puts refused requests on record for ds blob explain, and counts', async () => {
    const served = await serve();
    const wrong = { ...served.user, secretAccessKey: 'another' };
    const answer = await served.askPlain('GET', '/shop', { headers: signed(served.port, wrong, 'GET', '/shop', {}) });
    const request = {
      path: served.daemon.db ?? '',
      requestId: String(answer.headers['x-amz-request-id']),
      ...{ home: served.home, credentialsFile: undefined, theirs: undefined, clock: systemClock },
    };
    const { refusal, explanation } = await explainRequest(request);
    expect(refusal).toMatchObject({ code: 'SignatureDoesNotMatch', method: 'GET', path: '/shop' });
    expect(explanation).toMatchObject({ verdict: 'secret' });
    expect(explanation?.lines.map(({ text }) => text)).toContain(`host:127.0.0.1:${served.port}`);
    const theirs = explanation?.lines.map(({ text }) => text.replace(/^host:.*/, 'host:proxy')).join('\n') ?? '';
    expect(await explainRequest({ ...request, theirs })).toMatchObject({ explanation: { verdict: 'differs' } });
    await expect(explainRequest({ ...request, requestId: 'none' })).rejects.toMatchObject({
      code: 'blob.no_such_request',
    });
    const metrics = await served.metrics.metrics();
    expect(metrics).toContain('ds_blob_requests_total{operation="unknown",status="403"} 1');
    expect(metrics).toContain('ds_blob_buckets 0');
  });

  test('lets one of several conditional writes win', async () => {
    const { ask } = await serve();
    await ask('PUT', '/shop');
    const race = Array.from({ length: 8 }, (_, index) =>
      ask('PUT', '/shop/a', { body: String(index), headers: { 'if-none-match': '*' } }),
    );
    const statuses = (await Promise.all(race)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412 || status === 409)).toHaveLength(7);
  });

  test('gives space back and carries lifecycles out by itself', async () => {
    const { ask, metrics } = await serve({ gcInterval: '20ms', gcGrace: '0', lifecycleInterval: '20ms' });
    await ask('PUT', '/shop');
    const expiration = '<Expiration><Date>2020-01-01T00:00:00Z</Date></Expiration>';
    const rule = `<Rule><Filter><Prefix>old/</Prefix></Filter><Status>Enabled</Status>${expiration}</Rule>`;
    await ask('PUT', '/shop?lifecycle', { body: `<LifecycleConfiguration>${rule}</LifecycleConfiguration>` });
    await ask('PUT', '/shop/kept', { body: 'x' });
    await ask('PUT', '/shop/old/a', { body: 'x' });
    // Counted once it is on disk, which is later than it can be seen.
    await waitFor(async () => (await metrics.metrics()).includes('ds_blob_lifecycle_total{what="expire"} 1'));
    expect((await ask('HEAD', '/shop/old/a')).status).toBe(404);
    expect((await ask('HEAD', '/shop/kept')).status).toBe(200);
    await ask('PUT', '/shop/a', { body: Buffer.alloc(300_000, 'garbage') });
    await ask('DELETE', '/shop/a');
    await waitFor(async () => /ds_blob_gc_total\{what="contents"\} 1/.test(await metrics.metrics()));
  });

  test('answers what is under way before it stops, and says what it cut off', async () => {
    const served = await serve();
    await served.ask('PUT', '/shop');
    const { daemon, port, user, raw } = served;
    const sent = { payload: 'UNSIGNED-PAYLOAD', headers: { 'content-length': '5' } };
    const start = (path: string) => {
      const head = Object.entries(signed(port, user, 'PUT', path, sent)).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      return raw(`PUT ${path} HTTP/1.1\r\n${head.join('')}\r\nhel`);
    };
    const [ends, hangs] = [start('/shop/ends'), start('/shop/hangs')];
    const answers = [readAll(ends), readAll(hangs)];
    await waitFor(async () => (await served.metrics.metrics()).includes('ds_blob_active_requests 2'));
    const stopped = daemon.stop(300);
    ends.write('lo');
    expect(await answers[0]).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*connection: close/i);
    await stopped;
    expect(await answers[1]).toBe('');
    expect(daemon.cutOff?.()).toBe('1 request cut off');
  });
});
