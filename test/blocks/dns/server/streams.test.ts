import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import type { Handler } from '../../../../src/blocks/dns/server/handler.js';
import { StreamListener } from '../../../../src/blocks/dns/server/listeners/stream.js';
import { makeMessage, RRType, readMessage, responseTo, writeMessage } from '../../../../src/blocks/dns/wire.js';
import { readTlsFiles } from '../../../../src/platform/daemon/tls.js';
import { makeCertificate } from '../../../helpers/certificates.js';
import { hasPackages } from '../../../helpers/programs.js';
import { waitFor } from '../../../helpers/wait-for.js';

const logger = pino({ level: 'silent' });

/** Answers every query with itself as a response; those below `slow.` when they are told to. */
class EchoHandler implements Handler {
  readonly waiting: (() => void)[] = [];
  seen = 0;

  answer(query: Buffer): Uint8Array | undefined | Promise<Uint8Array> {
    this.seen++;
    const message = readMessage(query);
    const response = writeMessage(responseTo(message));
    const name = message.questions[0]?.name;
    if (name?.isWithin(Name.parse('silent.'))) return undefined;
    if (!name?.isWithin(Name.parse('slow.'))) return response;
    return new Promise((resolve) => this.waiting.push(() => resolve(response)));
  }

  transfer(query: Buffer): AsyncIterable<Uint8Array> | undefined {
    const message = readMessage(query);
    if (message.questions[0]?.type !== RRType.AXFR) return undefined;
    return (async function* () {
      for (let id = 1; id <= 3; id++) yield writeMessage({ ...responseTo(message), id });
    })();
  }
}

function framed(id: number, name: string, type: number = RRType.A): Buffer {
  const wire = writeMessage(makeMessage({ id, questions: [{ name: Name.parse(name), type, class: 1 }] }));
  return Buffer.concat([Buffer.of(wire.length >> 8, wire.length & 255), wire]);
}

/** Collects the ids of the answers that come. */
function readIds(socket: Socket): number[] {
  const ids: number[] = [];
  let held = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
      const end = 2 + held.readUInt16BE(0);
      ids.push(readMessage(held.subarray(2, end)).id);
      held = held.subarray(end);
    }
  });
  return ids;
}

async function open(handler: Handler) {
  const listener = StreamListener.tcp(handler, logger);
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 }, 'test --listen');
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    listener.close();
  });
  await once(socket, 'connect');
  return { listener, socket, ids: readIds(socket), port };
}

test('queries in one packet, and in single octets, are answered (RFC 7766, section 8)', async () => {
  const { socket, ids } = await open(new EchoHandler());
  socket.write(Buffer.concat([framed(1, 'a.'), framed(2, 'b.'), framed(3, 'c.')]));
  await waitFor(() => ids.length === 3);
  for (const octet of framed(4, 'd.')) socket.write(Buffer.of(octet));
  await waitFor(() => ids.length === 4);
  expect(ids).toEqual([1, 2, 3, 4]);
});

test('a slow answer does not hold up the next one (RFC 7766, section 6.2.1.1)', async () => {
  const handler = new EchoHandler();
  const { socket, ids } = await open(handler);
  socket.write(Buffer.concat([framed(1, 'slow.'), framed(2, 'fast.')]));
  await waitFor(() => ids.length === 1);
  expect(ids).toEqual([2]);
  handler.waiting.shift()?.();
  await waitFor(() => ids.length === 2);
});

test('reading pauses while too many queries are under way, and none is lost', async () => {
  const handler = new EchoHandler();
  const { socket, ids } = await open(handler);
  socket.write(Buffer.concat(Array.from({ length: 500 }, (_, id) => framed(id, 'slow.'))));
  await waitFor(() => handler.waiting.length >= 128);
  expect(handler.seen).toBe(128);
  await waitFor(() => {
    handler.waiting.splice(0).forEach((go) => {
      go();
    });
    return ids.length === 500;
  });
  expect(new Set(ids).size).toBe(500);
});

test('the messages of a transfer come in order, then what was asked behind it', async () => {
  const { socket, ids } = await open(new EchoHandler());
  socket.write(Buffer.concat([framed(9, 'shop.test.', RRType.AXFR), framed(4, 'a.')]));
  await waitFor(() => ids.length === 4);
  expect(ids).toEqual([1, 2, 3, 4]);
});

test('a transfer that is taken as fast as it is made leaves turns to everybody else', async () => {
  const handler = new EchoHandler();
  let turns = 0;
  let left = 0;
  const messages = async function* () {
    for (let id = 1; id <= 20; id++) {
      const before = turns;
      yield writeMessage(makeMessage({ id, response: true }));
      if (turns > before) left++;
    }
  };
  handler.transfer = () => messages();
  const { socket, ids } = await open(handler);
  const turn = () => {
    turns++;
    pending = setImmediate(turn);
  };
  let pending = setImmediate(turn);
  onTestFinished(() => clearImmediate(pending));
  socket.write(framed(1, 'shop.test.', RRType.AXFR));
  await waitFor(() => ids.length === 20);
  expect(left).toBe(20);
});

test('what gets no response ends the connection', async () => {
  const { socket } = await open(new EchoHandler());
  socket.write(framed(1, 'silent.'));
  await once(socket, 'close');
});

test('a client that has sent everything still gets its answers', async () => {
  const handler = new EchoHandler();
  const { socket, ids } = await open(handler);
  socket.end(framed(1, 'slow.'));
  await waitFor(() => handler.waiting.length === 1);
  handler.waiting.shift()?.();
  await once(socket, 'close');
  expect(ids).toEqual([1]);
});

test('stopping answers what was read, accepts nothing more and closes', async () => {
  const handler = new EchoHandler();
  const { listener, socket, ids, port } = await open(handler);
  socket.write(framed(1, 'slow.'));
  await waitFor(() => handler.waiting.length === 1);
  const drained = listener.drain();
  const late = connect(port, '127.0.0.1');
  await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  handler.waiting.shift()?.();
  await drained;
  await waitFor(() => ids.length === 1 && listener.connections === 0);
});

test.skipIf(!hasPackages('openssl'))('the same over TLS, with ALPN (RFC 7858)', async () => {
  const { cert, key } = makeCertificate();
  const files = await readTlsFiles({ cert, key }, Date.now());
  if (files === undefined) throw new Error('no files');
  const listener = await StreamListener.tls(new EchoHandler(), files, logger);
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 }, 'test --tls');
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    ca: files.cert,
    ALPNProtocols: ['dot'],
    checkServerIdentity: () => undefined,
  });
  onTestFinished(() => {
    socket.destroy();
    listener.close();
  });
  await once(socket, 'secureConnect');
  expect(socket.alpnProtocol).toBe('dot');
  const ids = readIds(socket);
  socket.write(framed(5, 'a.'));
  await waitFor(() => ids.length === 1);
});

test.skipIf(!hasPackages('openssl'))('a TLS handshake that is never finished does not hold up stopping', async () => {
  const { cert, key } = makeCertificate();
  const files = await readTlsFiles({ cert, key }, Date.now());
  if (files === undefined) throw new Error('no files');
  const listener = await StreamListener.tls(new EchoHandler(), files, logger);
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 }, 'test --tls');
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    listener.close();
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  await listener.drain();
  await closed;
});
