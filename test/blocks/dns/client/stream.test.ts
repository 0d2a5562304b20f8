import { afterEach, describe, expect, test } from 'vitest';
import { Connections } from '../../../../src/blocks/dns/client/connections.js';
import { type ExchangeOptions, exchange } from '../../../../src/blocks/dns/client/exchange.js';
import { FrameReader, frame } from '../../../../src/blocks/dns/client/frames.js';
import { parseServer } from '../../../../src/blocks/dns/client/server-address.js';
import type { Message } from '../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { freePorts } from '../../../helpers/name-servers.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { answerTo, bytesOf, type FakeServer, framed, question, startFakeServer } from './fake-server.js';

let connections: Connections | undefined;

function keep(clock = systemClock as ExchangeOptions['clock']): ExchangeOptions {
  connections = new Connections({ clock, random: systemRandom });
  return { timeoutMs: 5_000, retries: 0, clock, random: systemRandom, connections };
}

afterEach(async () => {
  await connections?.close();
  connections = undefined;
});

const over = ({ port }: FakeServer) => parseServer(`tcp://127.0.0.1:${port}`);
const nameOf = ({ questions }: Message) => questions[0]?.name.toString();

describe('one connection', () => {
  test('RFC 7766, section 6.2.1: is kept for the next query', async () => {
    const server = await startFakeServer({ tcp: (query, send) => send(answerTo(query)) });
    const options = keep();
    for (const name of ['a.test', 'b.test', 'c.test']) await exchange(over(server), question(name), options);
    expect(server.connections()).toBe(1);
  });

  test('without kept connections each query has its own', async () => {
    const server = await startFakeServer({ tcp: (query, send) => send(answerTo(query)) });
    const { connections: _, ...options } = keep();
    for (const name of ['a.test', 'b.test']) await exchange(over(server), question(name), options);
    expect(server.connections()).toBe(2);
  });

  test('section 6.2.1.1: carries many queries at once, whose replies come in any order', async () => {
    const waiting: (() => void)[] = [];
    const server = await startFakeServer({
      tcp: (query, send) => {
        waiting.push(() => send(answerTo(query)));
        if (waiting.length === 300) for (const reply of waiting.reverse()) reply();
      },
    });
    const names = Array.from({ length: 300 }, (_, index) => `n${index}.test.`);
    const options = keep();
    const found = await Promise.all(names.map((name) => exchange(over(server), question(name), options)));
    expect(found.map(({ response }) => nameOf(response))).toEqual(names);
    expect(server.connections()).toBe(1);
    expect(new Set(server.queries.map(({ id }) => id)).size).toBe(300);
  });

  test('that the server has closed is opened anew', async () => {
    const server = await startFakeServer({ tcp: (query, send) => send(answerTo(query)) });
    const options = keep();
    await exchange(over(server), question('a.test'), options);
    server.hangUp();
    await exchange(over(server), question('b.test'), options);
    expect(server.connections()).toBe(2);
  });

  test('that is closed just when a query was sent on it: the query is sent once more', async () => {
    let answered = 0;
    const server = await startFakeServer({
      tcp: (query, send, socket) => {
        if (answered++ === 1) socket.destroy();
        else send(answerTo(query));
      },
    });
    const options = keep();
    await exchange(over(server), question('a.test'), options);
    expect(nameOf((await exchange(over(server), question('b.test'), options)).response)).toBe('b.test.');
    expect(server.queries.map(nameOf)).toEqual(['a.test.', 'b.test.', 'b.test.']);
  });

  test('that a server closes again and again is an error', async () => {
    const server = await startFakeServer({ tcp: (_query, _send, socket) => socket.destroy() });
    const asked = exchange(over(server), question('a.test'), keep());
    await expect(asked).rejects.toMatchObject({
      code: 'dns.unreachable',
      message: expect.stringMatching(/it hung up$/),
    });
  });

  test('is closed after some time without a query', async () => {
    const clock = new ManualClock();
    const server = await startFakeServer({ tcp: (query, send) => send(answerTo(query)) });
    const options = keep(clock);
    await exchange(over(server), question('a.test'), options);
    clock.advance(8_000);
    await exchange(over(server), question('b.test'), options);
    expect(server.connections()).toBe(1);
    clock.advance(9_000);
    await exchange(over(server), question('c.test'), options);
    expect(server.connections()).toBe(2);
  });

  test('on which nothing came for all the time of a query is not used again', async () => {
    const clock = new ManualClock();
    let silent = true;
    const server = await startFakeServer({
      tcp: (query, send) => {
        if (!silent) send(answerTo(query));
      },
    });
    const options = keep(clock);
    const lost = exchange(over(server), question('a.test'), options).catch((error) => error);
    await waitFor(() => server.queries.length === 1);
    clock.advance(5_000);
    expect(await lost).toMatchObject({ code: 'dns.timeout' });
    silent = false;
    await exchange(over(server), question('b.test'), options);
    expect(server.connections()).toBe(2);
  });

  test('that could not be opened: all who waited for it hear so, and the next one tries again', async () => {
    const [port] = await freePorts(1);
    const options = keep();
    const server = parseServer(`tcp://127.0.0.1:${port}`);
    const errors = await Promise.allSettled([1, 2, 3].map(() => exchange(server, question('a.test'), options)));
    expect(errors.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  test('ends with close(), and so does what waits on it', async () => {
    const server = await startFakeServer({ tcp: () => {} });
    const options = keep();
    const waiting = exchange(over(server), question('a.test'), options).catch((error) => error);
    await waitFor(() => server.queries.length === 1);
    await connections?.close();
    expect(await waiting).toMatchObject({ code: 'dns.unreachable' });
    await expect(exchange(over(server), question('a.test'), options)).rejects.toMatchObject({
      message: expect.stringMatching(/the connections are closed/),
    });
  });

  test('an abort ends one query and no other', async () => {
    const replies: (() => void)[] = [];
    const server = await startFakeServer({ tcp: (query, send) => replies.push(() => send(answerTo(query))) });
    const options = keep();
    const stop = new AbortController();
    const first = exchange(over(server), question('a.test'), { ...options, signal: stop.signal }).catch((e) => e);
    const second = exchange(over(server), question('b.test'), options);
    await waitFor(() => replies.length === 2);
    stop.abort(new Error('enough'));
    expect((await first).message).toBe('enough');
    // The reply to what was given up is ours all the same.
    for (const reply of replies) reply();
    expect(nameOf((await second).response)).toBe('b.test.');
    expect(server.connections()).toBe(1);
  });
});

describe('a hostile server', () => {
  test('what belongs to no query is ignored', async () => {
    const server = await startFakeServer({
      tcp: (query, send) => {
        send(answerTo({ ...query, id: query.id ^ 1 }));
        send({ ...answerTo(query), questions: question('z.test').questions });
        send(new Uint8Array());
        send(answerTo(query, ['a.test. 60 A 192.0.2.1']));
      },
    });
    expect((await exchange(over(server), question('a.test'), keep())).response.answers).toHaveLength(1);
  });

  test('that sends what nobody asked for again and again is hung up on', async () => {
    const server = await startFakeServer({
      tcp: (query, send) => {
        for (let i = 0; i < 200; i++) send(answerTo({ ...query, id: query.id ^ 1 }));
      },
    });
    const asked = exchange(over(server), question('a.test'), keep());
    await expect(asked).rejects.toMatchObject({ message: expect.stringMatching(/it sends what nobody asked for$/) });
  });

  test('whose reply cannot be read', async () => {
    const server = await startFakeServer({
      tcp: (query, send) => send(Uint8Array.from([...bytesOf(answerTo(query)), 1, 2, 3])),
    });
    await expect(exchange(over(server), question('a.test'), keep())).rejects.toMatchObject({ code: 'dns.malformed' });
  });

  test('that sends a message octet by octet is understood', async () => {
    const server = await startFakeServer({
      tcp: (query, _send, socket) => {
        socket.setNoDelay(true);
        for (const octet of framed(bytesOf(answerTo(query, ['a.test. 60 A 192.0.2.1']))))
          socket.write(Uint8Array.of(octet));
      },
    });
    expect((await exchange(over(server), question('a.test'), keep())).response.answers).toHaveLength(1);
  });
});

describe('frames', () => {
  const messages = [[], [1], [2, 3], Array.from({ length: 700 }, (_, index) => index & 0xff)].map((octets) =>
    Uint8Array.from(octets),
  );
  const stream = Uint8Array.from(messages.flatMap((message) => [...frame(message)]));

  test.each([1, 2, 3, 5, 64, 701, stream.length])('in pieces of %i octets', (size) => {
    const reader = new FrameReader();
    const read: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += size) read.push(...reader.push(stream.slice(at, at + size)));
    expect(read).toEqual(messages);
  });
});
