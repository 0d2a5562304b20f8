import { connect as connectTo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readSocket } from '../../../src/platform/protocol/socket-reads.js';
import { waitFor } from '../../helpers/wait-for.js';

interface Pair {
  readonly client: Socket;
  readonly accepted: Socket;
}

/** A client and what the server has accepted, which nobody reads yet. */
async function makePair(): Promise<Pair> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: false });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const connection = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const client = connectTo({ port, host: '127.0.0.1' });
  const accepted = await connection;
  onTestFinished(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  return { client, accepted };
}

/** As a socket of a Node that has other inner parts. */
function withoutInnerParts(socket: Socket): Socket {
  return new Proxy(socket, {
    get(target, name) {
      if (name === '_handle') return null;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

for (const { how, seen } of [
  { how: 'into one buffer', seen: (socket: Socket) => socket },
  { how: 'the usual way', seen: withoutInnerParts },
]) {
  test(`${how}: what arrives is called back with, each time as bytes of its own, and the end is told`, async () => {
    const { client, accepted } = await makePair();
    const pieces: Buffer[] = [];
    let ended = false;
    accepted.on('end', () => {
      ended = true;
    });
    readSocket(seen(accepted), (bytes) => pieces.push(bytes));
    client.write('one');
    await waitFor(() => pieces.length === 1);
    client.write('two');
    await waitFor(() => pieces.length === 2);
    expect(pieces.map(String)).toEqual(['one', 'two']);
    const large = Buffer.alloc(1_000_000, 'abcdefg');
    client.end(large);
    await waitFor(() => ended);
    expect(Buffer.concat(pieces.slice(2)).equals(large)).toBe(true);
  });

  test(`${how}: a paused socket is not read until it is resumed`, async () => {
    const { client, accepted } = await makePair();
    let bytes = 0;
    readSocket(seen(accepted), (piece) => {
      bytes += piece.length;
      accepted.pause();
    });
    client.write(Buffer.alloc(400_000));
    await waitFor(() => bytes > 0);
    const first = bytes;
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(bytes).toBe(first);
    await waitFor(() => {
      accepted.resume();
      return bytes === 400_000;
    });
  });

  test(`${how}: once it is stopped, what arrives is thrown away`, async () => {
    const { client, accepted } = await makePair();
    let pieces = 0;
    let ended = false;
    accepted.on('end', () => {
      ended = true;
    });
    const stop = readSocket(seen(accepted), () => pieces++);
    client.write('one');
    await waitFor(() => pieces === 1);
    stop();
    client.end('two');
    await waitFor(() => ended);
    expect(pieces).toBe(1);
  });
}
