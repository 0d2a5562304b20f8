/** What no SDK sends, and what must never be taken. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { codeOf, readAll, type Sent, type Served, serve, signed } from './serve.js';

async function withBucket(options = {}): Promise<Served> {
  const served = await serve(options);
  expect((await served.ask('PUT', '/shop')).status).toBe(200);
  return served;
}

const md5 = (body: string) => createHash('md5').update(body).digest('base64');

describe('who asks', () => {
  test('is told why he may not, by S3’s codes, and nothing is stored', async () => {
    const served = await withBucket();
    const { ask, askPlain, port, user } = served;
    const unsigned = { 'x-amz-meta-added': 'on the way' };
    expect(codeOf(await ask('PUT', '/shop/a', { body: 'x', unsigned }))).toBe('AccessDenied');
    expect(codeOf(await askPlain('PUT', '/shop/a', { body: 'x' }))).toBe('AccessDenied');
    expect(codeOf(await ask('PUT', '/shop/a?X-Amz-Signature=0', { body: 'x' }))).toBe('InvalidArgument');
    const stranger = { ...user, accessKeyId: 'AKSTRANGER' };
    const headers = (who: typeof user) => ({ headers: signed(port, who, 'GET', '/shop', {}) });
    expect(codeOf(await askPlain('GET', '/shop', headers(stranger)))).toBe('InvalidAccessKeyId');
    expect(codeOf(await askPlain('GET', '/shop', headers({ ...user, secretAccessKey: 'wrong' })))).toBe(
      'SignatureDoesNotMatch',
    );
    expect(codeOf(await ask('PUT', '/shop/a', { body: 'x', payload: '0'.repeat(64) }))).toBe(
      'XAmzContentSHA256Mismatch',
    );
    expect(
      codeOf(await ask('PUT', '/shop/a', { body: 'x', payload: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' })),
    ).toBe('NotImplemented');
    expect(codeOf(await ask('GET', '/shop/a'))).toBe('NoSuchKey');
  });

  test('in an anonymous daemon is whoever reaches it, but for pages of other origins and other names', async () => {
    const { askPlain, port } = await serve({ anonymous: true });
    const host = `127.0.0.1:${port}`;
    expect((await askPlain('PUT', '/shop')).status).toBe(200);
    expect((await askPlain('PUT', '/shop/a', { body: 'x' })).status).toBe(200);
    expect(codeOf(await askPlain('GET', '/shop/a', { headers: { host: 'evil.example' } }))).toBe('AccessDenied');
    const page = { host, origin: 'https://evil.example' };
    expect(codeOf(await askPlain('PUT', '/shop/b', { body: 'x', headers: page }))).toBe('AccessDenied');
    expect(codeOf(await askPlain('GET', '/shop/a?response-content-type=text/html'))).toBe('InvalidRequest');
    const cors =
      '<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod></CORSRule></CORSConfiguration>';
    expect((await askPlain('PUT', '/shop?cors', { body: cors })).status).toBe(200);
    expect(await askPlain('PUT', '/shop/b', { body: 'x', headers: page })).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': 'https://evil.example' },
    });
    const preflight = { ...page, 'access-control-request-method': 'PUT' };
    expect((await askPlain('OPTIONS', '/shop/b', { headers: preflight })).status).toBe(200);
    expect(
      codeOf(
        await askPlain('OPTIONS', '/shop/b', { headers: { ...preflight, 'access-control-request-method': 'GET' } }),
      ),
    ).toBe('AccessForbidden');
  });
});

describe('bodies', () => {
  test('that are not what was announced are refused, and nothing is stored', async () => {
    const { ask } = await withBucket();
    const put = async (sent: Sent) => codeOf(await ask('PUT', '/shop/a', sent));
    const crc = { 'x-amz-checksum-crc32': 'AAAAAA==' };
    expect(await put({ body: 'x', headers: crc })).toBe('BadDigest');
    expect(await put({ body: 'x', headers: { 'content-md5': md5('y') } })).toBe('BadDigest');
    expect(await put({ body: 'x', headers: { 'content-md5': 'no' } })).toBe('InvalidDigest');
    const chunked = (text: string, size = 5) => ({
      body: text,
      payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      headers: {
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': String(size),
        'x-amz-trailer': 'x-amz-checksum-crc32',
      },
    });
    const frame = '5\r\nhello\r\n0\r\n';
    expect(await put(chunked(`${frame}x-amz-checksum-crc32:AAAAAA==\r\n\r\n`))).toBe('BadDigest');
    expect(await put(chunked(`${frame}x-amz-checksum-crc32:NhCmhg==\r\n\r\n`, 4))).toMatch(
      /IncompleteBody|InvalidRequest/,
    );
    expect(await put(chunked('fffffffffffffffff\r\n'))).toBe('InvalidRequest');
    expect(await put(chunked('5\r\nhel'))).toBe('IncompleteBody');
    const signedChunks = {
      ...chunked(`5;chunk-signature=${'0'.repeat(64)}\r\nhello\r\n0;chunk-signature=${'0'.repeat(64)}\r\n\r\n`),
      payload: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    };
    const { 'x-amz-trailer': _, ...headers } = signedChunks.headers;
    expect(await put({ ...signedChunks, headers })).toBe('SignatureDoesNotMatch');
    expect(codeOf(await ask('GET', '/shop/a'))).toBe('NoSuchKey');

    const right = await ask('PUT', '/shop/a', chunked(`${frame}x-amz-checksum-crc32:NhCmhg==\r\n\r\n`));
    expect(right).toMatchObject({ status: 200, headers: { 'x-amz-checksum-crc32': 'NhCmhg==' } });
    expect(await ask('GET', '/shop/a', { headers: { 'x-amz-checksum-mode': 'ENABLED' } })).toMatchObject({
      text: 'hello',
      headers: { 'x-amz-checksum-crc32': 'NhCmhg==' },
    });
  });

  test('that end early, or have no length, store nothing', async () => {
    const { ask, raw, port, user } = await withBucket();
    const head = (headers: Record<string, string>) =>
      `PUT /shop/a HTTP/1.1\r\n${Object.entries(
        signed(port, user, 'PUT', '/shop/a', { payload: 'UNSIGNED-PAYLOAD', headers }),
      )
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`;
    const early = raw(`${head({ 'content-length': '100' })}only this`);
    await waitFor(() => early.bytesWritten > 0);
    early.end();
    await readAll(early);
    expect(await readAll(raw(`${head({ connection: 'close' })}`))).toMatch(/411[\s\S]*MissingContentLength/);
    expect(
      await readAll(raw(`${head({ connection: 'close', 'transfer-encoding': 'chunked' })}1\r\nx\r\n0\r\n\r\n`)),
    ).toContain('MissingContentLength');
    expect(codeOf(await ask('GET', '/shop/a'))).toBe('NoSuchKey');
  });

  test('are asked for by 100 Continue only of who may send them', async () => {
    const { raw, port, user } = await withBucket();
    const sent = {
      payload: 'UNSIGNED-PAYLOAD',
      headers: { 'content-length': '5', expect: '100-continue', connection: 'close' },
    };
    const lines = (headers: Record<string, string>, path = '/shop/a') =>
      `PUT ${path} HTTP/1.1\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`;
    const allowed = raw(lines(signed(port, user, 'PUT', '/shop/a', sent)));
    let text = '';
    allowed.on('data', (piece) => {
      text += piece;
    });
    await waitFor(() => text.includes('100 Continue'));
    allowed.write('hello');
    await waitFor(() => /200 OK/.test(text));
    for (const refused of [
      lines({ host: 'x', ...sent.headers }),
      lines(signed(port, user, 'PUT', '/none/a', sent), '/none/a'),
    ]) {
      const answer = await readAll(raw(refused));
      expect(answer).toMatch(/^HTTP\/1\.1 40[34]/);
      expect(answer).not.toContain('100 Continue');
    }
  });

  test('that come too slowly are given up', async () => {
    const clock = new ManualClock();
    const { askPlain, raw } = await serve({ anonymous: true }, clock);
    await askPlain('PUT', '/shop');
    const slow = raw(`PUT /shop/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(10)}`);
    const answer = readAll(slow);
    const passing = setInterval(() => clock.advance(3_000), 5);
    expect(await answer.finally(() => clearInterval(passing))).toMatch(/^HTTP\/1\.1 400[\s\S]*RequestTimeout/);
    expect(codeOf(await askPlain('GET', '/shop/a'))).toBe('NoSuchKey');
  });
});

describe('requests', () => {
  test('name keys as they are: nothing is resolved, nothing decoded twice', async () => {
    const { ask } = await withBucket();
    for (const [path, key] of [
      ['/shop/../../etc/passwd', '../../etc/passwd'],
      ['/shop//a//', '/a//'],
      ['/shop/%252e%252e/%2B', '%2e%2e/+'],
      ['/shop/a%00b', 'a\0b'],
    ] as const) {
      expect((await ask('PUT', path, { body: key })).status).toBe(200);
      expect((await ask('GET', path)).text).toBe(key);
    }
    const { text } = await ask('GET', '/shop?encoding-type=url');
    expect([...text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => decodeURIComponent(key))).toEqual([
      '%2e%2e/+',
      '../../etc/passwd',
      '/a//',
      'a\0b',
    ]);
    const copy = (source: string) => ask('PUT', '/shop/copied', { headers: { 'x-amz-copy-source': source } });
    expect((await copy('/shop/..%2F..%2Fetc/passwd')).status).toBe(200);
    expect((await ask('GET', '/shop/copied')).text).toBe('../../etc/passwd');
    expect(codeOf(await copy('/../blob.db'))).toMatch(/NoSuchBucket|InvalidBucketName/);
    for (const path of ['/shop/%zz', '/shop/%ff', '/shop/%c0%af'])
      expect(codeOf(await ask('GET', path))).toBe('InvalidURI');
    expect(codeOf(await ask('PUT', `/shop/${'a'.repeat(1025)}`, { body: 'x' }))).toBe('KeyTooLongError');
  });

  test('with documents that are bombs, too large, or no documents', async () => {
    const { ask } = await withBucket();
    const remove = async (body: string, headers: Record<string, string> = { 'content-md5': md5(body) }) =>
      codeOf(await ask('POST', '/shop?delete', { body, headers }));
    const bomb = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "${'b'.repeat(99)}"><!ENTITY c "&b;&b;">]><Delete><Object><Key>&c;</Key></Object></Delete>`;
    expect(await remove(bomb)).toBe('MalformedXML');
    expect(await remove('<Delete><Object><Key>a</Key></Object></Delete>', {})).toBe('InvalidRequest');
    expect(await remove(`<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`)).toBe('MalformedXML');
    expect(await remove(`${'<a>'.repeat(50)}${'</a>'.repeat(50)}`)).toBe('MalformedXML');
    expect(await remove(`<Delete>${' '.repeat(2 ** 21)}</Delete>`)).toBe('MaxMessageLengthExceeded');
    expect(await remove('<Delete><Object><Key>a</Key></Object></Delete>', { 'content-md5': md5('other') })).toBe(
      'BadDigest',
    );
    const thousand = `<Delete><Quiet>true</Quiet>${'<Object><Key>a</Key></Object>'.repeat(1000)}</Delete>`;
    expect(
      await ask('POST', '/shop?delete', { body: thousand, headers: { 'content-md5': md5(thousand) } }),
    ).toMatchObject({ status: 200 });
  });

  test('for what there is not are refused by its name, and never taken for something else', async () => {
    const { ask } = await withBucket();
    for (const [method, target, name] of [
      ['PUT', '/shop?policy', 'PutBucketPolicy'],
      ['PUT', '/shop/a?retention', 'PutObjectRetention'],
      ['PUT', '/shop/a?novelty', 'novelty'],
      ['POST', '/shop', 'PostObject'],
      ['GET', '/shop?analytics&id=1', 'Analytics'],
    ] as const) {
      const answer = await ask(method, target, { body: method === 'GET' ? '' : 'x' });
      expect([answer.status, codeOf(answer)]).toEqual([501, 'NotImplemented']);
      expect(answer.text).toContain(name);
    }
    const refused = async (headers: Record<string, string>) =>
      codeOf(await ask('PUT', '/shop/a', { body: 'x', headers }));
    expect(await refused({ 'x-amz-server-side-encryption': 'AES256' })).toBe('NotImplemented');
    expect(await refused({ 'x-amz-acl': 'log-delivery-write' })).toBe('NotImplemented');
    expect(await refused({ 'x-amz-storage-class': 'GLACIER' })).toBe('InvalidStorageClass');
    expect(await refused({ 'x-amz-expected-bucket-owner': '123456789012' })).toBe('AccessDenied');
    expect(codeOf(await ask('DELETE', '/'))).toBe('MethodNotAllowed');
    expect(codeOf(await ask('GET', '/shop/a'))).toBe('NoSuchKey');
  });

  test('that are no HTTP, or too large a head, get an answer and end the connection', async () => {
    const { raw } = await withBucket();
    const pipelined = await readAll(raw('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n\x00garbage\r\n\r\n'));
    expect(pipelined).toMatch(/^HTTP\/1\.1 403[\s\S]*AccessDenied/);
    expect(await readAll(raw('no HTTP at all\r\n\r\n'))).toMatch(/^HTTP\/1\.1 400[\s\S]*BadRequest/);
    expect(await readAll(raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`))).toContain(
      'RequestHeaderSectionTooLarge',
    );
    const many = Array.from({ length: 300 }, (_, index) => `X-${index}: 1\r\n`).join('');
    expect(await readAll(raw(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${many}\r\n`))).toContain(
      'RequestHeaderSectionTooLarge',
    );
    expect(
      await readAll(
        raw('PUT /shop/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
      ),
    ).toMatch(/^HTTP\/1\.1 400/);
  });

  test('garbage behind a request that is being answered lets the answer end, however many packets it comes in', async () => {
    const { askPlain, raw } = await serve({ anonymous: true });
    const body = 'x'.repeat(12_000_000);
    expect((await askPlain('PUT', '/shop')).status).toBe(200);
    expect((await askPlain('PUT', '/shop/large', { body })).status).toBe(200);
    const warnings: Error[] = [];
    const warned = (warning: Error) => void warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const socket = raw('GET /shop/large HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.setNoDelay(true).pause();
    await once(socket, 'readable');
    for (let packet = 0; packet < 30; packet++) {
      await new Promise<void>((resolve) => socket.write('\x00garbage\r\n', () => resolve()));
      await nextTurn();
    }
    const answer = await readAll(socket);
    expect([answer.slice(0, 12), answer.length > body.length]).toEqual(['HTTP/1.1 200', true]);
    expect(warnings).toEqual([]);
  });
});
