import { createSocket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import { type ExchangeOptions, exchange } from '../../../../src/blocks/dns/client/exchange.js';
import { parseServer } from '../../../../src/blocks/dns/client/server-address.js';
import { Name } from '../../../../src/blocks/dns/name.js';
import { printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import { EdnsOptionCode, type Message, Rcode, writeMessage } from '../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import type { DsError } from '../../../../src/platform/errors.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { freePorts } from '../../../helpers/name-servers.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { answerTo, bytesOf, type FakeServerOptions, question, startFakeServer } from './fake-server.js';

const options: ExchangeOptions = { timeoutMs: 5_000, retries: 0, clock: systemClock, random: systemRandom };
const RIGHT = 'a.test. 60 A 192.0.2.1';
const WRONG = 'a.test. 60 A 203.0.113.66';
const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };

const answersOf = ({ answers }: Message) => answers.map(({ type, rdata }) => printRdata(type, rdata));
const cookie = (hex: string) => ({ code: EdnsOptionCode.COOKIE, data: Buffer.from(hex, 'hex') });
const withCookie = (hex: string) => ({ ...edns, options: [cookie(hex)] });

async function ask(behaviour: FakeServerOptions, query = question('a.test'), more: Partial<ExchangeOptions> = {}) {
  const server = await startFakeServer(behaviour);
  return { fake: server, ...(await exchange(parseServer(server.place), query, { ...options, ...more })) };
}

async function errorOf(promise: Promise<unknown>): Promise<DsError> {
  return promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => error,
  );
}

describe('over UDP', () => {
  test('a query is answered', async () => {
    const { response, octets, transport, attempts, address, fake } = await ask({
      udp: (query, send) => send(answerTo(query, [RIGHT])),
    });
    expect(answersOf(response)).toEqual(['192.0.2.1']);
    expect({ transport, attempts, address }).toEqual({ transport: 'udp', attempts: 1, address: '127.0.0.1' });
    expect(octets).toBe(12 + 12 + 16);
    expect(response.id).toBe(fake.queries[0]?.id);
  });

  test('RFC 5452, section 9.2: each query has an id and a port of its own', async () => {
    const ports = new Set<number>();
    const server = await startFakeServer({
      udp: (query, send, { peer }) => {
        ports.add(peer.port);
        send(answerTo(query));
      },
    });
    for (let i = 0; i < 20; i++) await exchange(parseServer(server.place), question('a.test'), options);
    expect(ports.size).toBeGreaterThan(15);
    expect(new Set(server.queries.map(({ id }) => id)).size).toBeGreaterThan(15);
  });

  test('an id can be told, and goes out', async () => {
    const { fake } = await ask({ udp: (query, send) => send(answerTo(query)) }, question('a.test'), { id: 4711 });
    expect(fake.queries[0]?.id).toBe(4711);
  });

  test('200 queries at once are answered, each its own', async () => {
    const server = await startFakeServer({
      udp: (query, send) => {
        const name = query.questions[0]?.name.toString() ?? '';
        send(answerTo(query, [`${name} 60 TXT "${name}"`]));
      },
    });
    const names = Array.from({ length: 200 }, (_, index) => `n${index}.test.`);
    const found = await Promise.all(
      names.map((name) => exchange(parseServer(server.place), question(name, 'TXT'), options)),
    );
    expect(found.map(({ response }) => answersOf(response)[0])).toEqual(names.map((name) => `"${name}"`));
  });

  test('where nothing listens, the error comes at once', async () => {
    const [port] = await freePorts(1);
    const error = await errorOf(exchange(parseServer(`127.0.0.1:${port}`), question('a.test'), options));
    expect(error).toMatchObject({ code: 'dns.unreachable', kind: 'peer' });
    expect(error.message).toBe(`udp://127.0.0.1:${port} cannot be reached: nothing listens there`);
  });

  test('a name that does not resolve is told as such', async () => {
    const error = await errorOf(exchange(parseServer('ns.invalid'), question('a.test'), options));
    expect(error.code).toBe('dns.unreachable');
    expect(error.message).toMatch(/its name does not resolve/);
  });

  test('an address of the wrong family is not asked', async () => {
    const error = await errorOf(exchange(parseServer('127.0.0.1'), question('a.test'), { ...options, family: 6 }));
    expect(error.message).toMatch(/no IPv6 address/);
  });
});

describe('what does not belong to the query is ignored, and the right reply still taken', () => {
  const other = question('b.test').questions;
  const hostile: Readonly<Record<string, (query: Message) => Message | Uint8Array>> = {
    'another id': (query) => answerTo({ ...query, id: query.id ^ 1 }, [WRONG]),
    'another question': (query) => ({ ...answerTo(query, [WRONG]), questions: other }),
    'another type': (query) => ({ ...answerTo(query, [WRONG]), questions: question('a.test', 'AAAA').questions }),
    'no question, with an answer': (query) => ({ ...answerTo(query, [WRONG]), questions: [] }),
    'another opcode': (query) => answerTo({ ...query, opcode: 4 }, [WRONG]),
    'the query itself, come back': (query) => query,
    'nothing at all': () => new Uint8Array(),
    'half a header': (query) => writeMessage(answerTo(query, [WRONG])).slice(0, 7),
    'cut within the answer': (query) => writeMessage(answerTo(query, [WRONG])).slice(0, -3),
    'octets behind the end': (query) => Uint8Array.from([...writeMessage(answerTo(query, [WRONG])), 0]),
    'a lie about the number of records': (query) => {
      const bytes = writeMessage(answerTo(query, [WRONG]));
      bytes[7] = 200;
      return bytes;
    },
    'a pointer to itself': (query) => {
      const bytes = writeMessage(answerTo(query));
      bytes[12] = 0xc0;
      bytes[13] = 12;
      return bytes;
    },
  };

  test.each(Object.entries(hostile))('%s', async (_name, make) => {
    const { response } = await ask({
      udp: (query, send) => {
        for (let i = 0; i < 5; i++) send(make(query));
        send(answerTo(query, [RIGHT]));
      },
    });
    expect(answersOf(response)).toEqual(['192.0.2.1']);
  });

  test('a reply from another port does not even get through', async () => {
    const elsewhere = createSocket('udp4');
    const { response } = await ask({
      udp: (query, send, { peer }) => {
        const forged = bytesOf(answerTo(query, [WRONG]));
        elsewhere.send(forged, peer.port, peer.address, () => send(answerTo(query, [RIGHT])));
      },
    });
    await new Promise<void>((resolve) => elsewhere.close(resolve));
    expect(answersOf(response)).toEqual(['192.0.2.1']);
  });

  test('RFC 7873, section 5.3: a cookie that is not ours', async () => {
    const query = question('a.test', 'A', { edns: withCookie('0102030405060708') });
    const { response } = await ask(
      {
        udp: (asked, send) => {
          send(answerTo(asked, [WRONG], { edns: withCookie('ff02030405060708aaaaaaaaaaaaaaaa') }));
          send(answerTo(asked, [RIGHT], { edns: withCookie('0102030405060708aaaaaaaaaaaaaaaa') }));
        },
      },
      query,
    );
    expect(answersOf(response)).toEqual(['192.0.2.1']);
  });

  test('the case of the question does not matter', async () => {
    const { response } = await ask({
      udp: (query, send) => send({ ...answerTo(query, [RIGHT]), questions: question('A.TEST').questions }),
    });
    expect(answersOf(response)).toEqual(['192.0.2.1']);
  });

  test('when nothing else comes, the error tells of it', async () => {
    const clock = new ManualClock();
    const server = await startFakeServer({
      udp: (query, send) => {
        if (query.questions[0]?.name.equals(question('b.test').questions[0]?.name ?? Name.root)) send(answerTo(query));
        else for (let i = 0; i < 3; i++) send(answerTo({ ...query, id: query.id ^ 1 }, [WRONG]));
      },
    });
    const failed = errorOf(exchange(parseServer(server.place), question('a.test'), { ...options, clock }));
    await waitFor(() => server.queries.length === 1);
    // Sent later, and answered: what was sent before has come.
    await exchange(parseServer(server.place), question('b.test'), options);
    clock.advance(5_000);
    const error = await failed;
    expect(error).toMatchObject({ code: 'dns.timeout', details: { ignored: 3, timeout_ms: 5_000 } });
    expect(error.message).toMatch(/3 messages that do not belong to the query .* its id is another one$/);
  });
});

describe('attempts', () => {
  test('without a reply the query is sent again, with another id', async () => {
    const clock = new ManualClock();
    let last: () => void = () => {};
    const server = await startFakeServer({
      udp: (query, send) => {
        last = () => send(answerTo(query, [RIGHT]));
      },
    });
    const found = exchange(parseServer(server.place), question('a.test'), { ...options, clock, retries: 2 });
    for (const count of [1, 2]) {
      await waitFor(() => server.queries.length === count && clock.sleeping === 1);
      clock.advance(4_999);
      expect(clock.sleeping).toBe(1);
      clock.advance(1);
    }
    await waitFor(() => server.queries.length === 3);
    last();
    expect((await found).attempts).toBe(3);
    expect(new Set(server.queries.map(({ id }) => id)).size).toBe(3);
  });

  test('a reply to an earlier attempt comes too late', async () => {
    const clock = new ManualClock();
    const replies: (() => void)[] = [];
    const server = await startFakeServer({
      udp: (query, send) => {
        const text = replies.length === 0 ? WRONG : RIGHT;
        replies.push(() => send(answerTo(query, [text])));
      },
    });
    const found = exchange(parseServer(server.place), question('a.test'), { ...options, clock, retries: 1 });
    await waitFor(() => server.queries.length === 1 && clock.sleeping === 1);
    clock.advance(5_000);
    await waitFor(() => replies.length === 2);
    for (const reply of replies) reply();
    expect(answersOf((await found).response)).toEqual(['192.0.2.1']);
  });

  test('after the last one the error tells server and time', async () => {
    const clock = new ManualClock();
    const server = await startFakeServer({});
    const failed = errorOf(exchange(parseServer(server.place), question('a.test'), { ...options, clock, retries: 1 }));
    for (const count of [1, 2]) {
      await waitFor(() => server.queries.length === count && clock.sleeping === 1);
      clock.advance(5_000);
    }
    expect((await failed).message).toBe(`no reply from udp://127.0.0.1:${server.port} within 5s`);
  });

  test('an abort ends the wait at once, with its reason', async () => {
    const stop = new AbortController();
    const server = await startFakeServer({});
    const failed = errorOf(
      exchange(parseServer(server.place), question('a.test'), { ...options, signal: stop.signal }),
    );
    await waitFor(() => server.queries.length === 1);
    stop.abort(new Error('enough'));
    expect((await failed).message).toBe('enough');
    await expect(
      exchange(parseServer(server.place), question('a.test'), { ...options, signal: stop.signal }),
    ).rejects.toThrow('enough');
    expect(server.queries).toHaveLength(1);
  });
});

describe('truncated replies', () => {
  const longAnswer = [RIGHT, 'a.test. 60 A 192.0.2.2'];

  test('RFC 7766, section 5: are asked for again over TCP', async () => {
    const { response, transport, truncatedUdp, attempts } = await ask({
      udp: (query, send) => send(answerTo(query, [], { truncated: true })),
      tcp: (query, send) => send(answerTo(query, longAnswer)),
    });
    expect(answersOf(response)).toEqual(['192.0.2.1', '192.0.2.2']);
    expect({ transport, truncatedUdp, attempts }).toEqual({ transport: 'tcp', truncatedUdp: true, attempts: 2 });
  });

  test('also when they were cut in the middle of a record', async () => {
    const { response } = await ask({
      udp: (query, send) => send(writeMessage(answerTo(query, longAnswer, { truncated: true })).slice(0, -6)),
      tcp: (query, send) => send(answerTo(query, longAnswer)),
    });
    expect(answersOf(response)).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  test('are taken as they are when that is wanted', async () => {
    const { response, transport } = await ask(
      { udp: (query, send) => send(answerTo(query, [RIGHT], { truncated: true })) },
      question('a.test'),
      { ignoreTruncation: true },
    );
    expect({ transport, truncated: response.truncated }).toEqual({ transport: 'udp', truncated: true });
  });

  test('and no TCP there is an error', async () => {
    const server = await startFakeServer({ udp: (query, send) => send(answerTo(query, [], { truncated: true })) });
    const error = await errorOf(exchange(parseServer(server.place), question('a.test'), options));
    expect(error.message).toBe(`tcp://127.0.0.1:${server.port} cannot be reached: nothing listens there`);
  });
});

describe('EDNS', () => {
  test.each([
    ['FORMERR', Rcode.FORMERR],
    ['NOTIMP', Rcode.NOTIMP],
  ])('RFC 6891, section 7: %s without OPT is asked again without EDNS', async (_name, rcode) => {
    const again: string[] = [];
    const { response, fake } = await ask(
      {
        udp: (query, send) =>
          send(query.edns === undefined ? answerTo(query, [RIGHT]) : answerTo(query, [], { rcode })),
      },
      question('a.test'),
      { onAgain: (why) => again.push(why) },
    );
    expect(answersOf(response)).toEqual(['192.0.2.1']);
    expect(fake.queries.map((query) => query.edns !== undefined)).toEqual([true, false]);
    expect(again).toEqual(['without_edns']);
  });

  test('so is FORMERR that is a header and nothing else', async () => {
    const { response } = await ask({
      udp: (query, send) => {
        const refusal = { ...answerTo(query, [], { rcode: Rcode.FORMERR }), questions: [] };
        send(query.edns === undefined ? answerTo(query, [RIGHT]) : refusal);
      },
    });
    expect(answersOf(response)).toEqual(['192.0.2.1']);
  });

  test('FORMERR with OPT is the answer', async () => {
    const { response, fake } = await ask({
      udp: (query, send) => send(answerTo(query, [], { rcode: Rcode.FORMERR, edns })),
    });
    expect(response.rcode).toBe(Rcode.FORMERR);
    expect(fake.queries).toHaveLength(1);
  });

  test('section 6.1.3: BADVERS is asked again in the version of the server', async () => {
    const { response, fake } = await ask(
      {
        udp: (query, send) => {
          const rcode = query.edns?.version === 0 ? Rcode.NOERROR : Rcode.BADVERS;
          send(answerTo(query, rcode === Rcode.NOERROR ? [RIGHT] : [], { rcode, edns }));
        },
      },
      question('a.test', 'A', { edns: { ...edns, version: 3 } }),
    );
    expect(answersOf(response)).toEqual(['192.0.2.1']);
    expect(fake.queries.map((query) => query.edns?.version)).toEqual([3, 0]);
  });

  test('BADVERS that names no lower version is the answer, as is all without negotiation', async () => {
    const behaviour: FakeServerOptions = {
      udp: (query, send) => send(answerTo(query, [], { rcode: Rcode.BADVERS, edns })),
    };
    expect((await ask(behaviour)).fake.queries).toHaveLength(1);
    const query = question('a.test', 'A', { edns: { ...edns, version: 3 } });
    expect((await ask(behaviour, query, { negotiateEdns: false })).fake.queries).toHaveLength(1);
  });

  test('RFC 7873, section 5.3: BADCOOKIE is asked again with the cookie of the server', async () => {
    const server = '0102030405060708aaaaaaaaaaaaaaaa';
    const { response, fake } = await ask(
      {
        udp: (query, send) => {
          const [sent] = query.edns?.options ?? [];
          const knows = sent?.data.length === 16;
          const rcode = knows ? Rcode.NOERROR : Rcode.BADCOOKIE;
          send(answerTo(query, knows ? [RIGHT] : [], { rcode, edns: withCookie(server) }));
        },
      },
      question('a.test', 'A', { edns: withCookie('0102030405060708') }),
    );
    expect(answersOf(response)).toEqual(['192.0.2.1']);
    expect(fake.queries.map((query) => Buffer.from(query.edns?.options[0]?.data ?? []).toString('hex'))).toEqual([
      '0102030405060708',
      server,
    ]);
  });

  test('BADCOOKIE once more goes over TCP, and is the answer there', async () => {
    const badCookie = (query: Message) =>
      answerTo(query, [], { rcode: Rcode.BADCOOKIE, edns: withCookie('0102030405060708aaaaaaaaaaaaaaaa') });
    const { response, transport, attempts } = await ask(
      { udp: (query, send) => send(badCookie(query)), tcp: (query, send) => send(badCookie(query)) },
      question('a.test', 'A', { edns: withCookie('0102030405060708') }),
    );
    expect({ rcode: response.rcode, transport, attempts }).toEqual({
      rcode: Rcode.BADCOOKIE,
      transport: 'tcp',
      attempts: 3,
    });
  });

  test('a server that answers FORMERR, BADVERS and BADCOOKIE in turns is not asked for ever', async () => {
    let count = 0;
    const { fake } = await ask(
      {
        udp: (query, send) => {
          const rcode = count++ % 2 === 0 ? Rcode.BADCOOKIE : Rcode.BADVERS;
          send(answerTo(query, [], { rcode, edns: withCookie('0102030405060708aaaaaaaaaaaaaaaa') }));
        },
        tcp: (query, send) => {
          send(answerTo(query, [], { rcode: Rcode.BADCOOKIE, edns: withCookie('0102030405060708bbbbbbbbbbbbbbbb') }));
        },
      },
      question('a.test', 'A', { edns: { ...withCookie('0102030405060708'), version: 200 } }),
    );
    expect(fake.queries.length).toBeLessThanOrEqual(5);
  });
});
