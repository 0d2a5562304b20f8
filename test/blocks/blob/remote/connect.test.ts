import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readS3Url } from '../../../../src/blocks/blob/endpoint/s3-url.js';
import { findLogin, openRemoteBlobStore } from '../../../../src/blocks/blob/remote/index.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { DsError } from '../../../../src/platform/errors.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { bodyOf, code } from '../bodies.js';

const LOCAL = 's3+http://127.0.0.1:9000';

describe('the URL of a server', () => {
  test.each([
    ['s3+https://s3.example.org', { endpoint: 'https://s3.example.org', loopback: false, amazon: false }],
    ['s3+http://127.0.0.1:9000/', { endpoint: 'http://127.0.0.1:9000', loopback: true }],
    ['http://[::1]:9', { endpoint: 'http://[::1]:9', loopback: true }],
    ['https://s3.eu-west-1.amazonaws.com', { region: 'eu-west-1', amazon: true }],
    ['https://s3.eu-west-1.amazonaws.com?region=us-east-2', { region: 'us-east-2', amazon: true }],
    ['https://amazonaws.com.example', { amazon: false, loopback: false }],
    ['http://127.0.0.1.example', { loopback: false }],
  ])('%s', (url, endpoint) => {
    expect(readS3Url(url)).toMatchObject(endpoint);
  });

  test.each(['s3://bucket', 'redis://a', 's3+ftp://a', 'https://a/bucket', 'https://a?token=1', 'https://', 'x'])(
    'is not %s',
    async (url) => {
      expect(await code((async () => readS3Url(url))())).toBe('blob.bad_url');
    },
  );

  test('has no secrets, and an error does not repeat them', async () => {
    const error = await openRemoteBlobStore('https://key:hunter2@a', { clock: systemClock, env: {}, home: '/x' }).catch(
      (failure: unknown) => failure,
    );
    expect(error).toMatchObject({ code: 'blob.bad_url' });
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });
});

describe('credentials', () => {
  test('are those of the environment, a named profile, the daemon of this machine, the default profile, in that order', async () => {
    const home = temporaryFolder();
    const keys = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = secret\n`;
    const user = temporaryFolder();
    const env = { HOME: user };
    const signing = async (url: string, more = {}) => {
      const access = await findLogin(url, { env: { ...env, ...more }, home });
      const found = typeof access.signing === 'function' ? await access.signing() : access.signing;
      return typeof found === 'string' ? found : found.accessKeyId;
    };
    expect(await signing(LOCAL)).toBe('none');
    expect(await signing('https://s3.amazonaws.com')).toBe('chain');
    mkdirSync(join(user, '.aws'));
    writeFileSync(join(user, '.aws/credentials'), `[default]\n${keys('DEFAULT')}[work]\n${keys('WORK')}`);
    expect(await signing(LOCAL)).toBe('DEFAULT');
    writeFileSync(join(home, 'blob.credentials'), `[default]\n${keys('DAEMON')}`);
    expect(await signing(LOCAL)).toBe('DAEMON');
    expect(await signing('https://s3.example.org')).toBe('DEFAULT');
    expect(await signing(LOCAL, { AWS_PROFILE: 'work' })).toBe('WORK');
    expect(await code(signing(LOCAL, { AWS_PROFILE: 'none' }))).toBe('blob.bad_credentials_file');
    const own = { AWS_ACCESS_KEY_ID: 'OWN', AWS_SECRET_ACCESS_KEY: 's', AWS_PROFILE: 'work' };
    expect(await signing(LOCAL, own)).toBe('OWN');
    const region = async (url: string, more = {}) => (await findLogin(url, { env: { ...env, ...more }, home })).region;
    expect([
      await region(LOCAL),
      await region(LOCAL, { AWS_DEFAULT_REGION: 'b' }),
      await region(LOCAL, { AWS_DEFAULT_REGION: 'b', AWS_REGION: 'a' }),
      await region(`${LOCAL}?region=c`, { AWS_REGION: 'a' }),
    ]).toEqual(['us-east-1', 'b', 'a', 'c']);
  });
});

test('servers that misbehave are told in words of this block', async () => {
  const answers: Record<string, (respond: import('node:http').ServerResponse) => void> = {
    '/short/x': (response) => {
      response.writeHead(200, { 'content-length': '10', etag: '"e"' });
      response.write('12345', () => response.destroy());
    },
    '/odd/x': (response) => {
      response.writeHead(418, { 'content-type': 'application/xml' });
      response.end('<Error><Code>Teapot</Code><Message>short and stout</Message></Error>');
    },
    '/busy/x': (response) => {
      response.writeHead(503);
      response.end();
    },
    // It reads on and never answers.
    '/sink/x': () => undefined,
    '/whole/x': (response) => {
      response.writeHead(200, { 'content-length': '3', etag: '"e"' });
      response.end('abc');
    },
    '/denied/x': (response) => {
      response.writeHead(403);
      response.end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
    },
  };
  const server = createServer((request, response) => {
    request.resume();
    const answer = answers[new URL(request.url ?? '', 'http://x').pathname];
    if (answer === undefined) response.destroy();
    else answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const store = await openRemoteBlobStore(`s3+http://127.0.0.1:${port}`, { clock: systemClock, env, home: '/x' });
  onTestFinished(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
  });
  const readAll = async (bucket: string) => {
    const read = await store.getObject({ bucket, key: 'x' });
    for await (const _ of read.body);
  };
  expect(await code(readAll('short'))).toBe('blob.unreachable');
  const refused = await readAll('odd').catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'blob.refused', message: expect.stringContaining('short and stout') });
  expect(refused instanceof DsError && refused.details).toMatchObject({
    ...{ bucket: 'odd', key: 'x', s3_code: 'Teapot', status: 418 },
  });
  expect(await code(readAll('busy'))).toBe('blob.unreachable');
  expect(await code(readAll('gone'))).toBe('blob.unreachable');
  expect(await code(readAll('denied'))).toBe('blob.access_denied');
  expect(await code(store.statObject({ bucket: 'denied', key: 'x' }))).toBe('blob.access_denied');
  const range = { range: { first: 1, last: 1 } };
  expect(await code(store.getObject({ bucket: 'whole', key: 'x' }, range))).toBe('blob.refused');
  // A long body is a stream; one that fails ends the request, and its own error is told.
  async function* failing() {
    for (let count = 0; count < 100; count += 1) yield Buffer.alloc(100_000);
    throw new DsError('test.own', 'no', 'its own');
  }
  const put = store.putObject({ bucket: 'sink', key: 'x' }, failing(), { size: 20_000_000 });
  expect(await code(put)).toBe('test.own');
  expect(await code(store.putObject({ bucket: 'denied', key: 'x' }, bodyOf('a'), { size: 2 }))).toBe(
    'blob.incomplete_body',
  );
});
