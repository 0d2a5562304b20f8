import { describe, expect, test } from 'vitest';
import { type ExchangeOptions, exchange } from '../../../../src/blocks/dns/client/exchange.js';
import { parseServer } from '../../../../src/blocks/dns/client/server-address.js';
import { printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import type { Message } from '../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { answerTo, question, startFakeServer } from './fake-server.js';

const options: ExchangeOptions = { timeoutMs: 2_000, retries: 0, clock: systemClock, random: systemRandom };

const answersOf = ({ answers }: Message) => answers.map(({ type, rdata }) => printRdata(type, rdata));

describe('over UDP', () => {
  test('a query is answered', async () => {
    const server = await startFakeServer({
      udp: (query, send) => send(answerTo(query, ['a.test. 60 A 192.0.2.1'])),
    });
    const { response, octets, transport, attempts, address } = await exchange(
      parseServer(server.place),
      question('a.test'),
      options,
    );
    expect(answersOf(response)).toEqual(['192.0.2.1']);
    expect({ transport, attempts, address }).toEqual({ transport: 'udp', attempts: 1, address: '127.0.0.1' });
    expect(octets).toBe(12 + 12 + 16);
    expect(response.id).toBe(server.queries[0]?.id);
  });

  test('a truncated reply is asked for again over TCP', async () => {
    const server = await startFakeServer({
      udp: (query, send) => send(answerTo(query, [], { truncated: true })),
      tcp: (query, send) => send(answerTo(query, ['a.test. 60 A 192.0.2.1', 'a.test. 60 A 192.0.2.2'])),
    });
    const { response, transport, truncatedUdp, attempts } = await exchange(
      parseServer(server.place),
      question('a.test'),
      options,
    );
    expect(answersOf(response)).toEqual(['192.0.2.1', '192.0.2.2']);
    expect({ transport, truncatedUdp, attempts }).toEqual({ transport: 'tcp', truncatedUdp: true, attempts: 2 });
  });
});
