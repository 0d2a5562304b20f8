/**
 * What s3rver 3.7 does wrong, and no server of ours may: to store the framing of aws-chunked as content, to take a body whose checksum
 * is another than was told, to overwrite in spite of `If-None-Match: *`. Byte by byte, since no client sends all of it.
 */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { type BlobDaemon, startBlobDaemon } from '../helpers/blob-daemon.js';
import { EMPTY, sha256, signedHead, UNSIGNED } from '../helpers/blob-sign.js';

const TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: string;
  /** As it goes over the wire. */
  readonly body?: string;
}

interface Answered {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** On a connection of its own, which the answer ends. */
function ask({ host, port, keys }: BlobDaemon, asked: Asked): Promise<Answered> {
  const { method, path, headers = {}, payload = EMPTY, body = '' } = asked;
  const request = { method, path, host, headers: { ...headers, connection: 'close' }, payload };
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', reject);
    socket.once('close', () => {
      const end = answer.indexOf('\r\n\r\n');
      resolve({ status: Number(answer.slice(9, 12)), head: answer.slice(0, end), body: answer.slice(end + 4) });
    });
    socket.write(Buffer.concat([signedHead(request, keys), Buffer.from(body)]));
  });
}

async function daemonWithBucket(): Promise<BlobDaemon> {
  const daemon = await startBlobDaemon('http');
  expect((await ask(daemon, { method: 'PUT', path: '/bucket', headers: { 'content-length': '0' } })).status).toBe(200);
  return daemon;
}

const get = (daemon: BlobDaemon, key: string) => ask(daemon, { method: 'GET', path: `/bucket/${key}` });

function crc32Of(text: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64');
}

/** In chunks of aws-chunked, the checksum behind them. */
function framed(pieces: readonly string[], checksum: string): string {
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  return `${chunks.join('')}0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`;
}

function putFramed(daemon: BlobDaemon, key: string, pieces: readonly string[], checksum: string, length: boolean) {
  const body = framed(pieces, checksum);
  const size = `${pieces.join('').length}`;
  const headers = {
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': size,
    'x-amz-trailer': 'x-amz-checksum-crc32',
    ...(length ? { 'content-length': `${body.length}` } : { 'transfer-encoding': 'chunked' }),
  };
  // HTTP's own chunks cut where those of aws-chunked do not.
  const half = Math.ceil(body.length / 2);
  const cut = [body.slice(0, half), body.slice(half), ''];
  const wire = length ? body : cut.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('');
  return ask(daemon, { method: 'PUT', path: `/bucket/${key}`, headers, payload: TRAILER, body: wire });
}

test('the framing of aws-chunked is not stored, with a Content-Length and without one', async () => {
  const daemon = await daemonWithBucket();
  const pieces = ['the first piece, ', 'the second one'];
  for (const length of [true, false]) {
    const key = `framed-${length}`;
    const put = await putFramed(daemon, key, pieces, crc32Of(pieces.join('')), length);
    expect(put).toMatchObject({ status: 200 });
    const { status, head, body } = await get(daemon, key);
    expect({ status, body }).toEqual({ status: 200, body: 'the first piece, the second one' });
    expect(head).not.toMatch(/aws-chunked/i);
    expect(head).toContain(createHash('md5').update(body).digest('hex'));
  }
});

test('a body is refused, and nothing stored, when any checksum that was told is another', async () => {
  const daemon = await daemonWithBucket();
  const wrong: Record<string, string> = {
    'x-amz-checksum-crc32': 'AAAAAA==',
    'x-amz-checksum-crc32c': 'AAAAAA==',
    'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=',
    'x-amz-checksum-sha1': createHash('sha1').update('other').digest('base64'),
    'x-amz-checksum-sha256': createHash('sha256').update('other').digest('base64'),
    'content-md5': createHash('md5').update('other').digest('base64'),
  };
  for (const [name, value] of Object.entries(wrong)) {
    const headers = { 'content-length': '4', [name]: value };
    const answer = await ask(daemon, {
      method: 'PUT',
      path: '/bucket/wrong',
      headers,
      payload: UNSIGNED,
      body: 'body',
    });
    expect({ name, status: answer.status, body: answer.body }).toEqual({
      name,
      status: 400,
      body: expect.stringContaining('<Code>BadDigest</Code>'),
    });
  }
  const headers = { 'content-length': '4' };
  const signed = await ask(daemon, {
    method: 'PUT',
    path: '/bucket/wrong',
    headers,
    payload: sha256('other'),
    body: 'body',
  });
  expect(signed).toMatchObject({
    status: 400,
    body: expect.stringContaining('<Code>XAmzContentSHA256Mismatch</Code>'),
  });
  for (const length of [true, false])
    expect(await putFramed(daemon, 'wrong', ['body'], 'AAAAAA==', length)).toMatchObject({ status: 400 });
  expect((await get(daemon, 'wrong')).status).toBe(404);
});

test('If-None-Match: * writes a key once, however many ask at the same time', async () => {
  const daemon = await daemonWithBucket();
  const put = (body: string) => {
    const headers = { 'content-length': `${body.length}`, 'if-none-match': '*' };
    return ask(daemon, { method: 'PUT', path: '/bucket/once', headers, payload: sha256(body), body });
  };
  const bodies = Array.from({ length: 8 }, (_, index) => `writer ${index}`);
  const statuses = (await Promise.all(bodies.map(put))).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 412 || status === 409)).toHaveLength(7);
  const winner = bodies[statuses.indexOf(200)];
  expect((await put('too late')).status).toBe(412);
  expect((await get(daemon, 'once')).body).toBe(winner);
});
