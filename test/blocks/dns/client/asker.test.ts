import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { askServers } from '../../../../src/blocks/dns/client/ask-servers.js';
import { Asker, type AskerOptions } from '../../../../src/blocks/dns/client/asker.js';
import { type NameServer, parseServer } from '../../../../src/blocks/dns/client/server-address.js';
import { readQueryWords } from '../../../../src/blocks/dns/query-words.js';
import { Rcode } from '../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { freePorts } from '../../../helpers/name-servers.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { answerTo, type FakeServer, question, startFakeServer } from './fake-server.js';

const options = { timeoutMs: 5_000, retries: 0, clock: systemClock, random: systemRandom };
const answering = () => startFakeServer({ udp: (query, send) => send(answerTo(query, ['a.test. 60 A 192.0.2.1'])) });
const failing = (rcode: number) => startFakeServer({ udp: (query, send) => send(answerTo(query, [], { rcode })) });
const server = ({ place }: FakeServer) => parseServer(place);
const dead = async (): Promise<NameServer> => parseServer(`127.0.0.1:${(await freePorts(1))[0]}`);

describe('several servers', () => {
  test('the first that answers is enough', async () => {
    const [one, two] = [await answering(), await answering()];
    await askServers([server(one), server(two)], question('a.test'), options);
    expect([one.queries.length, two.queries.length]).toEqual([1, 0]);
  });

  test('one that cannot be reached is passed over, and told of', async () => {
    const told: string[] = [];
    const fake = await answering();
    const found = await askServers([await dead(), server(fake)], question('a.test'), {
      ...options,
      retries: 2,
      onFailure: ({ code }) => told.push(code),
    });
    expect(found.server.port).toBe(fake.port);
    expect(told).toEqual(['dns.unreachable']);
  });

  test('silent ones are asked in turns', async () => {
    const clock = new ManualClock();
    const [one, two] = [await startFakeServer({}), await startFakeServer({})];
    const asked = askServers([server(one), server(two)], question('a.test'), { ...options, clock, retries: 1 });
    const failed = asked.catch((error) => error);
    for (const counts of [
      [1, 0],
      [1, 1],
      [2, 1],
      [2, 2],
    ]) {
      await waitFor(() => clock.sleeping === 1 && one.queries.length === counts[0] && two.queries.length === counts[1]);
      clock.advance(5_000);
    }
    expect(await failed).toMatchObject({
      code: 'dns.no_server',
      kind: 'peer',
      message: expect.stringMatching(/^none of the name servers answered: no reply from .* within 5s; no reply from/),
    });
  });

  test('SERVFAIL is an answer, unless the next is to be asked; the last one then stands', async () => {
    const [bad, good] = [await failing(Rcode.SERVFAIL), await answering()];
    const ask = (servers: readonly NameServer[], nextOnServfail: boolean) =>
      askServers(servers, question('a.test'), { ...options, nextOnServfail });
    expect((await ask([server(bad), server(good)], false)).response.rcode).toBe(Rcode.SERVFAIL);
    expect((await ask([server(bad), server(good)], true)).response.rcode).toBe(Rcode.NOERROR);
    expect((await ask([server(bad), await dead()], true)).response.rcode).toBe(Rcode.SERVFAIL);
  });

  test('the only one says itself why it does not answer', async () => {
    await expect(askServers([await dead()], question('a.test'), options)).rejects.toMatchObject({
      code: 'dns.unreachable',
    });
  });
});

describe('lookups', () => {
  let asker: Asker | undefined;
  afterEach(() => asker?.close());

  function ask(words: string, more: Partial<AskerOptions> = {}) {
    asker = new Asker({ clock: systemClock, random: systemRandom, ...more });
    const [lookup] = readQueryWords(words.split(' ')).lookups;
    if (lookup === undefined) throw new Error(words);
    return asker.ask(lookup);
  }

  test('a cookie of eight random octets goes along, unless it is told', async () => {
    const fake = await answering();
    await ask(`@${fake.place} a.test`);
    await ask(`@${fake.place} a.test`);
    await ask(`@${fake.place} a.test +cookie=0102030405060708`);
    await ask(`@${fake.place} a.test +nocookie`);
    const cookies = fake.queries.map(({ edns }) => Buffer.from(edns?.options[0]?.data ?? []).toString('hex'));
    expect(cookies[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(cookies[1]).not.toBe(cookies[0]);
    expect(cookies.slice(2)).toEqual(['0102030405060708', '']);
  });

  test('ANY is asked for over TCP, unless told otherwise', async () => {
    const fake = await startFakeServer({
      udp: (query, send) => send(answerTo(query)),
      tcp: (query, send) => send(answerTo(query)),
    });
    expect((await ask(`@${fake.place} a.test ANY`)).exchange.transport).toBe('tcp');
    expect((await ask(`@${fake.place} a.test ANY +notcp`)).exchange.transport).toBe('udp');
    expect((await ask(`@${fake.place} a.test`)).exchange.transport).toBe('udp');
  });

  test('with the search list, a name that exists is better than one that does not', async () => {
    const exists = new Set(['a.two.test.']);
    const fake = await startFakeServer({
      udp: (query, send) => {
        const rcode = exists.has(query.questions[0]?.name.toString() ?? '') ? Rcode.NOERROR : Rcode.NXDOMAIN;
        send(answerTo(query, [], { rcode }));
      },
    });
    const resolvConf = join(temporaryFolder(), 'resolv.conf');
    writeFileSync(resolvConf, 'search one.test two.test three.test\n');
    const { exchange } = await ask(`@${fake.place} +search -q a`, { resolvConf });
    expect(fake.queries.map(({ questions }) => questions[0]?.name.toString())).toEqual([
      'a.one.test.',
      'a.two.test.',
      'a.three.test.',
      'a.',
    ]);
    expect(exchange.response.questions[0]?.name.toString()).toBe('a.two.test.');
  });

  test('what led to the answer is told', async () => {
    const fake = await startFakeServer({
      udp: (query, send) => send(answerTo(query, [], { truncated: true })),
      tcp: (query, send) => send(answerTo(query, ['a.test. 60 A 192.0.2.1'])),
    });
    expect(await ask(`@${fake.place} a.test`)).toMatchObject({ again: ['truncated'], failures: [] });
  });

  test('rotate: begins with any of the servers of resolv.conf', async () => {
    const resolvConf = join(temporaryFolder(), 'resolv.conf');
    writeFileSync(resolvConf, 'nameserver 127.0.0.1\nnameserver 127.0.0.2\noptions rotate\n');
    const fake = await answering();
    let turn = 0;
    const random = { bytes: (length: number) => new Uint8Array(length).fill(length === 1 ? turn++ : 7) };
    // Only 127.0.0.1 answers on that port; the other refuses at once.
    const found = [];
    for (let i = 0; i < 4; i++) found.push(await ask(`-p ${fake.port} a.test +nocookie`, { resolvConf, random }));
    expect(new Set(found.map(({ failures }) => failures.length))).toEqual(new Set([0, 1]));
  });

  test('a file of authorities has to be there', async () => {
    await expect(ask('@tls://127.0.0.1 a.test +tls-ca=/nowhere.pem')).rejects.toMatchObject({
      code: 'dns.unreadable_file',
      kind: 'usage',
    });
  });
});
