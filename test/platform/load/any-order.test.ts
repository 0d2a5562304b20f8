/** Load over protocols whose answers name their requests and come in any order: UDP, and streams of messages. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/platform/clock.js';
import { DatagramLink, type MessageCodec } from '../../../src/platform/load/datagram-link.js';
import type { PlacedDriver } from '../../../src/platform/load/driver.js';
import { PlacedSocketLink, type StreamCodec } from '../../../src/platform/load/placed-socket-link.js';
import { RequestIds } from '../../../src/platform/load/request-ids.js';
import { runLoad } from '../../../src/platform/load/run.js';
import { closedLoop, constantRate } from '../../../src/platform/load/schedule.js';
import { tcpServer } from './http-servers.js';
import { sentOf } from './planned.js';

/** Three octets: the id, and what kind of message it is. */
const codec: MessageCodec = {
  request: (id) => Uint8Array.of(id >>> 8, id & 0xff, 0),
  idOf: (message) => (message.length === 3 ? ((message[0] ?? 0) << 8) | (message[1] ?? 0) : -1),
  codeOf: (message) => message[2] ?? 0,
};

type Reply = (message: Uint8Array) => void;

/** Answers as `on` says; the last octet of a reply is its code. */
async function udpServer(on: (id: Uint8Array, reply: Reply, seen: number) => void) {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const counted = { seen: 0 };
  socket.on('message', (message, { port, address }) => {
    counted.seen++;
    on(Uint8Array.from(message.subarray(0, 2)), (reply) => socket.send(reply, port, address), counted.seen);
  });
  let closed = false;
  const close = () => {
    if (!closed) socket.close();
    closed = true;
  };
  onTestFinished(close);
  return { port: socket.address().port, counted, close };
}

function driverOf(pipeline: number, link: PlacedDriver['link'], bytes = { sent: 0, received: 0 }): PlacedDriver {
  return {
    anyOrder: true,
    target: 'a test',
    pipeline,
    bytes,
    classes: [{ name: 'good', tone: 'good' }],
    label: String,
    classOf: () => 0,
    prepare: async () => {},
    link,
  };
}

function udpDriver(port: number, pipeline: number): PlacedDriver {
  const bytes = { sent: 0, received: 0 };
  const options = { address: '127.0.0.1', port, pipeline, clock: systemClock, bytes, codec };
  return driverOf(pipeline, (events) => new DatagramLink(options, events), bytes);
}

const base = {
  clock: systemClock,
  signal: new AbortController().signal,
  connections: 2,
  warmupMs: 0,
  timeoutMs: 2_000,
  durationMs: 200,
};
const hundred = constantRate({ count: 100, perMs: 1000 });

describe('over UDP', () => {
  test('each datagram that the server saw was answered', async () => {
    const { port, counted } = await udpServer((id, reply) => reply(Uint8Array.of(...id, 7)));
    const driver = udpDriver(port, 16);
    const result = await runLoad({ ...base, driver, schedule: closedLoop });
    expect(result).toMatchObject({ failed: 0, unfinished: 0, sent: counted.seen, answered: counted.seen });
    expect(Object.fromEntries(result.codes)).toEqual({ 7: counted.seen });
    expect(driver.bytes).toEqual({ sent: 3 * counted.seen, received: 3 * counted.seen });
  });

  test('answers count for their own requests, in whatever order they come', async () => {
    // The first of two waits for the second.
    let held: (() => void) | undefined;
    const { port } = await udpServer((id, reply) => {
      const answer = () => reply(Uint8Array.of(...id, 0));
      if (held === undefined) held = answer;
      else {
        answer();
        held();
        held = undefined;
      }
    });
    const schedule = constantRate({ count: 20, perMs: 1000 });
    const result = await runLoad({ ...base, connections: 1, driver: udpDriver(port, 8), schedule, durationMs: 400 });
    // One may be left without its second.
    expect(result).toMatchObject({ answered: sentOf(result, 8) - result.failed, failed: result.sent % 2 });
    // Half of them waited for the next one, 50 ms later, and half did not.
    expect(result.uncorrected.summary.minUs).toBeLessThan(40_000);
    expect(result.uncorrected.summary.maxUs).toBeGreaterThan(40_000);
  });

  test('what is lost times out by itself, and holds up nothing', async () => {
    const { port } = await udpServer((id, reply, seen) => {
      if (seen % 4 !== 0) reply(Uint8Array.of(...id, 0));
    });
    const driver = udpDriver(port, 32);
    const result = await runLoad({
      ...base,
      connections: 1,
      driver,
      schedule: hundred,
      timeoutMs: 500,
      durationMs: 400,
    });
    const lost = Math.floor(sentOf(result, 40) / 4);
    expect(result).toMatchObject({ answered: result.sent - lost, failures: { timeout: lost } });
    expect(result.messages.get('timeout')).toBe('no answer within 500 ms');
    expect(result.uncorrected.summary.maxUs).toBeLessThan(500_000);
  });

  test('an answer that is late is not taken for that to a later request', async () => {
    const late: (() => void)[] = [];
    const { port } = await udpServer((id, reply, seen) => {
      if (seen <= 3) late.push(() => reply(Uint8Array.of(...id, 99)));
      else {
        for (const answer of late.splice(0)) answer();
        reply(Uint8Array.of(...id, 1));
      }
    });
    const driver = udpDriver(port, 1);
    const result = await runLoad({
      ...base,
      connections: 1,
      driver,
      schedule: hundred,
      timeoutMs: 20,
      durationMs: 300,
    });
    expect([...result.codes.keys()]).toEqual([1]);
    expect(result.failures.timeout).toBeGreaterThanOrEqual(3);
    expect(result.answered + result.failed).toBe(result.sent);
  });

  test('datagrams that are none of the protocol, or of an id that nobody waits for, are passed over', async () => {
    const { port } = await udpServer((id, reply) => {
      reply(Uint8Array.of(1));
      reply(Uint8Array.of((id[0] ?? 0) ^ 0x40, id[1] ?? 0, 50));
      reply(Uint8Array.of(...id, 2));
      reply(Uint8Array.of(...id, 3));
    });
    const result = await runLoad({ ...base, driver: udpDriver(port, 1), schedule: hundred });
    expect(result).toMatchObject({ answered: sentOf(result, 20), failed: 0 });
    expect([...result.codes.keys()]).toEqual([2]);
  });

  test('a port on which nobody listens refuses', async () => {
    const { port, close } = await udpServer(() => {});
    close();
    const result = await runLoad({ ...base, driver: udpDriver(port, 4), schedule: hundred });
    const { refused, timeout } = result.failures;
    expect(refused).toBeGreaterThan(0);
    // A socket keeps one error: of several refusals at once it may tell of one.
    expect({ answered: result.answered, failed: refused + timeout }).toEqual({
      answered: 0,
      failed: sentOf(result, 20),
    });
    const closed = await runLoad({ ...base, driver: udpDriver(port, 4), schedule: closedLoop });
    // Each pause after a refusal is 100 ms.
    expect(closed.sent).toBeLessThanOrEqual(2 * 4 * 4);
  });
});

/** The same three octets, one message behind another. */
function streamCodec(): StreamCodec {
  let held: number[] = [];
  return {
    begin() {
      held = [];
    },
    requests: (ids) => Uint8Array.from(ids.flatMap((id) => [id >>> 8, id & 0xff, 0])),
    receive(chunk, length, answered) {
      held.push(...chunk.subarray(0, length));
      while (held.length >= 3) {
        const [high = 0, low = 0, code = 0] = held.splice(0, 3);
        answered((high << 8) | low, code);
      }
    },
    problem: '',
  };
}

describe('over TCP', () => {
  const driverAt = (port: number, pipeline: number) => {
    const bytes = { sent: 0, received: 0 };
    const place = () => ({ address: '127.0.0.1', port, tls: undefined });
    const options = { place, clock: systemClock, bytes, connectTimeoutMs: 1_000, pipeline };
    return driverOf(pipeline, (events) => new PlacedSocketLink({ ...options, codec: streamCodec() }, events), bytes);
  };

  test('answers that come backwards are told apart', async () => {
    const { port } = await tcpServer((socket, data) => {
      const messages = [];
      for (let at = 0; at + 3 <= data.length; at += 3) messages.push(data.subarray(at, at + 3));
      for (const message of messages.reverse()) socket.write(Uint8Array.of(...message.subarray(0, 2), 5));
    });
    const result = await runLoad({ ...base, driver: driverAt(port, 8), schedule: closedLoop });
    expect(result).toMatchObject({ failed: 0, unfinished: 0 });
    expect(result.answered).toBe(result.sent);
    expect([...result.codes.keys()]).toEqual([5]);
  });

  test('one that never comes is lost alone; a connection that ends takes with it what is under way', async () => {
    let seen = 0;
    const { port } = await tcpServer((socket, data) => {
      // Several messages come at once when the machine is busy.
      for (let at = 0; at + 3 <= data.length; at += 3) if (++seen % 5 !== 0) socket.write(data.subarray(at, at + 3));
    });
    const driver = driverAt(port, 8);
    const lossy = await runLoad({ ...base, connections: 1, driver, schedule: hundred, timeoutMs: 500 });
    const lost = Math.floor(sentOf(lossy, 20) / 5);
    expect(lossy).toMatchObject({ answered: lossy.sent - lost, failures: { timeout: lost } });

    const ending = await tcpServer((socket) => socket.destroy());
    const ended = await runLoad({ ...base, driver: driverAt(ending.port, 8), schedule: hundred });
    expect(ended).toMatchObject({ answered: 0, failures: { reset: sentOf(ended, 20) } });
  });
});

describe('ids', () => {
  test.each([1, 2, 3, 100, 65_536])('of %i requests at once are different, and lead back to their places', (places) => {
    const ids = new RequestIds(places);
    const taken = Array.from({ length: places }, (_, place) => ids.take(place));
    expect(new Set(taken).size).toBe(places);
    expect(taken.every((id) => id >= 0 && id <= 0xffff)).toBe(true);
    expect(taken.map((id) => ids.settle(id))).toEqual(taken.map((_, place) => place));
  });

  test('of what was settled or given up are nobody’s, and the next one at the place is another', () => {
    const ids = new RequestIds(4);
    const first = ids.take(2);
    expect(ids.settle(first)).toBe(2);
    expect(ids.settle(first)).toBe(-1);
    const second = ids.take(2);
    expect(second).not.toBe(first);
    ids.giveUp(2);
    expect(ids.settle(second)).toBe(-1);
    expect(() => new RequestIds(65_537)).toThrow('16 bits');
  });
});
