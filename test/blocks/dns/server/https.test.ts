import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import type { Handler } from '../../../../src/blocks/dns/server/handler.js';
import { HttpsListener } from '../../../../src/blocks/dns/server/listeners/https.js';
import { makeMessage, RRType, readMessage, responseTo, writeMessage } from '../../../../src/blocks/dns/wire.js';
import { readTlsFiles } from '../../../../src/platform/daemon/tls.js';
import { makeCertificate } from '../../../helpers/certificates.js';
import { hasPackages } from '../../../helpers/programs.js';
import { waitFor } from '../../../helpers/wait-for.js';

const logger = pino({ level: 'silent' });

const handler: Handler = {
  answer(query) {
    let message: ReturnType<typeof readMessage>;
    try {
      message = readMessage(query);
    } catch {
      return undefined;
    }
    const name = message.questions[0]?.name ?? Name.root;
    const address = (ttl: number) => ({ name, type: RRType.A, class: 1, ttl, rdata: Uint8Array.of(192, 0, 2, ttl) });
    return writeMessage(responseTo(message, { answers: [address(120), address(60)] }));
  },
  transfer: () => undefined,
};

const query = writeMessage(
  makeMessage({ id: 0, questions: [{ name: Name.parse('www.shop.test.'), type: RRType.A, class: 1 }] }),
);

async function listen(tls?: Awaited<ReturnType<typeof readTlsFiles>>): Promise<number> {
  const listener = await HttpsListener.create({ handler, tls, open: false, logger });
  onTestFinished(() => listener.close());
  return (await listener.listen({ host: '127.0.0.1', port: 0 }, 'test --https')).port;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

async function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: Uint8Array } = {},
): Promise<Answer> {
  const sent = request({
    host: '127.0.0.1',
    port,
    path,
    method: options.method ?? 'GET',
    headers: options.headers ?? {},
    agent: false,
  });
  sent.on('error', () => {});
  sent.end(options.body);
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

const MESSAGE = { 'content-type': 'application/dns-message' };

test('GET with base64url and POST get the message, fresh as long as its shortest TTL (RFC 8484, sections 4.1 and 5.1)', async () => {
  const port = await listen();
  const got = await ask(port, `/dns-query?dns=${Buffer.from(query).toString('base64url')}`);
  expect(got).toMatchObject({ status: 200, headers: { ...MESSAGE, 'cache-control': 'max-age=60' } });
  expect(readMessage(got.body).answers).toHaveLength(2);
  const posted = await ask(port, '/dns-query', { method: 'POST', headers: MESSAGE, body: query });
  expect(posted.body).toEqual(got.body);
});

test.each([
  ['another path', '/', {}, 404],
  ['what is no path', '//', {}, 400],
  ['no query', '/dns-query', {}, 400],
  ['padded base64', '/dns-query?dns=AAA=', {}, 400],
  ['another method', '/dns-query', { method: 'PUT' }, 405],
  [
    'another content type',
    '/dns-query',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: query },
    415,
  ],
  [
    'a body of more than a message',
    '/dns-query',
    { method: 'POST', headers: MESSAGE, body: new Uint8Array(70_000) },
    413,
  ],
  ['octets that are no query', '/dns-query?dns=AAAA', {}, 400],
  [
    "a name that is not this machine's (DNS rebinding)",
    '/dns-query?dns=AAAA',
    { headers: { host: 'evil.example' } },
    421,
  ],
])('refused: %s', async (_name, path, options, status) => {
  const port = await listen();
  expect((await ask(port, path, options)).status).toBe(status);
});

test.skipIf(!hasPackages('openssl'))('HTTP/2, and HTTP/1.1 for those without, behind TLS', async () => {
  const { cert, key } = makeCertificate();
  const files = await readTlsFiles({ cert, key }, Date.now());
  const port = await listen(files);
  const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false });
  const stream = session.request({ ':path': '/dns-query', ':method': 'POST', ...MESSAGE });
  stream.end(query);
  const [headers] = await once(stream, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(headers[':status']).toBe(200);
  expect(readMessage(Buffer.concat(chunks)).answers).toHaveLength(2);
  session.close();
  await once(session, 'close');
});

test.skipIf(!hasPackages('openssl'))('stopping: what was asked over HTTP/2 is answered before the end', async () => {
  const { cert, key } = makeCertificate();
  const tls = await readTlsFiles({ cert, key }, Date.now());
  let answerNow: (() => void) | undefined;
  const slow: Handler = {
    ...handler,
    answer: (octets, client) =>
      new Promise((resolve) => {
        answerNow = () => resolve(handler.answer(octets, client));
      }),
  };
  const listener = await HttpsListener.create({ handler: slow, tls, open: false, logger });
  onTestFinished(() => listener.close());
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 }, 'test --https');
  const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false });
  session.on('error', () => {});
  const stream = session.request({ ':path': '/dns-query', ':method': 'POST', ...MESSAGE });
  const answered = once(stream, 'response');
  stream.end(query);
  await waitFor(() => answerNow !== undefined);
  const drained = listener.drain();
  answerNow?.();
  await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(readMessage(Buffer.concat(chunks)).answers).toHaveLength(2);
  await drained;
});
