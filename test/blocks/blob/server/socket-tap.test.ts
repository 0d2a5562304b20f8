/** Bodies past Node's parser, against plain HTTP servers: bytes, the request after, clients that go away, an early end. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { SocketTap } from '../../../../src/blocks/blob/server/socket-tap.js';
import { makeCertificate } from '../../../helpers/certificates.js';
import { hasPackages } from '../../../helpers/programs.js';
import { waitFor } from '../../../helpers/wait-for.js';

const BODY = randomBytes(3 * 1024 * 1024 + 17);
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const head = (path: string, length: number) => `PUT ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`;

/** Answers with the hash of the body, which it takes by a tap where the path says so. */
async function answerHash(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Past the parser's event.
  await Promise.resolve();
  const hash = createHash('sha256');
  const done = () => response.end(hash.digest('hex'));
  if (request.url === '/parser') {
    request.on('data', (bytes: Buffer) => hash.update(bytes)).once('end', done);
    return;
  }
  const length = Number(request.headers['content-length']) - request.readableLength;
  let taken = 0;
  const tap = SocketTap.open(request, {
    length,
    onBytes: (bytes) => {
      hash.update(bytes);
      taken += bytes.length;
      if (request.url === '/early' && taken > 1024 * 1024) {
        tap?.close();
        request.on('data', (rest: Buffer) => hash.update(rest)).once('end', done);
        return;
      }
      // A reader that needs its time.
      tap?.pause();
      setImmediate(() => tap?.resume());
    },
    onEnd: done,
  });
  const first: unknown = request.read();
  if (first instanceof Uint8Array) hash.update(first);
  if (tap === undefined) response.end('this Node cannot');
  tap?.resume();
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const { port } = server.address() as AddressInfo;
  return port;
}

/** What comes back, once it has so many answers. */
async function answers(socket: Socket, count: number): Promise<string[]> {
  let text = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
  });
  const bodies = () => [...text.matchAll(/\r\n\r\n(?:[\da-f]+\r\n)?([\da-f]{64})/g)].map((match) => match[1] ?? '');
  await waitFor(() => bodies().length >= count);
  return bodies();
}

test('the bytes are those that were sent, and what follows them is the next request', async () => {
  const port = await listening(createServer(answerHash));
  const socket = connect(port, '127.0.0.1');
  socket.write(head('/tap', BODY.length));
  socket.write(BODY);
  socket.write(Buffer.concat([Buffer.from(head('/tap', BODY.length - 5)), BODY.subarray(5)]));
  socket.write(`${head('/parser', 3)}abc`);
  expect(await answers(socket, 3)).toEqual([hashOf(BODY), hashOf(BODY.subarray(5)), hashOf(Buffer.from('abc'))]);
  socket.destroy();
});

test('the parser has the rest of a body that is closed early, and every request after it', async () => {
  const port = await listening(createServer(answerHash));
  const socket = connect(port, '127.0.0.1');
  socket.write(head('/early', BODY.length));
  socket.write(BODY);
  socket.write(`${head('/parser', 3)}abc`);
  socket.write(head('/tap', BODY.length));
  socket.write(BODY);
  expect(await answers(socket, 3)).toEqual([hashOf(BODY), hashOf(Buffer.from('abc')), hashOf(BODY)]);
  socket.destroy();
});

test('clients that go away in the middle leave parsers that read the bodies of others', async () => {
  const requests: IncomingMessage[] = [];
  const server = createServer(answerHash).on('request', (request: IncomingMessage) => requests.push(request));
  const port = await listening(server);
  for (let round = 0; round < 5; round++) {
    const leaver = connect(port, '127.0.0.1');
    leaver.write(head('/tap', BODY.length));
    leaver.write(BODY.subarray(0, 1_000_000));
    await waitFor(() => requests.length === 2 * round + 1);
    leaver.destroy();
    await waitFor(() => requests.at(-1)?.destroyed === true);
    const other = connect(port, '127.0.0.1');
    other.write(`${head('/parser', 3)}abc`);
    expect(await answers(other, 1)).toEqual([hashOf(Buffer.from('abc'))]);
    other.destroy();
  }
});

test.skipIf(!hasPackages('openssl'))('over TLS, too', async () => {
  const { cert, key } = makeCertificate();
  const port = await listening(createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, answerHash));
  const socket = connectTls({ port, host: '127.0.0.1', ca: readFileSync(cert) });
  for (let round = 0; round < 2; round++) {
    socket.write(head('/tap', BODY.length));
    socket.write(BODY);
  }
  socket.write(`${head('/parser', 3)}abc`);
  expect(await answers(socket, 3)).toEqual([hashOf(BODY), hashOf(BODY), hashOf(Buffer.from('abc'))]);
  socket.destroy();
});
