import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import type { Handler } from '../../../../src/blocks/dns/server/handler.js';
import { UdpListener } from '../../../../src/blocks/dns/server/listeners/udp.js';
import { makeMessage, RRType, readMessage, responseTo, writeMessage } from '../../../../src/blocks/dns/wire.js';
import { waitFor } from '../../../helpers/wait-for.js';

/** Answers each query when it is told to. */
class SlowHandler implements Handler {
  readonly waiting: (() => void)[] = [];

  answer(query: Buffer): Promise<Uint8Array> {
    const response = writeMessage(responseTo(readMessage(query)));
    return new Promise((resolve) => this.waiting.push(() => resolve(response)));
  }

  transfer(): undefined {}
}

const query = writeMessage(
  makeMessage({ id: 7, questions: [{ name: Name.parse('www.shop.test.'), type: RRType.A, class: 1 }] }),
);

async function ask() {
  const handler = new SlowHandler();
  const listener = new UdpListener('127.0.0.1', handler, { dropped: 0 }, pino({ level: 'silent' }));
  const client = createSocket('udp4');
  onTestFinished(() => {
    listener.close();
    client.close();
  });
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 }, 'test --listen');
  client.send(query, port, '127.0.0.1');
  await waitFor(() => handler.waiting.length === 1);
  return { handler, listener, client };
}

test('draining waits for answers that are on their way', async () => {
  const { handler, listener, client } = await ask();
  let isDrained = false;
  const drained = listener.drain().then(() => {
    isDrained = true;
  });
  const answer = once(client, 'message');
  expect(listener.waiting).toBe(1);
  expect(isDrained).toBe(false);
  handler.waiting.shift()?.();
  await drained;
  const [wire] = await answer;
  expect(readMessage(wire).id).toBe(7);
});

test('an answer that comes after the port was closed is dropped, and breaks nothing', async () => {
  const { handler, listener } = await ask();
  listener.close();
  handler.waiting.shift()?.();
  await waitFor(() => listener.waiting === 0);
});
