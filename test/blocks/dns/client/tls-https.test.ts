/** DNS over TLS (RFC 7858) and over HTTPS (RFC 8484) against servers that keep to them, and others. */
import { readFileSync } from 'node:fs';
import { createServer as createHttp1, type IncomingMessage } from 'node:http';
import { createServer as createHttp2, createSecureServer, type Http2ServerRequest } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTls, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Connections } from '../../../../src/blocks/dns/client/connections.js';
import { type ExchangeOptions, exchange } from '../../../../src/blocks/dns/client/exchange.js';
import { type NameServer, parseServer } from '../../../../src/blocks/dns/client/server-address.js';
import type { TrustOptions } from '../../../../src/blocks/dns/client/trust.js';
import { readMessage } from '../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { type CertificateFiles, makeCertificateIn } from '../../../helpers/certificates.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { hasPackages } from '../../../helpers/programs.js';
import { makeTemporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { answerTo, bytesOf, framed, question } from './fake-server.js';

const withOpenssl = hasPackages('openssl');
const folder = makeTemporaryFolder();
let files: CertificateFiles;
let pem: { readonly cert: Buffer; readonly key: Buffer };
const open: Connections[] = [];

beforeAll(() => {
  if (!withOpenssl) return;
  files = makeCertificateIn(folder.path);
  pem = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
});
afterEach(async () => {
  for (const connections of open.splice(0)) await connections.close();
});
afterAll(() => folder.remove());

interface Listening {
  readonly port: number;
  readonly connections: () => number;
}

/** On a free port; whatever is still open after the test is ended. */
async function listen(server: Server, event = 'connection'): Promise<Listening> {
  const sockets = new Set<Socket>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on(event, () => count++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  return { port, connections: () => count };
}

function trusting(more: TrustOptions = {}): ExchangeOptions {
  const connections = new Connections({ clock: systemClock, random: systemRandom, ca: pem.cert, ...more });
  open.push(connections);
  return { timeoutMs: 5_000, retries: 0, clock: systemClock, random: systemRandom, connections };
}

const answersOf = async (server: NameServer, options: ExchangeOptions) =>
  (await exchange(server, question('a.test'), options)).response.answers.length;

describe.skipIf(!withOpenssl)('over TLS', () => {
  function startDot(onSecure: (socket: TLSSocket) => void = () => {}, settings = {}) {
    const server = createTls({ ...pem, ALPNProtocols: ['dot'], ...settings }, (socket) => {
      onSecure(socket);
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        const query = readMessage(new Uint8Array(bytes).slice(2));
        socket.write(framed(bytesOf(answerTo(query, ['a.test. 60 A 192.0.2.1']))));
      });
    });
    return listen(server, 'secureConnection');
  }

  test('RFC 7858: a query is answered, on a connection that is kept', async () => {
    const protocols: (string | false | null)[] = [];
    const { port, connections } = await startDot((socket) => protocols.push(socket.alpnProtocol));
    const options = trusting();
    const server = parseServer(`tls://127.0.0.1:${port}`);
    expect(await answersOf(server, options)).toBe(1);
    expect(await answersOf(server, options)).toBe(1);
    expect(connections()).toBe(1);
    expect(protocols).toEqual(['dot']);
  });

  test('a server without ALPN is asked, too', async () => {
    const { port } = await startDot(() => {}, { ALPNProtocols: undefined });
    expect(await answersOf(parseServer(`tls://127.0.0.1:${port}`), trusting())).toBe(1);
  });

  test('the name is sent where there is one, an address never (RFC 6066, section 3)', async () => {
    const names: (string | false | null)[] = [];
    const { port } = await startDot((socket) =>
      names.push((socket as { servername?: string | false }).servername ?? null),
    );
    await answersOf(parseServer(`tls://localhost:${port}`), { ...trusting(), family: 4 });
    await answersOf(parseServer(`tls://127.0.0.1:${port}`), trusting());
    await answersOf(parseServer(`tls://127.0.0.1:${port}#localhost`), trusting());
    expect(names.map((name) => name || undefined)).toEqual(['localhost', undefined, 'localhost']);
  });

  test.each([
    ['nobody vouches for it', {}, '', /self-signed/],
    ['it is for another name', undefined, '#dns.example', /dns\.example/],
  ])('a certificate is not trusted: %s', async (_why, without, name, message) => {
    const { port } = await startDot();
    const options = trusting();
    const { connections: _, ...alone } = options;
    const server = parseServer(`tls://127.0.0.1:${port}${name}`);
    const asked = exchange(server, question('a.test'), without === undefined ? options : { ...alone, trust: without });
    await expect(asked).rejects.toMatchObject({
      code: 'dns.untrusted',
      kind: 'peer',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('--tls-insecure'),
    });
  });

  test('any certificate is taken when that is wanted, and the name that is told is the one that counts', async () => {
    const { port } = await startDot();
    const server = parseServer(`tls://127.0.0.1:${port}#dns.example`);
    expect(await answersOf(server, trusting({ insecure: true }))).toBe(1);
    expect(await answersOf(server, trusting({ serverName: 'localhost' }))).toBe(1);
  });

  test('what does not speak TLS is told as such', async () => {
    const { port } = await listen(createHttp1());
    const asked = exchange(parseServer(`tls://127.0.0.1:${port}`), question('a.test'), trusting());
    await expect(asked).rejects.toMatchObject({ code: 'dns.unreachable', message: expect.stringMatching(/TLS/) });
  });

  test('a handshake that never ends is given up', async () => {
    const clock = new ManualClock();
    const { createServer } = await import('node:net');
    const { port, connections } = await listen(createServer());
    const options = { timeoutMs: 5_000, retries: 0, clock, random: systemRandom };
    const asked = exchange(parseServer(`tls://127.0.0.1:${port}`), question('a.test'), options).catch((error) => error);
    await waitFor(() => connections() === 1 && clock.sleeping === 1);
    clock.advance(5_000);
    expect(await asked).toMatchObject({ code: 'dns.timeout' });
  });
});

type Request = IncomingMessage | Http2ServerRequest;
/** As far as both versions of HTTP have it. */
interface Response {
  writeHead(status: number, headers?: Readonly<Record<string, string>>): Response;
  end(body?: Uint8Array | string): unknown;
}

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly version: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Answers as it should, unless `answer` does otherwise; says what it saw. */
function dohHandler(seen: Seen[], answer?: (response: Response, right: Uint8Array) => void) {
  return async (request: Request, response: Response) => {
    const { method = '', url = '', httpVersion: version, headers } = request;
    seen.push({ method, url, version, headers });
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const encoded = new URL(url, 'http://localhost').searchParams.get('dns') ?? '';
    const bytes = method === 'POST' ? Buffer.concat(chunks) : Buffer.from(encoded, 'base64url');
    const right = bytesOf(answerTo(readMessage(new Uint8Array(bytes)), ['a.test. 60 A 192.0.2.1']));
    if (answer !== undefined) return answer(response, right);
    response.writeHead(200, { 'content-type': 'application/dns-message', 'cache-control': 'max-age=0' });
    response.end(right);
  };
}

describe.skipIf(!withOpenssl)('over HTTPS', () => {
  const http2 = (seen: Seen[], answer?: Parameters<typeof dohHandler>[1]) =>
    listen(createSecureServer({ ...pem }, dohHandler(seen, answer)) as unknown as Server, 'secureConnection');
  const at = (port: number, path = '/dns-query') => parseServer(`https://127.0.0.1:${port}${path}`);

  test('RFC 8484, section 4.1: POST over HTTP/2, on one connection', async () => {
    const seen: Seen[] = [];
    const { port, connections } = await http2(seen);
    const options = trusting();
    await Promise.all(Array.from({ length: 20 }, () => answersOf(at(port), options)));
    expect(connections()).toBe(1);
    expect(seen).toHaveLength(20);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/dns-query',
      version: '2.0',
      headers: {
        ':authority': `127.0.0.1:${port}`,
        accept: 'application/dns-message',
        'content-type': 'application/dns-message',
      },
    });
  });

  test('GET has the query in its URL, with id 0, in base64url without padding', async () => {
    const seen: Seen[] = [];
    const { port } = await http2(seen);
    const options = { ...trusting(), httpMethod: 'GET' as const };
    expect(await answersOf(at(port), options)).toBe(1);
    expect(await answersOf(at(port, '/resolve?key=1'), options)).toBe(1);
    const [first, second] = seen.map(({ url }) => url);
    expect(first).toMatch(/^\/dns-query\?dns=AAAB[\w-]+$/);
    expect(second).toMatch(/^\/resolve\?key=1&dns=AAAB[\w-]+$/);
  });

  test('a server without HTTP/2 is asked over HTTP/1.1, on kept connections', async () => {
    const seen: Seen[] = [];
    const { port, connections } = await listen(createHttps(pem, dohHandler(seen)), 'secureConnection');
    const options = trusting();
    for (let i = 0; i < 5; i++) expect(await answersOf(at(port), options)).toBe(1);
    expect(await answersOf(at(port), { ...options, httpMethod: 'GET' })).toBe(1);
    expect(seen[0]).toMatchObject({ method: 'POST', version: '1.1', headers: { host: `127.0.0.1:${port}` } });
    // One finds out what it speaks.
    expect(connections()).toBe(2);
  });

  test('http:// on this machine: HTTP/2 with prior knowledge, else HTTP/1.1', async () => {
    const seen: Seen[] = [];
    const two = await listen(createHttp2(dohHandler(seen)) as unknown as Server);
    const one = await listen(createHttp1(dohHandler(seen)));
    for (const { port } of [two, one]) {
      expect(await answersOf(parseServer(`http://127.0.0.1:${port}/dns-query`), trusting())).toBe(1);
    }
    expect(seen.map(({ version }) => version)).toEqual(['2.0', '1.1']);
  });

  const type = { 'content-type': 'application/dns-message' };
  const wrong: Readonly<Record<string, [(response: Response, right: Uint8Array) => void, RegExp]>> = {
    'another status': [(response) => response.writeHead(404, type).end('no'), /it is HTTP 404$/],
    'a redirect': [
      (response) => response.writeHead(302, { location: 'https://elsewhere.test/' }).end(),
      /it is HTTP 302, and points to https:\/\/elsewhere\.test\/$/,
    ],
    'another content type': [
      (response, right) => response.writeHead(200, { 'content-type': 'text/html' }).end(right),
      /its content type is "text\/html"$/,
    ],
    'no content type': [(response, right) => response.writeHead(200).end(right), /its content type is ""$/],
    'too much of it': [
      (response) => response.writeHead(200, type).end(Buffer.alloc(70_000)),
      /longer than 65535 octets$/,
    ],
    'another question': [
      (response, right) => {
        right[13] = 0x7a;
        response.writeHead(200, type).end(right);
      },
      /it is no reply to the query: its question is another one$/,
    ],
  };

  test.each(Object.entries(wrong))('what is no answer is refused: %s', async (_name, [answer, message]) => {
    const { port } = await http2([], answer);
    const one = await listen(createHttps(pem, dohHandler([], answer)));
    for (const server of [at(port), at(one.port)]) {
      const asked = exchange(server, question('a.test'), trusting());
      await expect(asked).rejects.toMatchObject({
        code: 'dns.bad_answer',
        kind: 'peer',
        message: expect.stringMatching(message),
      });
    }
  });

  test('a message that cannot be read', async () => {
    const { port } = await http2([], (response, right) => response.writeHead(200, type).end(right.slice(0, -2)));
    const asked = exchange(at(port), question('a.test'), trusting());
    await expect(asked).rejects.toMatchObject({ code: 'dns.malformed' });
  });

  test('a server that does not answer is given up, an abort is heard, the connection stays', async () => {
    const seen: Seen[] = [];
    for (const start of [
      () => http2(seen, () => {}),
      () =>
        listen(
          createHttps(
            pem,
            dohHandler(seen, () => {}),
          ),
        ),
    ]) {
      seen.length = 0;
      const { port } = await start();
      const options = trusting();
      const asked = exchange(at(port), question('a.test'), { ...options, timeoutMs: 500 });
      await expect(asked).rejects.toMatchObject({ code: 'dns.timeout' });
      const stop = new AbortController();
      const second = exchange(at(port), question('a.test'), { ...options, signal: stop.signal }).catch(
        (error) => error,
      );
      await waitFor(() => seen.length === 2);
      stop.abort(new Error('enough'));
      expect((await second).message).toBe('enough');
    }
  });

  test('a session that the server ends is opened anew', async () => {
    const seen: Seen[] = [];
    const server = createSecureServer({ ...pem }, dohHandler(seen));
    const sessions: { close(): void }[] = [];
    server.on('session', (session) => sessions.push(session));
    const { port, connections } = await listen(server as unknown as Server, 'secureConnection');
    const options = trusting();
    expect(await answersOf(at(port), options)).toBe(1);
    sessions[0]?.close();
    await waitFor(async () => (await answersOf(at(port), options)) === 1 && connections() === 2);
  });

  test('a certificate that nobody vouches for is not trusted, over either version', async () => {
    const { port } = await http2([]);
    const one = await listen(createHttps(pem, dohHandler([])));
    for (const server of [at(port), at(one.port)]) {
      const { connections: _, ...alone } = trusting();
      await expect(exchange(server, question('a.test'), alone)).rejects.toMatchObject({ code: 'dns.untrusted' });
    }
  });

  test('where nothing listens', async () => {
    const { freePorts } = await import('../../../helpers/name-servers.js');
    const [port = 1] = await freePorts(1);
    for (const server of [at(port), parseServer(`http://127.0.0.1:${port}`)]) {
      await expect(exchange(server, question('a.test'), trusting())).rejects.toMatchObject({
        code: 'dns.unreachable',
        message: expect.stringMatching(/nothing listens there$/),
      });
    }
  });
});
