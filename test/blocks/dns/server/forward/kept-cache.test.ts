/** The cache and its file: a real one, which another connection lists and flushes as another process would. */
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Name } from '../../../../../src/blocks/dns/name.js';
import { type DnsStore, openDnsStore } from '../../../../../src/blocks/dns/store.js';
import { Rcode } from '../../../../../src/blocks/dns/wire.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { temporaryFolder } from '../../../../helpers/temporary-folder.js';
import { waitFor } from '../../../../helpers/wait-for.js';
import { ask, nxdomain, respond, shown } from '../../cache/messages.js';
import { answersWith, type Behaviour, makeForwarder, pass, plain, servfail, settle } from './fake-upstreams.js';

const www = ask('www.shop.test.');
const A = 'www.shop.test. 300 A 192.0.2.1';
/** Any name has an address. */
const hasEveryName: Behaviour = (question) => respond(question, { answers: [`${question.name} 300 A 192.0.2.1`] });

/** A file, and as many connections to it as wanted. */
function makeFile(clock = new ManualClock()) {
  const path = join(temporaryFolder(), 'dns.db');
  const open = (): DnsStore => {
    const store = openDnsStore({ path, clock });
    onTestFinished(() => store.close());
    return store;
  };
  return { clock, open };
}

describe('across a restart', () => {
  test('answers go on where they were, their age by the wall clock', async () => {
    const { clock, open } = makeFile();
    const before = makeForwarder({ '192.0.2.53': answersWith(A) }, { clock, store: open().cache });
    await before.forwarder.resolve(www, plain);
    await before.forwarder.close();
    clock.advance(100_000);
    const { forwarder, asked } = makeForwarder({ '192.0.2.53': servfail }, { clock, store: open().cache });
    const cached = forwarder.cached(www, plain);
    expect(shown(cached?.answers ?? [])).toEqual(['www.shop.test. 200 A 192.0.2.1']);
    expect(cached).toMatchObject({ source: 'cache', upstream: 'udp://192.0.2.53:53', ageSeconds: 100 });
    expect(forwarder.cached(www, { ...plain, dnssecOk: true })).toBeUndefined();
    clock.advance(201_000);
    expect(await forwarder.resolve(www, plain)).toMatchObject({ stale: true });
    expect(asked).toHaveLength(1);
  });

  test('what was denied, and what is below it, still is', async () => {
    const { clock, open } = makeFile();
    const before = makeForwarder({ '192.0.2.53': (question) => nxdomain(question) }, { clock, store: open().cache });
    await before.forwarder.resolve(www, plain);
    await before.forwarder.close();
    const { forwarder } = makeForwarder({ '192.0.2.53': servfail }, { clock, store: open().cache });
    expect(forwarder.cached(ask('a.www.shop.test.', 'MX'), plain)).toMatchObject({ rcode: Rcode.NXDOMAIN });
  });

  test('entries from the future are dropped, and leave the file: the clock was stepped back', async () => {
    const { clock, open } = makeFile();
    const before = makeForwarder({ '192.0.2.53': answersWith(A) }, { clock, store: open().cache });
    await before.forwarder.resolve(www, plain);
    await before.forwarder.close();
    clock.step(-60_000);
    const store = open();
    const { forwarder } = makeForwarder({ '192.0.2.53': servfail }, { clock, store: store.cache });
    expect(forwarder.cached(www, plain)).toBeUndefined();
    await forwarder.close();
    expect(store.cache.count()).toBe(0);
  });

  test('an entry that cannot be read is asked for anew', async () => {
    const { clock, open } = makeFile();
    const store = open();
    const question = { question: www, dnssecOk: false, checkingDisabled: false };
    const times = { storedAt: clock.now() - 1, expiresAt: clock.now() + 60_000, staleUntil: clock.now() + 60_000 };
    const broken = { ...question, ...times, upstream: 'x', response: Uint8Array.of(1, 2, 3) };
    store.cache.write(
      [
        { ...broken, kind: 'answer' },
        { ...broken, question: ask('b.test.'), kind: 'nxdomain' },
      ],
      [],
    );
    const { forwarder } = makeForwarder({ '192.0.2.53': answersWith(A) }, { clock, store: store.cache });
    expect(forwarder.cached(www, plain)).toBeUndefined();
    expect(forwarder.cached(ask('b.test.'), plain)).toBeUndefined();
    expect(await forwarder.resolve(www, plain)).toMatchObject({ source: 'upstream', answers: [{ ttl: 300 }] });
    expect(forwarder.cached(www, plain)).toMatchObject({ source: 'cache' });
  });
});

describe('the way to the file', () => {
  test('within a second; failures do not take it', async () => {
    const { clock, open } = makeFile();
    const other = open();
    const behaviour: Behaviour = (question, query) => (question.type === 1 ? hasEveryName : servfail)(question, query);
    const { forwarder } = makeForwarder({ '192.0.2.53': behaviour }, { clock, store: open().cache });
    await forwarder.resolve(www, plain);
    await forwarder.resolve(ask('www.shop.test.', 'MX'), plain);
    expect(other.cache.count()).toBe(0);
    await pass(clock, 1_000);
    await waitFor(() => other.cache.count() === 1);
    expect(other.cache.list({})).toMatchObject([
      {
        question: { type: 1 },
        kind: 'answer',
        upstream: 'udp://192.0.2.53:53',
        expiresAt: clock.now() + 299_000,
        staleUntil: clock.now() + 299_000 + 86_400_000,
      },
    ]);
  });

  test('500 at once, without waiting', async () => {
    const { clock, open } = makeFile();
    const other = open();
    const { forwarder } = makeForwarder({ '192.0.2.53': hasEveryName }, { clock, store: open().cache });
    for (let i = 0; i < 510; i++) await forwarder.resolve(ask(`h${i}.shop.test.`), plain);
    await waitFor(() => other.cache.count() >= 500);
    await forwarder.close();
    expect(other.cache.count()).toBe(510);
  });

  test('what gives way in memory leaves the file, too', async () => {
    const { clock, open } = makeFile();
    const store = open();
    const { forwarder } = makeForwarder(
      { '192.0.2.53': hasEveryName },
      { clock, store: store.cache, maxBytes: 30_000 },
    );
    for (let i = 0; i < 100; i++) await forwarder.resolve(ask(`h${i}.shop.test.`), plain);
    expect(forwarder.entries).toBeLessThan(40);
    expect(forwarder.bytes).toBeLessThanOrEqual(30_000);
    await forwarder.close();
    expect(store.cache.count()).toBe(forwarder.entries);
  });

  test('an answer with more bytes than memory may have does not get there', async () => {
    const { clock, open } = makeFile();
    const store = open();
    const { forwarder } = makeForwarder({ '192.0.2.53': hasEveryName }, { clock, store: store.cache, maxBytes: 100 });
    expect((await forwarder.resolve(www, plain)).answers).toHaveLength(1);
    await forwarder.close();
    expect([forwarder.entries, store.cache.count()]).toEqual([0, 0]);
  });

  test('while another process holds the file, answers go on, and what was to be written is written later', async () => {
    const { clock, open } = makeFile();
    const other = open();
    const { forwarder, problems } = makeForwarder({ '192.0.2.53': hasEveryName }, { clock, store: open().cache });
    await forwarder.resolve(www, plain);
    const { file } = other;
    file.statement<[]>('BEGIN IMMEDIATE').run();
    await pass(clock, 2_000);
    await waitFor(() => forwarder.failedWrites > 1);
    expect(problems).toEqual([]);
    expect(forwarder.cached(www, plain)).toMatchObject({ source: 'cache' });
    await forwarder.resolve(ask('web.shop.test.'), plain);
    file.statement<[]>('ROLLBACK').run();
    await pass(clock, 1_000);
    await waitFor(() => other.cache.count() === 2);
  });

  test('that it cannot be written is told once: a file that is busy after ten seconds, any other failure at once', async () => {
    const { clock, open } = makeFile();
    const other = open();
    const store = open();
    const { forwarder, problems } = makeForwarder({ '192.0.2.53': hasEveryName }, { clock, store: store.cache });
    await forwarder.resolve(www, plain);
    other.file.statement<[]>('BEGIN IMMEDIATE').run();
    const failures = async (count: number) => {
      for (const before = forwarder.failedWrites; forwarder.failedWrites < before + count; ) await pass(clock, 1_000);
    };
    await failures(9);
    expect(problems).toEqual([]);
    await failures(5);
    expect(problems).toMatchObject([{ code: 'storage.locked' }]);
    other.file.statement<[]>('ROLLBACK').run();
    await pass(clock, 1_000);
    await waitFor(() => other.cache.count() === 1);
    store.close();
    await forwarder.resolve(ask('web.shop.test.'), plain);
    await failures(3);
    // To look for flushes, and to write.
    const closed = { code: 'storage.closed' };
    expect(problems.slice(1)).toMatchObject([closed, closed]);
  });
});

describe('a flush by another process', () => {
  const setUp = async (behaviour: Behaviour = hasEveryName) => {
    const { clock, open } = makeFile();
    const other = open();
    const made = makeForwarder({ '192.0.2.53': behaviour }, { clock, store: open().cache });
    for (const name of ['www.shop.test.', 'a.www.shop.test.', 'bank.test.']) {
      await made.forwarder.resolve(ask(name), plain);
    }
    await pass(clock, 1_000);
    await waitFor(() => other.cache.count() === 3);
    let drops = 0;
    made.forwarder.onDrop(() => drops++);
    return { ...made, clock, other, drops: () => drops };
  };

  test('is noticed by a question within 50 ms, for what it was for', async () => {
    const { forwarder, clock, other, drops } = await setUp();
    const { generation } = forwarder;
    expect(other.cache.flush({ name: Name.parse('WWW.shop.test.') }).deleted).toBe(2);
    clock.advance(50);
    expect(forwarder.cached(www, plain)).toBeUndefined();
    expect(forwarder.cached(ask('a.www.shop.test.'), plain)).toBeUndefined();
    expect(forwarder.cached(ask('bank.test.'), plain)).toBeDefined();
    expect([drops(), forwarder.generation]).toEqual([1, generation + 1]);
  });

  test('is noticed within a second without a question', async () => {
    const { forwarder, clock, other, drops } = await setUp();
    other.cache.flush({});
    await pass(clock, 1_000);
    expect(drops()).toBe(1);
    expect(forwarder.entries).toBe(0);
  });

  test('other writes of other processes drop nothing', async () => {
    const { forwarder, clock, other, drops } = await setUp();
    other.cache.write([], [{ question: ask('nobody.test.'), dnssecOk: false, checkingDisabled: false }]);
    await pass(clock, 1_000);
    expect([drops(), forwarder.entries]).toEqual([0, 3]);
  });

  test('forgets failures, too', async () => {
    const failing: Behaviour = (question, query) => (question.type === 1 ? hasEveryName : servfail)(question, query);
    const { forwarder, clock, other } = await setUp(failing);
    const mail = ask('www.shop.test.', 'MX');
    await forwarder.resolve(mail, plain);
    expect(forwarder.cached(mail, plain)).toMatchObject({ rcode: Rcode.SERVFAIL });
    other.cache.flush({});
    clock.advance(50);
    expect(forwarder.cached(mail, plain)).toBeUndefined();
  });

  test('by upstream', async () => {
    const { forwarder, clock, other } = await setUp();
    other.cache.flush({ upstream: 'udp://192.0.2.99:53' });
    await pass(clock, 1_000);
    expect(forwarder.entries).toBe(3);
    other.cache.flush({ upstream: 'udp://192.0.2.53:53' });
    await pass(clock, 1_000);
    expect(forwarder.entries).toBe(0);
  });

  test('what is in flight meanwhile is given, but not kept: it may be what the flush was for', async () => {
    const slow: Behaviour = (question, query) =>
      question.name.equals(Name.parse('slow.test.'))
        ? { response: respond(question, { answers: ['slow.test. 300 A 192.0.2.1'] }), afterMs: 200 }
        : hasEveryName(question, query);
    const { forwarder, clock, other } = await setUp(slow);
    const waiting = forwarder.resolve(ask('slow.test.'), plain);
    await settle();
    other.cache.flush({ name: Name.parse('slow.test.') });
    clock.advance(100);
    forwarder.checkFlushes();
    await pass(clock, 100);
    expect(await waiting).toMatchObject({ answers: [{ ttl: 300 }], expiresAt: clock.now() });
    expect(forwarder.cached(ask('slow.test.'), plain)).toBeUndefined();
    await forwarder.close();
    expect(other.cache.list({ name: Name.parse('slow.test.') })).toEqual([]);
  });

  test('what was written between the flush and its notice does not stay in the file', async () => {
    const { forwarder, clock, other } = await setUp();
    await forwarder.resolve(ask('b.www.shop.test.'), plain);
    other.cache.flush({ name: Name.parse('shop.test.') });
    await pass(clock, 2_000);
    await forwarder.close();
    expect(other.cache.list({}).map(({ question }) => String(question.name))).toEqual(['bank.test.']);
  });
});
