import { describe, expect, test } from 'vitest';
import { codeOf, serve } from './serve.js';

describe('objects over HTTP', () => {
  test('are put, read whole and in ranges, told by HEAD, and deleted', async () => {
    const { ask } = await serve();
    expect((await ask('PUT', '/shop')).status).toBe(200);
    const put = await ask('PUT', '/shop/a%2Fb%20c%2B+.txt', {
      body: 'hello',
      headers: { 'content-type': 'text/plain', 'x-amz-meta-colour': 'blue' },
    });
    expect(put).toMatchObject({ status: 200, headers: { etag: '"5d41402abc4b2a76b9719d911017c592"' } });
    const key = '/shop/a/b%20c%2B%2B.txt';
    expect(await ask('GET', key)).toMatchObject({ status: 200, text: 'hello' });
    expect(await ask('GET', key, { headers: { range: 'bytes=1-2' } })).toMatchObject({ status: 206, text: 'el' });
    const head = await ask('HEAD', key);
    expect(head).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-length': '5', 'content-type': 'text/plain', 'x-amz-meta-colour': 'blue' },
    });
    expect(codeOf(await ask('GET', key, { headers: { range: 'bytes=9-' } }))).toBe('InvalidRange');
    expect(await ask('DELETE', key)).toMatchObject({ status: 204 });
    expect(codeOf(await ask('GET', key))).toBe('NoSuchKey');
    const large = Buffer.alloc(3_000_000, 'ds blob ');
    expect((await ask('PUT', '/shop/large', { body: large })).status).toBe(200);
    expect((await ask('GET', '/shop/large')).bytes.equals(large)).toBe(true);
  });
});
