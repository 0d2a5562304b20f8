import { describe, expect, onTestFinished, test } from 'vitest';
import { Rcode, writeMessage } from '../../../../../src/blocks/dns/wire.js';
import { ask, nxdomain, respond, SOA, shown } from '../../cache/messages.js';
import { answersWith, type Behaviour, makeForwarder, pass, plain, servfail, settle, silent } from './fake-upstreams.js';

const www = ask('www.shop.test.');
const A = 'www.shop.test. 300 A 192.0.2.1';

describe('answers', () => {
  test('come from upstream once, then from the cache with their TTL counted down', async () => {
    const { forwarder, clock, asked } = makeForwarder({ '192.0.2.53': answersWith(A) });
    expect(forwarder.cached(www, plain)).toBeUndefined();
    const first = await forwarder.resolve(www, plain);
    expect(first).toMatchObject({
      rcode: 0,
      source: 'upstream',
      upstream: 'udp://192.0.2.53:53',
      stale: false,
      ageSeconds: 0,
    });
    expect(shown(first.answers)).toEqual([A]);
    clock.advance(100_900);
    const second = forwarder.cached(www, plain);
    expect(second).toMatchObject({ source: 'cache', ageSeconds: 100, answers: [{ ttl: 200 }], extendedErrors: [] });
    expect(asked).toHaveLength(1);
    expect(forwarder.counts).toMatchObject({ misses: 1, hits: 1 });
  });

  test('the question goes on with RD, CD and DO, EDNS of 1232 octets, and no other options', async () => {
    const { forwarder, asked } = makeForwarder({ '192.0.2.53': answersWith(A) });
    await forwarder.resolve(www, { checkingDisabled: true, dnssecOk: true });
    expect(asked[0]?.query).toMatchObject({
      recursionDesired: true,
      checkingDisabled: true,
      questions: [www],
      edns: { udpSize: 1232, dnssecOk: true, options: [] },
    });
    expect(forwarder.cached(www, plain)).toBeUndefined();
  });

  test.each([
    ['tls://192.0.2.53', true],
    ['https://192.0.2.53/dns-query', true],
    ['http://127.0.0.1:8053/dns-query', false],
    ['tcp://192.0.2.53', false],
  ])('RFC 8467, section 4.1: to %s it is padded to 128 octets: %s', async (server, isPadded) => {
    const { forwarder, asked } = makeForwarder({ [server]: answersWith(A) });
    await forwarder.resolve(www, plain);
    const [query] = asked.map((one) => one.query);
    if (query === undefined) throw new Error('nobody was asked');
    expect(writeMessage(query).length % 128 === 0).toBe(isPadded);
    expect(query.edns?.options.map(({ code }) => code)).toEqual(isPadded ? [12] : []);
  });

  test('TTLs never grow and never reach 0 while fresh, also when given again until expiresAt with the time counted down', async () => {
    const first = answersWith(A, 'www.shop.test. 300 A 192.0.2.2');
    let calls = 0;
    // Asking anew ahead of the end fails, so that it is the same answer all along.
    const { forwarder, clock } = makeForwarder({
      '192.0.2.53': (...all) => (calls++ === 0 ? first : servfail)(...all),
    });
    const started = clock.monotonic();
    let { answers, expiresAt } = await forwarder.resolve(www, plain);
    let givenAt = clock.now();
    let last = 300;
    while (clock.monotonic() - started < 299_900) {
      clock.advance(1_237);
      await settle();
      if (clock.now() >= expiresAt) {
        const again = forwarder.cached(www, plain);
        if (again === undefined) break;
        ({ answers, expiresAt } = again);
        givenAt = clock.now();
      }
      for (const { ttl } of answers) {
        const shownTtl = ttl - Math.floor((clock.now() - givenAt) / 1000);
        expect(shownTtl).toBeLessThanOrEqual(last);
        expect(shownTtl).toBeGreaterThan(0);
        last = shownTtl;
      }
    }
    expect(last).toBeLessThan(5);
    expect(calls).toBe(2);
  });

  test('RFC 1035, section 3.2.1: with a TTL of 0 they are given to those who wait, and not kept', async () => {
    const { forwarder, clock, asked } = makeForwarder({ '192.0.2.53': answersWith('www.shop.test. 0 A 192.0.2.1') });
    const both = await Promise.all([forwarder.resolve(www, plain), forwarder.resolve(www, plain)]);
    expect(both.map(({ answers, expiresAt }) => [answers.length, expiresAt])).toEqual([
      [1, clock.now()],
      [1, clock.now()],
    ]);
    await forwarder.resolve(www, plain);
    expect(asked).toHaveLength(2);
    expect(forwarder.entries).toBe(0);
  });

  test('a spoofed record beside the answer neither goes to the client nor into the cache', async () => {
    const { forwarder } = makeForwarder({
      '192.0.2.53': (question) =>
        respond(question, {
          answers: question.name.equals(www.name)
            ? [A, 'bank.test. 9999 A 203.0.113.66']
            : ['bank.test. 60 A 192.0.2.99'],
          authorities: ['test. 9999 NS ns.evil.test.'],
          additionals: ['bank.test. 9999 A 203.0.113.66', 'ns.evil.test. 9999 A 203.0.113.66'],
        }),
    });
    const resolution = await forwarder.resolve(www, plain);
    expect(resolution).toMatchObject({ answers: [{ ttl: 300 }], authorities: [], additionals: [] });
    expect(forwarder.cached(ask('bank.test.'), plain)).toBeUndefined();
    expect(shown((await forwarder.resolve(ask('bank.test.'), plain)).answers)).toEqual(['bank.test. 60 A 192.0.2.99']);
  });

  test('extended errors of upstream are passed on, also from the cache', async () => {
    const blocked = { code: 15, data: Uint8Array.from([0, 15, ...Buffer.from('by the filter')]) };
    const { forwarder } = makeForwarder({
      '192.0.2.53': (question) => ({
        ...nxdomain(question),
        edns: { udpSize: 1232, version: 0, dnssecOk: false, options: [blocked] },
      }),
    });
    const errors = [{ code: 15, text: 'by the filter' }];
    expect((await forwarder.resolve(www, plain)).extendedErrors).toEqual(errors);
    expect(forwarder.cached(www, plain)?.extendedErrors).toEqual(errors);
  });
});

describe('negative caching (RFC 2308)', () => {
  test('section 5: NXDOMAIN with its SOA counted down, asked for anew when that has run out', async () => {
    const { forwarder, clock, asked } = makeForwarder({ '192.0.2.53': (question) => nxdomain(question) });
    expect(await forwarder.resolve(www, plain)).toMatchObject({ rcode: Rcode.NXDOMAIN, source: 'upstream' });
    clock.advance(45_000);
    const cached = forwarder.cached(www, plain);
    expect(cached).toMatchObject({ rcode: Rcode.NXDOMAIN, ageSeconds: 45 });
    expect(shown(cached?.authorities ?? [])).toEqual([SOA.replace(' 900 ', ' 15 ')]);
    clock.advance(15_000);
    expect(forwarder.cached(www, plain)).toBeUndefined();
    await forwarder.resolve(www, plain);
    expect(asked).toHaveLength(2);
  });

  test('section 2.2: NODATA is for its type only', async () => {
    const { forwarder } = makeForwarder({ '192.0.2.53': (question) => respond(question, { authorities: [SOA] }) });
    await forwarder.resolve(www, plain);
    expect(forwarder.cached(www, plain)).toMatchObject({ rcode: Rcode.NOERROR, answers: [] });
    expect(forwarder.cached(ask('www.shop.test.', 'AAAA'), plain)).toBeUndefined();
  });

  test('section 5: without SOA it is asked for each time', async () => {
    const { forwarder, asked } = makeForwarder({
      '192.0.2.53': (question) => respond(question, {}, { rcode: Rcode.NXDOMAIN }),
    });
    for (let i = 0; i < 3; i++) expect(await forwarder.resolve(www, plain)).toMatchObject({ rcode: Rcode.NXDOMAIN });
    expect(asked).toHaveLength(3);
  });

  test('RFC 8020: names below a denied one are answered without asking, with its SOA and without its aliases', async () => {
    const { forwarder, asked } = makeForwarder({
      '192.0.2.53': (question) => nxdomain(question, SOA, ['www.shop.test. 300 CNAME gone.shop.test.']),
    });
    await forwarder.resolve(www, plain);
    const below = forwarder.cached(ask('a.b.gone.shop.test.', 'MX'), plain);
    expect(below).toMatchObject({ rcode: Rcode.NXDOMAIN, answers: [], authorities: [{ ttl: 60 }] });
    expect(below?.why.map(({ kind }) => kind)).toEqual(['nxdomain-cut']);
    expect(asked).toHaveLength(1);
    expect(forwarder.counts.cutHits).toBe(1);
  });
});

describe('serving stale (RFC 8767)', () => {
  const failing = (): { behaviour: Behaviour; set(behaviour: Behaviour): void } => {
    let present: Behaviour = answersWith(A);
    return { behaviour: (...all) => present(...all), set: (behaviour) => (present = behaviour) };
  };

  test('section 5: upstream has 1.8 s, then the client gets the stale answer; a late one is kept', async () => {
    const upstream = failing();
    const { forwarder, clock } = makeForwarder({ '192.0.2.53': upstream.behaviour });
    await forwarder.resolve(www, plain);
    clock.advance(400_000);
    upstream.set((question) => ({
      response: respond(question, { answers: ['www.shop.test. 300 A 192.0.2.2'] }),
      afterMs: 3_000,
    }));
    let given: unknown;
    const askedAt = clock.now();
    const waiting = forwarder.resolve(www, plain).then((resolution) => (given = resolution));
    await pass(clock, 1_750);
    expect(given).toBeUndefined();
    await pass(clock, 100);
    expect(await waiting).toMatchObject({
      stale: true,
      answers: [{ ttl: 30 }],
      rcode: 0,
      expiresAt: askedAt + 1_800,
      extendedErrors: [{ code: 3, text: 'expired 1m41s ago: no answer from upstream yet' }],
    });
    await pass(clock, 1_500);
    expect(shown(forwarder.cached(www, plain)?.answers ?? [])).toEqual(['www.shop.test. 300 A 192.0.2.2']);
  });

  test('section 5: when upstream fails it is given at once, and for 30 s nobody is asked', async () => {
    const upstream = failing();
    const { forwarder, clock, asked } = makeForwarder({ '192.0.2.53': upstream.behaviour });
    await forwarder.resolve(www, plain);
    clock.advance(400_000);
    upstream.set(servfail);
    const stale = await forwarder.resolve(www, plain);
    expect(stale).toMatchObject({ stale: true, rcode: 0, answers: [{ ttl: 30 }] });
    expect(stale.extendedErrors[0]?.text).toBe('expired 1m40s ago: udp://192.0.2.53:53: it answered SERVFAIL');
    expect(stale.why.map(({ kind }) => kind)).toEqual(['stale']);
    clock.advance(29_000);
    expect(forwarder.cached(www, plain)).toMatchObject({ stale: true });
    expect(asked).toHaveLength(2);
    clock.advance(2_000);
    expect(forwarder.cached(www, plain)).toBeUndefined();
    upstream.set(answersWith(A));
    expect(await forwarder.resolve(www, plain)).toMatchObject({ stale: false, answers: [{ ttl: 300 }] });
    expect(forwarder.counts.stale).toBe(2);
  });

  test('section 4: a stale NXDOMAIN says so, and an answer replaces it', async () => {
    const upstream = failing();
    upstream.set((question) => nxdomain(question));
    const { forwarder, clock } = makeForwarder({ '192.0.2.53': upstream.behaviour });
    await forwarder.resolve(www, plain);
    clock.advance(100_000);
    upstream.set(servfail);
    expect(await forwarder.resolve(www, plain)).toMatchObject({
      rcode: Rcode.NXDOMAIN,
      extendedErrors: [{ code: 19 }],
    });
  });

  test('not beyond the time for it', async () => {
    const upstream = failing();
    const { forwarder, clock } = makeForwarder({ '192.0.2.53': upstream.behaviour }, { limits: { maxStale: 60 } });
    await forwarder.resolve(www, plain);
    clock.advance(360_000);
    upstream.set(servfail);
    expect(await forwarder.resolve(www, plain)).toMatchObject({ rcode: Rcode.SERVFAIL, stale: false });
  });
});

describe('failures (RFC 9520)', () => {
  test('section 3.2: SERVFAIL is remembered for 1, 2, 4, 5 s, and an answer ends that', async () => {
    let behaviour = servfail;
    const { forwarder, clock, asked } = makeForwarder({ '192.0.2.53': (...all) => behaviour(...all) });
    for (const seconds of [1, 2, 4, 5, 5]) {
      const before = asked.length;
      expect(await forwarder.resolve(www, plain)).toMatchObject({ rcode: Rcode.SERVFAIL, source: 'upstream' });
      clock.advance(seconds * 1000 - 1);
      const cached = forwarder.cached(www, plain);
      expect(cached).toMatchObject({ rcode: Rcode.SERVFAIL, source: 'cache', expiresAt: clock.now() + 1 });
      expect(cached?.extendedErrors.map(({ code }) => code)).toEqual([23, 13]);
      expect(asked.length - before).toBe(1);
      clock.advance(1);
      expect(forwarder.cached(www, plain)).toBeUndefined();
    }
    behaviour = answersWith(A);
    expect(await forwarder.resolve(www, plain)).toMatchObject({ rcode: 0 });
    expect(forwarder.counts).toMatchObject({ failures: 5, cachedFailures: 5 });
  });

  test('an answer makes the next failure a first one again', async () => {
    let behaviour = servfail;
    const { forwarder, clock } = makeForwarder({ '192.0.2.53': (...all) => behaviour(...all) });
    await forwarder.resolve(www, plain);
    clock.advance(1_000);
    behaviour = answersWith('www.shop.test. 0 A 192.0.2.1');
    await forwarder.resolve(www, plain);
    behaviour = servfail;
    await forwarder.resolve(www, plain);
    expect((forwarder.cached(www, plain)?.expiresAt ?? 0) - clock.now()).toBe(1_000);
  });

  test('one question that fails holds back no other', async () => {
    const { forwarder } = makeForwarder({ '192.0.2.53': servfail });
    await forwarder.resolve(www, plain);
    expect(forwarder.cached(ask('www.shop.test.', 'AAAA'), plain)).toBeUndefined();
  });

  test('the reason is told: silence is 22, a response of no use 23, and what upstream said', async () => {
    const { forwarder, clock } = makeForwarder({ '192.0.2.53': silent });
    const waiting = forwarder.resolve(www, plain);
    await pass(clock, 4_600);
    const { extendedErrors, rcode } = await waiting;
    expect(rcode).toBe(Rcode.SERVFAIL);
    expect(extendedErrors).toEqual([
      { code: 22, text: expect.stringMatching(/udp:\/\/192.0.2.53:53.*no reply|no reply from/) },
    ]);
  });
});

describe('prefetch', () => {
  test('a question in the last tenth of a life makes it be asked for anew, once, while the old one is given', async () => {
    const { forwarder, clock, asked } = makeForwarder({ '192.0.2.53': answersWith(A) });
    const { expiresAt } = await forwarder.resolve(www, plain);
    expect(expiresAt).toBe(clock.now() + 270_000);
    clock.advance(269_000);
    expect(forwarder.cached(www, plain)).toMatchObject({ answers: [{ ttl: 31 }], expiresAt: clock.now() + 1_000 });
    await settle();
    expect(asked).toHaveLength(1);
    clock.advance(1_000);
    expect(forwarder.cached(www, plain)).toMatchObject({ answers: [{ ttl: 30 }], expiresAt: clock.now() + 30_000 });
    expect(forwarder.cached(www, plain)).toBeDefined();
    await settle();
    expect(asked).toHaveLength(2);
    expect(forwarder.cached(www, plain)).toMatchObject({ answers: [{ ttl: 300 }] });
    expect(forwarder.counts.prefetches).toBe(1);
  });

  test('one that fails leaves the answer as it is until its end', async () => {
    let behaviour: Behaviour = answersWith(A);
    const { forwarder, clock } = makeForwarder({ '192.0.2.53': (...all) => behaviour(...all) });
    await forwarder.resolve(www, plain);
    behaviour = servfail;
    clock.advance(280_000);
    forwarder.cached(www, plain);
    await settle();
    clock.advance(10_000);
    expect(forwarder.cached(www, plain)).toMatchObject({ stale: false, answers: [{ ttl: 10 }] });
  });
});

describe('single flight', () => {
  test('asking ahead of time leaves half of the flights to those who wait', async () => {
    let behaviour: Behaviour = answersWith(A);
    const { forwarder, clock, asked } = makeForwarder(
      { '192.0.2.53': (...all) => behaviour(...all) },
      { mostFlights: 2 },
    );
    await forwarder.resolve(www, plain);
    clock.advance(280_000);
    behaviour = silent;
    const waiting = forwarder.resolve(ask('a.test.'), plain);
    expect(forwarder.cached(www, plain)).toMatchObject({ answers: [{ ttl: 20 }] });
    expect(asked.map(({ question }) => question)).toEqual(['www.shop.test.', 'a.test.']);
    await pass(clock, 4_600);
    await waiting;
    expect(forwarder.cached(www, plain)).toBeDefined();
    expect(forwarder.counts.prefetches).toBe(1);
  });

  test('equal questions share one query, and each gets the answer', async () => {
    const { forwarder, clock, asked } = makeForwarder({
      '192.0.2.53': (question) => ({ response: respond(question, { answers: [A] }), afterMs: 100 }),
    });
    const names = ['www.shop.test.', 'WWW.shop.test.', 'www.SHOP.test.'];
    const waiting = names.map((name) => forwarder.resolve(ask(name), plain));
    const other = forwarder.resolve(www, { ...plain, dnssecOk: true });
    await settle();
    expect(forwarder.inFlight).toBe(2);
    await pass(clock, 100);
    for (const { answers } of await Promise.all([...waiting, other])) expect(answers).toHaveLength(1);
    expect(asked).toHaveLength(2);
    expect(forwarder.inFlight).toBe(0);
  });

  test('who goes away does not take the answer from the others', async () => {
    const { forwarder, clock } = makeForwarder({
      '192.0.2.53': (question) => ({ response: respond(question, { answers: [A] }), afterMs: 100 }),
    });
    const leaving = new AbortController();
    const left = forwarder.resolve(www, { ...plain, signal: leaving.signal });
    const stays = forwarder.resolve(www, plain);
    await settle();
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    await pass(clock, 100);
    expect((await stays).answers).toHaveLength(1);
  });

  test('beyond the bounds it is SERVFAIL at once, or the stale answer', async () => {
    let behaviour: Behaviour = answersWith(A);
    const { forwarder, clock, asked } = makeForwarder(
      { '192.0.2.53': (...all) => behaviour(...all) },
      { mostFlights: 2, mostWaiters: 3 },
    );
    await forwarder.resolve(www, plain);
    clock.advance(400_000);
    behaviour = silent;
    const waiting = ['a.test.', 'b.test.', 'b.test.'].map((name) => forwarder.resolve(ask(name), plain));
    await settle();
    for (const name of ['c.test.', 'a.test.']) {
      const resolution = await forwarder.resolve(ask(name), plain);
      expect(resolution).toMatchObject({ rcode: Rcode.SERVFAIL, expiresAt: clock.now() });
      expect(resolution.extendedErrors).toEqual([{ code: 0, text: 'too many questions are being asked' }]);
    }
    expect(await forwarder.resolve(www, plain)).toMatchObject({ stale: true, answers: [{ ttl: 30 }] });
    expect(forwarder.counts.overloads).toBe(3);
    await pass(clock, 4_600);
    expect((await Promise.all(waiting)).map(({ rcode }) => rcode)).toEqual([2, 2, 2]);
    expect(new Set(asked.map(({ question }) => question))).toEqual(new Set(['www.shop.test.', 'a.test.', 'b.test.']));
    behaviour = answersWith('c.test. 60 A 192.0.2.3');
    expect(await forwarder.resolve(ask('c.test.'), plain)).toMatchObject({ rcode: 0 });
  });

  test('a loop over other forwarders ends: our question comes back and waits for itself', async () => {
    const made = makeForwarder({ '192.0.2.53': silent });
    const { forwarder, clock, asked } = made;
    let returned = 0;
    const waiting = forwarder.resolve(www, plain);
    await settle();
    // What the other forwarder sends on comes here again.
    const loops = asked.map(() => forwarder.resolve(www, plain).then(() => returned++));
    await pass(clock, 4_600);
    expect((await waiting).rcode).toBe(Rcode.SERVFAIL);
    await Promise.all(loops);
    expect(returned).toBe(1);
    expect(asked.length).toBeLessThanOrEqual(3);
  });
});

describe('the clock', () => {
  test.each([-86_400_000, 86_400_000])('steps of the wall clock by %i ms change no age', async (step) => {
    const { forwarder, clock, asked } = makeForwarder({ '192.0.2.53': answersWith(A) });
    await forwarder.resolve(www, plain);
    clock.advance(100_000);
    clock.step(step);
    const cached = forwarder.cached(www, plain);
    expect(cached).toMatchObject({ ageSeconds: 100, answers: [{ ttl: 200 }], stale: false });
    expect((cached?.expiresAt ?? 0) - clock.now()).toBe(170_000);
    clock.advance(200_000);
    expect(forwarder.cached(www, plain)).toBeUndefined();
    expect(asked).toHaveLength(1);
  });
});

test('many questions in flight are nothing that Node warns of', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => {
    process.off('warning', note);
  });
  const { forwarder } = makeForwarder({ '192.0.2.53': silent });
  const waiting = Array.from({ length: 100 }, (_, i) => forwarder.resolve(ask(`n${i}.test.`), plain));
  await settle();
  expect(forwarder.inFlight).toBe(100);
  await forwarder.close();
  await Promise.all(waiting);
  expect(warnings).toEqual([]);
});

test('closing ends what is in flight', async () => {
  const { forwarder } = makeForwarder({ '192.0.2.53': silent });
  const waiting = forwarder.resolve(www, plain);
  await settle();
  await forwarder.close();
  const resolution = await waiting;
  expect(resolution).toMatchObject({
    rcode: Rcode.SERVFAIL,
    extendedErrors: [{ code: 0, text: 'this server is stopping' }],
  });
});
