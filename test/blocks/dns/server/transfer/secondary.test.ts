import { describe, expect, test } from 'vitest';
import { exchange } from '../../../../../src/blocks/dns/client/exchange.js';
import { parseServer } from '../../../../../src/blocks/dns/client/server-address.js';
import { transferQuery } from '../../../../../src/blocks/dns/client/transfer-zone.js';
import { Name } from '../../../../../src/blocks/dns/name.js';
import { followZone } from '../../../../../src/blocks/dns/server/transfer/follow.js';
import { notifyMessage } from '../../../../../src/blocks/dns/server/transfer/notifier.js';
import type { DnsStore } from '../../../../../src/blocks/dns/store.js';
import { EdnsOptionCode, type Message, makeMessage, parseType, Rcode } from '../../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../../src/platform/clock.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { freePorts } from '../../../../helpers/name-servers.js';
import { waitFor } from '../../../../helpers/wait-for.js';
import { answerTo, startFakeServer } from '../../client/fake-server.js';
import { importText, origin, record, recordsIn, zoneText } from '../../store/test-zones.js';
import { startTestDaemon, type TestDaemon, type TestDaemonOptions } from './daemons.js';

/** The SOA of zoneText(). */
const REFRESH_MS = 3_600_000;
const RETRY_MS = 900_000;
const EXPIRE_MS = 86_400_000;

const HOSTS = Array.from({ length: 30 }, (_, i) => `h${i} 60 A 10.0.0.${i}`);
const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };

function startPrimary(more: TestDaemonOptions = {}): Promise<TestDaemon> {
  return startTestDaemon({
    options: { allowTransfer: ['127.0.0.1'], ...more.options },
    prepare: (store) => importText(store, zoneText(1, ...HOSTS)),
    ...(more.db === undefined ? {} : { db: more.db, prepare: () => {} }),
  });
}

/** A daemon whose time stands until it is told to go on, following the zone. */
async function startSecondary(primary: { readonly url: string }, more: TestDaemonOptions = {}) {
  const clock = new ManualClock();
  const follow = (store: DnsStore) =>
    followZone(store, origin, [parseServer(primary.url)], {
      clock: systemClock,
      random: systemRandom,
      timeoutMs: 5_000,
    });
  const daemon = await startTestDaemon({
    clock,
    options: { allowTransfer: ['127.0.0.1'] },
    prepare: async (store) => {
      await follow(store);
      // As if it had been followed by the daemon's clock.
      const zone = store.secondaries.get(origin);
      store.secondaries.follow(origin, zone?.primaries ?? [], {
        at: clock.now(),
        with: primary.url,
        expiresAt: clock.now() + EXPIRE_MS,
      });
    },
    ...more,
  });
  await checked(daemon);
  return { clock, daemon };
}

const state = ({ store }: TestDaemon) => store.secondaries.get(origin);
const serialOf = ({ store }: TestDaemon) => store.zones.get(origin)?.serial;

/** The check at the start, or the one that is under way, has been noted. */
function checked(daemon: TestDaemon): Promise<unknown> {
  return waitFor(() => state(daemon)?.nextCheckAt !== undefined, { what: 'the first check' });
}

async function count(daemon: TestDaemon, form: string): Promise<number> {
  const { values = [] } = (await daemon.metrics.getSingleMetric('ds_dns_zone_checks_total')?.get()) ?? {};
  return values.find(({ labels }) => labels['form'] === form)?.value ?? 0;
}

async function ask(url: string, query: Partial<Message>): Promise<Message> {
  const options = { timeoutMs: 3_000, retries: 0, clock: systemClock, random: systemRandom };
  return (await exchange(parseServer(url), makeMessage({ edns, ...query }), options)).response;
}

const question = (name: string, type = 'A') => ({
  questions: [{ name: Name.parse(name, origin), type: parseType(type), class: 1 }],
});

const errorCode = ({ edns: opt }: Message) => {
  const data = opt?.options.find(({ code }) => code === EdnsOptionCode.EXTENDED_ERROR)?.data;
  return data && ((data[0] ?? 0) << 8) | (data[1] ?? 0);
};

const add = (daemon: TestDaemon, line: string) =>
  daemon.store.zones.edit(origin, [{ op: 'add', record: record(line) }]);

describe('REFRESH, RETRY, EXPIRE (RFC 1034, section 4.3.5)', () => {
  test('the serial is asked for after REFRESH, not before; what differs comes as differences', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    expect(recordsIn(daemon.store)).toEqual(recordsIn(primary.store));
    add(primary, 'new 60 A 192.0.2.9');
    const next = state(daemon)?.nextCheckAt ?? 0;
    expect(next - clock.now()).toBeGreaterThanOrEqual(REFRESH_MS * 0.9);
    expect(next - clock.now()).toBeLessThanOrEqual(REFRESH_MS);

    clock.advance(REFRESH_MS * 0.89);
    await waitFor(() => clock.sleeping >= 2);
    expect(await count(daemon, 'current')).toBe(1);
    clock.advance(REFRESH_MS * 0.11);
    await waitFor(() => serialOf(daemon) === 2);
    expect(recordsIn(daemon.store)).toEqual(recordsIn(primary.store));
    await waitFor(async () => (await count(daemon, 'incremental')) === 1);
    expect(await count(daemon, 'whole')).toBe(0);
    expect(daemon.store.zones.history(origin)[0]).toMatchObject({ kind: 'transfer', source: primary.url, serial: 2 });
  });

  test('a primary that is away is asked again after RETRY; the problem is told until it passes', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    await primary.stop();
    clock.advance(REFRESH_MS);
    await waitFor(() => {
      clock.advance(1_000);
      return state(daemon)?.problem !== undefined;
    });
    const since = state(daemon)?.problem?.since;
    expect(state(daemon)?.problem?.text).toMatch(
      new RegExp(`^udp://127.0.0.1:${primary.port} cannot be reached|no reply`),
    );
    const next = (state(daemon)?.nextCheckAt ?? 0) - clock.now();
    expect(next).toBeGreaterThan(RETRY_MS * 0.9 - 2_000);
    expect(next).toBeLessThanOrEqual(RETRY_MS);

    await waitFor(async () => {
      clock.advance(RETRY_MS / 10);
      return (await count(daemon, 'failed')) >= 2;
    });
    expect(state(daemon)?.problem?.since, 'since when it lasts').toBe(since);
    // Answers go on meanwhile.
    expect((await ask(daemon.url, question('h1'))).answers).toHaveLength(1);

    const again = await startPrimary({ db: primary.db, options: { listen: `127.0.0.1:${primary.port}` } });
    await waitFor(() => {
      clock.advance(RETRY_MS / 10);
      return state(daemon)?.problem === undefined;
    });
    await waitFor(() => daemon.log.some((line) => line.includes('can be checked again')));
    await again.stop();
  });

  test('after EXPIRE it answers SERVFAIL, also what it had answered before, and transfers nothing; until it is good again', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    const before = await ask(daemon.url, question('h1'));
    expect(before.rcode).toBe(Rcode.NOERROR);
    await primary.stop();

    clock.advance(EXPIRE_MS - 1);
    expect((await ask(daemon.url, question('h1'))).rcode).toBe(Rcode.NOERROR);
    clock.advance(1);
    await waitFor(() => daemon.log.some((line) => line.includes('has expired')));
    for (const query of [question('h1'), question('nowhere'), question('@', 'SOA')]) {
      const response = await ask(daemon.url, query);
      expect(response).toMatchObject({ rcode: Rcode.SERVFAIL, answers: [], authoritative: false });
      expect(errorCode(response), 'Invalid Data: the zone has expired').toBe(24);
    }
    const transfer = await ask(`tcp://127.0.0.1:${daemon.port}`, { ...transferQuery(origin), edns });
    expect([transfer.rcode, errorCode(transfer)]).toEqual([Rcode.SERVFAIL, 24]);

    const again = await startPrimary({ db: primary.db, options: { listen: `127.0.0.1:${primary.port}` } });
    await waitFor(async () => {
      clock.advance(RETRY_MS / 10);
      return (await ask(daemon.url, question('h1'))).rcode === Rcode.NOERROR;
    });
    await again.stop();
  });

  test('an expired copy takes the zone as it is, with an earlier serial, too', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    await primary.stop();
    clock.advance(EXPIRE_MS);
    await waitFor(() => daemon.log.some((line) => line.includes('has expired')));
    // Set up anew: its serial begins before the one that is here.
    const other = await startTestDaemon({
      options: { listen: `127.0.0.1:${primary.port}`, allowTransfer: ['127.0.0.1'] },
      prepare: (store) => importText(store, zoneText(2 ** 32 - 100, 'fresh 60 A 192.0.2.77')),
    });
    await waitFor(() => {
      clock.advance(RETRY_MS / 10);
      return serialOf(daemon) === 2 ** 32 - 100;
    });
    expect(recordsIn(daemon.store)).toEqual(recordsIn(other.store));
    expect((await ask(daemon.url, question('fresh'))).answers).toHaveLength(1);
    await other.stop();
  });

  test('a primary whose serial is before ours is a problem, and does not keep the zone good', async () => {
    const primary = await startPrimary();
    add(primary, 'new 60 A 192.0.2.9');
    const { clock, daemon } = await startSecondary(primary);
    await primary.stop();
    const older = await startTestDaemon({
      options: { listen: `127.0.0.1:${primary.port}`, allowTransfer: ['127.0.0.1'] },
      prepare: (store) => importText(store, zoneText(1)),
    });
    const { expiresAt } = state(daemon) ?? {};
    await waitFor(() => {
      clock.advance(REFRESH_MS / 10);
      return state(daemon)?.problem !== undefined;
    });
    expect(state(daemon)).toMatchObject({
      expiresAt,
      problem: { text: expect.stringContaining('its serial 1 is before 2, which is here') },
    });
    expect(serialOf(daemon)).toBe(2);
    await older.stop();
  });
});

describe('the clock and restarts', () => {
  test('steps of the wall clock neither expire a zone nor hurry its checks', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    await primary.stop();
    clock.step(10 * EXPIRE_MS);
    expect((await ask(daemon.url, question('h1'))).rcode).toBe(Rcode.NOERROR);
    clock.step(-20 * EXPIRE_MS);
    clock.advance(EXPIRE_MS - 1);
    expect((await ask(daemon.url, question('h2'))).rcode).toBe(Rcode.NOERROR);
    clock.advance(1);
    await waitFor(() => daemon.log.some((line) => line.includes('has expired')));
  });

  test('a zone that had expired before a restart is not good after it, nor longer than EXPIRE', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    await primary.stop();
    await daemon.stop();
    const reopen = (at: number) =>
      startTestDaemon({ clock: new ManualClock(clock.now() + at), db: daemon.db, options: {} });
    const late = await reopen(EXPIRE_MS + 1);
    expect((await ask(late.url, question('h1'))).rcode).toBe(Rcode.SERVFAIL);
    await late.stop();

    // The clock was set back meanwhile, by a year.
    const early = new ManualClock(clock.now() - 365 * EXPIRE_MS);
    const back = await startTestDaemon({ clock: early, db: daemon.db });
    expect((await ask(back.url, question('h1'))).rcode).toBe(Rcode.NOERROR);
    early.advance(EXPIRE_MS);
    await waitFor(() => back.log.some((line) => line.includes('has expired')));
  });

  test('what changed while the daemon was away is fetched at its start', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    await daemon.stop();
    add(primary, 'new 60 A 192.0.2.9');
    const again = await startTestDaemon({ clock, db: daemon.db });
    await waitFor(() => serialOf(again) === 2);
  });
});

describe('what a command says is followed without a restart', () => {
  test('a zone that is newly followed, one that is deleted, and one that is followed from elsewhere', async () => {
    const primary = await startPrimary();
    const clock = new ManualClock();
    const daemon = await startTestDaemon({ clock });
    const follow = (url: string) =>
      followZone(daemon.store, origin, [parseServer(url)], { clock, random: systemRandom, timeoutMs: 5_000 });
    await follow(primary.url);
    await waitFor(() => {
      clock.advance(250);
      return state(daemon)?.nextCheckAt !== undefined;
    });
    expect((await ask(daemon.url, question('h1'))).answers).toHaveLength(1);

    const other = await startPrimary();
    add(other, 'other 60 A 192.0.2.1');
    await follow(other.url);
    await waitFor(() => {
      clock.advance(250);
      return state(daemon)?.nextCheckAt !== undefined;
    });
    expect(state(daemon)).toMatchObject({ checkedWith: other.url, primaries: [other.url] });

    daemon.store.zones.delete(origin);
    expect(state(daemon)).toBeUndefined();
    await waitFor(async () => {
      clock.advance(250);
      return (await daemon.metrics.getSingleMetricAsString('ds_dns_zones_followed')).includes(
        'ds_dns_zones_followed 0',
      );
    });
    expect((await ask(daemon.url, question('h1'))).rcode).toBe(Rcode.REFUSED);
  });
});

describe('NOTIFY (RFC 1996)', () => {
  const soa = (serial: number) => record(`@ 3600 SOA ns1 hostmaster ${serial} 3600 900 86400 300`);

  test('from a primary it makes the secondary ask at once', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    add(primary, 'new 60 A 192.0.2.9');
    clock.advance(1_000);
    const response = await ask(daemon.url, notifyMessage(soa(2)));
    expect(response).toMatchObject({ rcode: Rcode.NOERROR, opcode: 4, authoritative: true, response: true });
    await waitFor(() => serialOf(daemon) === 2);
    expect((await ask(daemon.url, question('new'))).answers).toHaveLength(1);
  });

  test('of a serial that is here nothing is asked; without one it is', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    const before = await count(daemon, 'current');
    clock.advance(1_000);
    expect((await ask(daemon.url, notifyMessage(soa(1)))).rcode).toBe(Rcode.NOERROR);
    expect((await ask(daemon.url, { ...notifyMessage(soa(1)), answers: [] })).rcode).toBe(Rcode.NOERROR);
    await waitFor(async () => (await count(daemon, 'current')) > before);
    expect(await count(daemon, 'current')).toBe(before + 1);
  });

  test('many of them make one check a second', async () => {
    const primary = await startPrimary();
    const { clock, daemon } = await startSecondary(primary);
    clock.advance(1_000);
    const flood = async () => {
      for (let i = 0; i < 50; i++) await ask(daemon.url, { ...notifyMessage(soa(9)), answers: [] });
    };
    await flood();
    await waitFor(async () => (await count(daemon, 'current')) === 2);
    await flood();
    expect(await count(daemon, 'current')).toBe(2);
    clock.advance(1_000);
    await waitFor(async () => (await count(daemon, 'current')) === 3);
  });

  test('from elsewhere it is refused; for a zone that is not followed it is NOTAUTH; what is none is broken', async () => {
    const primary = await startPrimary();
    const { daemon } = await startSecondary(primary);
    const stranger = await startTestDaemon({
      prepare: async (store) => {
        await followZone(store, origin, [parseServer(primary.url)], {
          clock: systemClock,
          random: systemRandom,
          timeoutMs: 5_000,
        });
        store.secondaries.follow(origin, ['udp://192.0.2.1:53'], {
          at: systemClock.now(),
          with: 'udp://192.0.2.1:53',
          expiresAt: systemClock.now() + EXPIRE_MS,
        });
      },
    });
    const refused = await ask(stranger.url, { ...notifyMessage(soa(2)), edns });
    expect([refused.rcode, errorCode(refused)]).toEqual([Rcode.REFUSED, 18]);
    const other = { ...notifyMessage(soa(2)), ...question('other.test.', 'SOA'), answers: [], edns };
    expect((await ask(daemon.url, other)).rcode).toBe(Rcode.NOTAUTH);
    expect((await ask(primary.url, notifyMessage(soa(2)))).rcode, 'it is primary itself').toBe(Rcode.NOTAUTH);
    expect((await ask(daemon.url, { ...notifyMessage(soa(2)), ...question('@', 'A') })).rcode).toBe(Rcode.FORMERR);
  });
});

describe('what a primary may send', () => {
  const SOA2 = 'shop.test. 3600 SOA ns1.shop.test. hostmaster.shop.test. 2 3600 900 86400 300';
  const NS = 'shop.test. 3600 NS ns1.shop.test.';

  /** A secondary at serial 1 whose primary then says 2, and transfers what `send` does. */
  async function withPrimaryThatSends(
    send: (query: Message, ixfr: boolean) => Message | readonly Message[] | 'hang up',
  ) {
    const good = await startPrimary();
    const fake = await startFakeServer({
      udp: (query, reply) => reply(answerTo(query, [SOA2], { authoritative: true })),
      tcp: (query, reply, socket) => {
        const sent = send(query, query.questions[0]?.type === parseType('IXFR'));
        if (sent === 'hang up') {
          socket.end();
          return;
        }
        for (const message of Array.isArray(sent) ? sent : [sent as Message]) reply(message);
        // What is not whole is not waited for.
        socket.end();
      },
    });
    const { clock, daemon } = await startSecondary(good);
    daemon.store.secondaries.follow(origin, [`udp://127.0.0.1:${fake.port}`], {
      at: clock.now(),
      with: good.url,
      expiresAt: clock.now() + EXPIRE_MS,
    });
    const before = recordsIn(daemon.store);
    await waitFor(() => {
      clock.advance(250);
      return state(daemon)?.nextCheckAt !== undefined;
    });
    return { daemon, before, fake, problem: state(daemon)?.problem?.text };
  }

  test.each<[string, readonly string[], RegExp]>([
    [
      'a record beyond the zone',
      [SOA2, NS, 'www.other.test. 60 A 192.0.2.1', SOA2],
      /www\.other\.test\. is not within/,
    ],
    ['no end', [SOA2, NS], /hung up before the transfer was whole/],
    ['no beginning', [NS, SOA2], /does not begin with an SOA/],
    ['more after the end', [SOA2, NS, SOA2, 'www.shop.test. 60 A 192.0.2.1'], /a record follows its last one/],
    ['no name server at the origin', [SOA2, 'www.shop.test. 60 A 192.0.2.1', SOA2], /no NS record at its origin/],
    ['nothing', [], /does not begin with an SOA/],
  ])('%s: the zone stays as it was, and the problem is told', async (_, records, problem) => {
    const result = await withPrimaryThatSends((query) => answerTo(query, records, { authoritative: true }));
    expect(result.problem).toMatch(problem);
    expect(recordsIn(result.daemon.store)).toEqual(result.before);
    expect(serialOf(result.daemon)).toBe(1);
  });

  test('a primary without IXFR is asked for the whole zone', async () => {
    const whole = [SOA2, NS, 'only.shop.test. 60 A 192.0.2.1', SOA2];
    const { daemon, fake, problem } = await withPrimaryThatSends((query, isIxfr) =>
      isIxfr ? answerTo(query, [], { rcode: Rcode.NOTIMP }) : answerTo(query, whole, { authoritative: true }),
    );
    expect(problem).toBeUndefined();
    expect(fake.queries.map(({ questions }) => questions[0]?.type)).toEqual(['SOA', 'IXFR', 'AXFR'].map(parseType));
    expect(recordsIn(daemon.store)).toHaveLength(3);
  });

  test('differences that do not fit what is here: the whole zone is fetched, and nothing is half done', async () => {
    const whole = [SOA2, NS, 'only.shop.test. 60 A 192.0.2.1', SOA2];
    const SOA1 = SOA2.replace(' 2 ', ' 1 ');
    const differences = [SOA2, SOA1, 'h1.shop.test. 60 A 10.0.0.1', 'never.shop.test. 60 A 10.0.0.1', SOA2, SOA2];
    const { daemon, problem } = await withPrimaryThatSends((query, isIxfr) =>
      answerTo(query, isIxfr ? differences : whole, { authoritative: true }),
    );
    expect(problem).toBeUndefined();
    expect(recordsIn(daemon.store)).toHaveLength(3);
  });

  test('a serial that was promised and does not come is none', async () => {
    const older = SOA2.replace(' 2 ', ' 1 ');
    const { daemon, problem, before } = await withPrimaryThatSends((query, isIxfr) =>
      isIxfr ? 'hang up' : answerTo(query, [older, NS, older], { authoritative: true }),
    );
    expect(problem).toContain('it transfers serial 1, which is no later than 1');
    expect(recordsIn(daemon.store)).toEqual(before);
  });

  test('a server that is not authoritative, or has another zone, is no primary', async () => {
    const good = await startPrimary();
    const fake = await startFakeServer({ udp: (query, reply) => reply(answerTo(query, [SOA2])) });
    const { clock, daemon } = await startSecondary(good);
    const now = clock.now();
    const [unused] = await freePorts(1);
    daemon.store.secondaries.follow(origin, [`udp://127.0.0.1:${fake.port}`, `tcp://127.0.0.1:${unused}`], {
      at: now,
      with: good.url,
      expiresAt: now + EXPIRE_MS,
    });
    await waitFor(() => {
      clock.advance(250);
      return state(daemon)?.problem !== undefined;
    });
    expect(state(daemon)?.problem?.text, 'of each primary').toMatch(
      /it is not authoritative for shop\.test\.; tcp:.* cannot be reached: nothing listens there/,
    );
  });

  test('the next primary is asked when one is away', async () => {
    const good = await startPrimary();
    const [unused] = await freePorts(1);
    const { clock, daemon } = await startSecondary(good);
    add(good, 'new 60 A 192.0.2.9');
    daemon.store.secondaries.follow(origin, [`tcp://127.0.0.1:${unused}`, good.url], {
      at: clock.now(),
      with: good.url,
      expiresAt: clock.now() + EXPIRE_MS,
    });
    await waitFor(() => {
      clock.advance(250);
      return serialOf(daemon) === 2;
    });
    await waitFor(() => state(daemon)?.nextCheckAt !== undefined);
    expect(state(daemon)).toMatchObject({ checkedWith: good.url, problem: undefined });
  });
});
