import { describe, expect, test } from 'vitest';
import { parseServer } from '../../../../src/blocks/dns/client/server-address.js';
import { type TransferOptions, transferMessages } from '../../../../src/blocks/dns/client/transfer.js';
import { TransferEnd } from '../../../../src/blocks/dns/client/transfer-end.js';
import { makeMessage, Rcode, RRType } from '../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { answerTo, type FakeServer, question, record, startFakeServer } from './fake-server.js';

const soa = (serial: number) => `shop.test. 300 SOA ns.shop.test. admin.shop.test. ${serial} 1 2 3 4`;
const a = (index: number) => `n${index}.shop.test. 300 A 10.0.0.${index}`;

const options: TransferOptions = { idleTimeoutMs: 5_000, clock: systemClock, random: systemRandom };
const axfr = question('shop.test', 'AXFR');
const at = ({ port }: FakeServer) => parseServer(`tcp://127.0.0.1:${port}`);

async function recordsOf(server: FakeServer, query = axfr, more: Partial<TransferOptions> = {}): Promise<number[]> {
  const counts: number[] = [];
  for await (const { message } of transferMessages(at(server), query, { ...options, ...more })) {
    counts.push(message.answers.length);
  }
  return counts;
}

/** An IXFR query for what is newer than the serial. */
const ixfr = (serial: number) => ({ ...question('shop.test', 'IXFR'), authorities: [record(soa(serial))] });

describe('where a transfer ends', () => {
  const take = (type: number, have: number | undefined, messages: readonly (readonly string[])[]) => {
    const end = new TransferEnd(type, have);
    return messages.map((texts) => end.take(makeMessage({ answers: texts.map(record) })));
  };

  test('RFC 5936, section 2.2: AXFR, with the second SOA record', () => {
    expect(take(RRType.AXFR, undefined, [[soa(1), a(1)], [a(2)], [a(3), soa(1)]])).toEqual(['more', 'more', 'done']);
    expect(take(RRType.AXFR, undefined, [[soa(1)], [soa(1)]])).toEqual(['more', 'done']);
  });

  test('RFC 1995, section 2: IXFR of what one has is a single SOA record', () => {
    expect(take(RRType.IXFR, 7, [[soa(7)]])).toEqual(['done']);
    expect(take(RRType.IXFR, 8, [[soa(7)]])).toEqual(['done']);
    expect(take(RRType.IXFR, 6, [[soa(7)]])).toEqual(['more']);
  });

  test('section 4: IXFR of differences, in any messages', () => {
    const texts = [soa(3), soa(1), a(1), soa(2), a(2), soa(2), a(2), soa(3), a(3), soa(3)];
    expect(take(RRType.IXFR, 1, [texts])).toEqual(['done']);
    expect(
      take(
        RRType.IXFR,
        1,
        texts.map((text) => [text]),
      ),
    ).toEqual([...Array(9).fill('more'), 'done']);
  });

  test('section 4: IXFR that is the whole zone', () => {
    expect(take(RRType.IXFR, 1, [[soa(3), a(1), a(2)], [soa(3)]])).toEqual(['more', 'done']);
  });

  test('a refusal ends it', () => {
    expect(new TransferEnd(RRType.AXFR).take(makeMessage({ rcode: Rcode.REFUSED }))).toBe('done');
  });

  test.each([
    ['no record', [[]], 'does not begin with an SOA'],
    ['another record first', [[a(1)]], 'does not begin with an SOA'],
    ['another SOA record last', [[soa(1), a(1), soa(2)]], 'its last SOA record is not its first one'],
    ['a record behind the last one', [[soa(1), a(1), soa(1), a(2)]], 'follows its last one'],
  ])('%s is no transfer', (_name, messages, wrong) => {
    expect(take(RRType.AXFR, undefined, messages).at(-1)).toEqual({ wrong: expect.stringContaining(wrong) });
  });
});

describe('over TCP', () => {
  test('messages come as they are sent', async () => {
    const server = await startFakeServer({
      tcp: (query, send) => {
        send(answerTo(query, [soa(1), a(1)]));
        send({ ...answerTo(query, [a(2), a(3)]), questions: [] });
        send(answerTo(query, [soa(1)]));
      },
    });
    expect(await recordsOf(server)).toEqual([2, 2, 1]);
  });

  test('a server that is asked over UDP is asked over TCP', async () => {
    const server = await startFakeServer({ tcp: (query, send) => send(answerTo(query, [soa(1), soa(1)])) });
    let count = 0;
    for await (const _ of transferMessages(parseServer(server.place), axfr, options)) count++;
    expect(count).toBe(1);
  });

  test('IXFR says what one has', async () => {
    const server = await startFakeServer({ tcp: (query, send) => send(answerTo(query, [soa(7)])) });
    expect(await recordsOf(server, ixfr(7))).toEqual([1]);
    expect(server.queries[0]?.authorities).toHaveLength(1);
  });

  test('a thousand messages, more than may wait at once', async () => {
    const server = await startFakeServer({
      tcp: (query, send) => {
        send(answerTo(query, [soa(1)]));
        const many = Array.from({ length: 200 }, (_, index) => a(index % 200));
        for (let i = 0; i < 1_000; i++) send(answerTo(query, many));
        send(answerTo(query, [soa(1)]));
      },
    });
    const counts = await recordsOf(server);
    expect(counts).toHaveLength(1_002);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200_002);
  });

  test.each([
    ['another id', (query: Parameters<typeof answerTo>[0]) => answerTo({ ...query, id: query.id ^ 1 }, [soa(1)])],
    ['a query', (query: Parameters<typeof answerTo>[0]) => query],
    [
      'another question',
      (query: Parameters<typeof answerTo>[0]) => ({
        ...answerTo(query, [soa(1)]),
        questions: question('z.test', 'AXFR').questions,
      }),
    ],
    ['no SOA record', (query: Parameters<typeof answerTo>[0]) => answerTo(query, [a(1)])],
  ])('%s ends it with an error', async (_name, make) => {
    const server = await startFakeServer({ tcp: (query, send) => send(make(query)) });
    await expect(recordsOf(server)).rejects.toMatchObject({ code: 'dns.bad_answer' });
  });

  test('a server that hangs up in the middle', async () => {
    const server = await startFakeServer({
      tcp: (query, send, socket) => {
        send(answerTo(query, [soa(1), a(1)]));
        socket.end();
      },
    });
    const counts: number[] = [];
    const all = (async () => {
      for await (const { message } of transferMessages(at(server), axfr, options)) counts.push(message.answers.length);
    })();
    await expect(all).rejects.toMatchObject({
      code: 'dns.unreachable',
      message: expect.stringMatching(/before the transfer was whole$/),
    });
    expect(counts).toEqual([2]);
  });

  test('more octets than are taken', async () => {
    const server = await startFakeServer({
      tcp: (query, send) => {
        for (let i = 0; i < 10; i++) send(answerTo(query, i === 0 ? [soa(1)] : [a(i)]));
      },
    });
    await expect(recordsOf(server, axfr, { mostOctets: 300 })).rejects.toMatchObject({
      code: 'dns.bad_answer',
      message: expect.stringMatching(/longer than 300 B$/),
    });
  });

  test('a server that falls silent, and one that goes on for too long', async () => {
    for (const [more, wait] of [
      [{}, 5_000],
      [{ totalTimeoutMs: 1_000 }, 1_000],
    ] as const) {
      const clock = new ManualClock();
      const server = await startFakeServer({ tcp: (query, send) => send(answerTo(query, [soa(1)])) });
      const seen: number[] = [];
      const all = (async () => {
        for await (const { message } of transferMessages(at(server), axfr, { ...options, ...more, clock })) {
          seen.push(message.answers.length);
        }
      })().catch((error) => error);
      await waitFor(() => seen.length === 1 && clock.sleeping === 1);
      clock.advance(wait);
      expect(await all).toMatchObject({ code: 'dns.timeout' });
    }
  });

  test('an abort, and whoever stops early, hang up', async () => {
    let closed = 0;
    const server = await startFakeServer({
      tcp: (query, send, socket) => {
        socket.on('close', () => closed++);
        send(answerTo(query, [soa(1), a(1)]));
      },
    });
    for await (const _ of transferMessages(at(server), axfr, options)) break;
    await waitFor(() => closed === 1);
    const stop = new AbortController();
    const all = recordsOf(server, axfr, { signal: stop.signal }).catch((error) => error);
    await waitFor(() => server.queries.length === 2);
    stop.abort(new Error('enough'));
    expect((await all).message).toBe('enough');
    await waitFor(() => closed === 2);
  });
});
