/** Load on name servers that answer, badly or not at all. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DnsDriver } from '../../../../../src/blocks/dns/client/load/driver.js';
import { FramedCodec } from '../../../../../src/blocks/dns/client/load/message-codec.js';
import { QueryList, readNamesLine } from '../../../../../src/blocks/dns/client/load/query-list.js';
import { parseServer } from '../../../../../src/blocks/dns/client/server-address.js';
import { makeMessage, Rcode, RRType, readMessage, writeMessage } from '../../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../../src/platform/clock.js';
import { runLoad } from '../../../../../src/platform/load/run.js';
import { closedLoop, constantRate } from '../../../../../src/platform/load/schedule.js';
import { sentOf } from '../../../../platform/load/planned.js';
import { answerTo, framed, startFakeServer } from '../fake-server.js';

const PLAIN = { recursionDesired: true, edns: false, dnssec: false };

function listOf(lines: readonly string[], options = PLAIN): QueryList {
  const list = new QueryList(options);
  for (const line of lines) {
    const question = readNamesLine(line);
    if (question !== undefined) list.add(question);
  }
  return list;
}

function next(list: QueryList, id: number) {
  const message = new Uint8Array(list.nextLength);
  list.write(id, message, 0);
  return readMessage(message);
}

const asked = (list: QueryList, id = 0) =>
  next(list, id)
    .questions.map(({ name, type }) => `${name} ${type}`)
    .join();

describe('a list of queries', () => {
  test('is what a file for dnsperf says, taken in turn', () => {
    const list = listOf(['# names', '', 'a.test', '; more', 'b.test MX', '  C.test.\tTYPE65280 ']);
    expect(list.count).toBe(3);
    const four = Array.from({ length: 4 }, () => asked(list));
    expect(four).toEqual(['a.test. 1', 'b.test. 15', 'C.test. 65280', 'a.test. 1']);
  });

  test('carries the id that it is given, and EDNS where that is wanted', () => {
    const plain = next(listOf(['a.test']), 0xabcd);
    expect(plain).toMatchObject({ id: 0xabcd, recursionDesired: true, response: false });
    expect(plain.edns).toBeUndefined();
    const signed = next(listOf(['a.test'], { recursionDesired: false, edns: true, dnssec: true }), 1);
    expect(signed).toMatchObject({ recursionDesired: false, edns: { dnssecOk: true, udpSize: 1232 } });
  });

  test('grows: ten thousand names come out as they went in', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `n${i}.a-longer-name-that-fills-memory.test.`);
    const list = listOf(names);
    expect(names.map(() => asked(list))).toEqual(names.map((name) => `${name} 1`));
  });

  test.each(['a.test NONSENSE', 'a.test A IN', 'a..test', `${'a'.repeat(64)}.test`, 'a.test OPT'])(
    '%s is refused',
    (line) => {
      expect(() => readNamesLine(line)).toThrow(expect.objectContaining({ kind: 'usage' }));
    },
  );
});

describe('messages on a stream', () => {
  const response = (id: number, rcode: number, padding = 0) =>
    framed(
      writeMessage(
        makeMessage({
          ...{ id, rcode, response: true },
          answers: Array.from(
            { length: padding },
            () => answerTo(makeMessage({}), ['a.test. 1 TXT "xxxxxxxx"']).answers,
          ).flat(),
        }),
      ),
    );

  test('are counted however they are cut', () => {
    const messages = [response(1, 0), response(0x1234, Rcode.NXDOMAIN, 3), response(0xffff, Rcode.REFUSED, 40)];
    const bytes = Buffer.concat(messages);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const codec = new FramedCodec(listOf(['a.test']));
        codec.begin();
        const told: number[][] = [];
        const places = [...new Set(cuts)].sort((a, b) => a - b);
        [0, ...places].forEach((from, i) => {
          const piece = bytes.subarray(from, places[i] ?? bytes.length);
          codec.receive(piece, piece.length, (id, code) => told.push([id, code]));
        });
        expect(told).toEqual([
          [1, 0],
          [0x1234, 3],
          [0xffff, 5],
        ]);
        expect(codec.problem).toBe('');
      }),
    );
  });

  test.each([
    ['a length of 3', Uint8Array.of(0, 3, 1, 2, 3), 'a message of 3 octets'],
    ['a query', framed(writeMessage(makeMessage({ id: 1 }))), 'a query, where a response was expected'],
  ])('%s is a problem', (_, bytes, problem) => {
    const codec = new FramedCodec(listOf(['a.test']));
    codec.begin();
    codec.receive(bytes, bytes.length, () => {});
    expect(codec.problem).toBe(problem);
    codec.begin();
    expect(codec.problem).toBe('');
  });
});

describe('load', () => {
  const base = {
    ...{ clock: systemClock, signal: new AbortController().signal },
    ...{ connections: 2, warmupMs: 0, timeoutMs: 1_000, durationMs: 200 },
  };
  const driverFor = (server: string, lines: readonly string[], timeoutMs = 1_000) =>
    new DnsDriver({
      ...{ server: parseServer(server), queries: listOf(lines), pipeline: 8 },
      ...{ clock: systemClock, random: systemRandom, timeoutMs, verify: true },
    });

  test('over UDP and TCP asks for all names, and counts answers by their rcode', async () => {
    const rcodes: Readonly<Record<string, number>> = {
      'a.test.': 0,
      'b.test.': Rcode.NXDOMAIN,
      'c.test.': Rcode.REFUSED,
    };
    const server = await startFakeServer({
      udp: (query, send) => send(answerTo(query, [], { rcode: rcodes[String(query.questions[0]?.name)] ?? 2 })),
      tcp: (query, send) => send(answerTo(query, [], { rcode: rcodes[String(query.questions[0]?.name)] ?? 2 })),
    });
    for (const transport of ['udp', 'tcp']) {
      const driver = driverFor(`${transport}://127.0.0.1:${server.port}`, ['a.test', 'b.test', 'c.test']);
      const schedule = constantRate({ count: 150, perMs: 1000 });
      const result = await runLoad({ ...base, driver, schedule });
      const sent = sentOf(result, 30);
      expect(result).toMatchObject({ answered: sent, failed: 0 });
      expect([...result.codes.keys()].map((code) => driver.label(code)).sort()).toEqual([
        'NOERROR',
        'NXDOMAIN',
        'REFUSED',
      ]);
      // Each name in turn.
      const counts = [...result.codes.values()];
      expect(Math.min(...counts)).toBe(Math.floor(sent / 3));
      expect(Math.max(...counts)).toBe(Math.ceil(sent / 3));
    }
  });

  test('tells answers that were cut short', async () => {
    const { port } = await startFakeServer({
      udp: (query, send) => send(answerTo(query, [], { truncated: true })),
      // The first query of all is asked once more over TCP.
      tcp: (query, send) => send(answerTo(query)),
    });
    const driver = driverFor(`udp://127.0.0.1:${port}`, ['a.test']);
    const result = await runLoad({ ...base, driver, schedule: closedLoop, durationMs: 100 });
    expect([...result.codes.keys()].map((code) => driver.label(code))).toEqual(['NOERROR+TC']);
    expect([...result.codes.keys()].map((code) => driver.classes[driver.classOf(code)]?.name)).toEqual(['truncated']);
  });

  test('counts what is lost, and goes on', async () => {
    let seen = 0;
    const { port } = await startFakeServer({
      udp: (query, send) => {
        if (seen++ % 3 !== 1) send(answerTo(query));
      },
    });
    const driver = driverFor(`udp://127.0.0.1:${port}`, ['a.test'], 100);
    const schedule = constantRate({ count: 150, perMs: 1000 });
    const result = await runLoad({ ...base, driver, schedule, timeoutMs: 500 });
    // The first query of all is answered before the run.
    const lost = Math.ceil(sentOf(result, 30) / 3);
    expect(result).toMatchObject({ answered: result.sent - lost, failures: { timeout: lost } });
  });

  test('a server that is not there, or speaks another transport, is an error before the load', async () => {
    const { port } = await startFakeServer({ udp: () => {} });
    const silent = runLoad({
      ...base,
      driver: driverFor(`udp://127.0.0.1:${port}`, ['a.test'], 50),
      schedule: closedLoop,
    });
    await expect(silent).rejects.toMatchObject({ code: 'dns.timeout' });
    const refusing = runLoad({
      ...base,
      driver: driverFor(`tcp://127.0.0.1:${port}`, ['a.test']),
      schedule: closedLoop,
    });
    await expect(refusing).rejects.toMatchObject({ code: 'dns.unreachable' });
    expect(() => driverFor('https://127.0.0.1/dns-query', ['a.test'])).toThrow('not over HTTPS');
  });
});

test('types without a name of their own can be asked for', () => {
  expect(readNamesLine('a.test TYPE1')?.type).toBe(RRType.A);
});
