/** Who is asked, and who next. */
import { describe, expect, test } from 'vitest';
import { parseServer } from '../../../../../src/blocks/dns/client/server-address.js';
import { Upstreams } from '../../../../../src/blocks/dns/server/forward/upstreams.js';
import { Rcode } from '../../../../../src/blocks/dns/wire.js';
import { systemRandom } from '../../../../../src/platform/clock.js';
import { ask, respond } from '../../cache/messages.js';
import { answersWith, type Behaviour, makeForwarder, pass, plain, servfail, settle, silent } from './fake-upstreams.js';

const www = ask('www.shop.test.');
const A = 'www.shop.test. 300 A 192.0.2.1';
const good = answersWith(A);
const delayed =
  (ms: number): Behaviour =>
  (question) => ({ response: respond(question, { answers: [A] }), afterMs: ms });
const FIRST = '192.0.2.1';
const SECOND = '192.0.2.2';
const THIRD = '192.0.2.3';

describe('the next one is asked', () => {
  test('at once when one cannot be reached, or answers with nothing of use', async () => {
    const { forwarder, asked } = makeForwarder({ [FIRST]: () => 'unreachable', [SECOND]: servfail, [THIRD]: good });
    const { answers, upstream, why } = await forwarder.resolve(www, plain);
    expect([answers.length, upstream]).toEqual([1, `udp://${THIRD}:53`]);
    expect(asked.map(({ server }) => server)).toEqual([FIRST, SECOND, THIRD]);
    expect(why.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      `failed: udp://${FIRST}:53 cannot be reached: nothing listens there`,
      `failed: udp://${SECOND}:53: it answered SERVFAIL`,
      `asked: udp://${THIRD}:53 answered in 0.0 ms`,
    ]);
  });

  test('beside one that is silent, after the time that it may take; the first answer wins', async () => {
    const { forwarder, clock, asked } = makeForwarder({ [FIRST]: silent, [SECOND]: delayed(20) });
    const waiting = forwarder.resolve(www, plain);
    await settle();
    await pass(clock, 490, 10);
    expect(asked.map(({ server }) => server)).toEqual([FIRST]);
    await pass(clock, 40, 10);
    expect((await waiting).upstream).toBe(`udp://${SECOND}:53`);
    expect(forwarder.upstreams[0]).toMatchObject({ failures: 1, lastFailure: 'no reply within 520ms' });
  });

  test('and a late answer of the first one is taken as well', async () => {
    const { forwarder, clock } = makeForwarder({ [FIRST]: delayed(600), [SECOND]: silent });
    const waiting = forwarder.resolve(www, plain);
    await pass(clock, 650, 10);
    expect((await waiting).upstream).toBe(`udp://${FIRST}:53`);
    expect(forwarder.upstreams[1]).toMatchObject({ failures: 0 });
  });

  test('one that answers the second query only is not put aside for the first', async () => {
    let calls = 0;
    const { forwarder, clock } = makeForwarder({ [FIRST]: (...all) => (calls++ === 0 ? silent : good)(...all) });
    const waiting = forwarder.resolve(www, plain);
    await pass(clock, 600);
    expect((await waiting).answers).toHaveLength(1);
    expect(forwarder.upstreams[0]).toMatchObject({ queries: 2, failures: 0, failedQueries: 0 });
  });

  test('RFC 9520, section 3.1: the only one is asked three times at most, then it is SERVFAIL', async () => {
    const { forwarder, clock, asked } = makeForwarder({ [FIRST]: silent });
    const waiting = forwarder.resolve(www, plain);
    await pass(clock, 4_500);
    expect(await waiting).toMatchObject({ rcode: Rcode.SERVFAIL, extendedErrors: [{ code: 22 }] });
    expect(asked.map(({ at }) => at)).toEqual([0, 500, 1_500]);
    expect(forwarder.upstreams[0]).toMatchObject({ queries: 3, failedQueries: 1 });
  });

  test('over a connection nothing is lost: one that is silent is asked once', async () => {
    const { forwarder, clock, asked } = makeForwarder({ [`tls://${FIRST}`]: silent });
    const waiting = forwarder.resolve(www, plain);
    await pass(clock, 4_500);
    expect((await waiting).rcode).toBe(Rcode.SERVFAIL);
    expect(asked).toHaveLength(1);
  });

  test('when all fail, all that went wrong is told', async () => {
    const { forwarder } = makeForwarder({ [FIRST]: servfail, [SECOND]: () => 'unreachable' });
    const { extendedErrors } = await forwarder.resolve(www, plain);
    expect(extendedErrors).toEqual([
      {
        code: 23,
        text: `udp://${FIRST}:53: it answered SERVFAIL; udp://${SECOND}:53 cannot be reached: nothing listens there`,
      },
    ]);
  });

  test('a response to another question, spoofed or confused, is of no use', async () => {
    const confused: Behaviour = () => respond(ask('bank.test.'), { answers: ['bank.test. 60 A 203.0.113.66'] });
    const { forwarder } = makeForwarder({ [FIRST]: confused, [SECOND]: good });
    expect((await forwarder.resolve(www, plain)).upstream).toBe(`udp://${SECOND}:53`);
    expect(forwarder.cached(ask('bank.test.'), plain)).toBeUndefined();
  });
});

describe('the fastest is asked first', () => {
  /** Asks for a new name each time, and says who was asked. */
  const askMany = async (made: ReturnType<typeof makeForwarder>, count: number): Promise<string[]> => {
    const from = made.asked.length;
    for (let i = 0; i < count; i++) {
      const waiting = made.forwarder.resolve(ask(`n${from}-${i}.test.`), plain);
      await pass(made.clock, 110, 55);
      await waiting;
    }
    return made.asked.slice(from).map(({ server }) => server);
  };
  const afterMs =
    (ms: number): Behaviour =>
    (question) => ({ response: respond(question, { answers: [`${question.name} 60 A 192.0.2.1`] }), afterMs: ms });

  test('each is tried, then the fastest; the others now and then', async () => {
    const made = makeForwarder({ [FIRST]: afterMs(100), [SECOND]: afterMs(10) });
    expect((await askMany(made, 2)).toSorted()).toEqual([FIRST, SECOND]);
    const later = await askMany(made, 300);
    const slow = later.filter((server) => server === FIRST).length;
    expect(slow).toBeGreaterThan(0);
    expect(slow).toBeLessThan(30);
  });

  test('one that has become fast is found out', async () => {
    let first = afterMs(100);
    const made = makeForwarder({ [FIRST]: (...all) => first(...all), [SECOND]: afterMs(20) });
    await askMany(made, 5);
    first = afterMs(0);
    await askMany(made, 200);
    const later = await askMany(made, 50);
    expect(later.filter((server) => server === FIRST).length).toBeGreaterThan(40);
  });
});

describe('one that fails is put aside', () => {
  const make = () => {
    const upstreams = new Upstreams([parseServer(FIRST), parseServer(SECOND)], systemRandom);
    const [first, second] = upstreams.all;
    if (first === undefined || second === undefined) throw new Error('no upstreams');
    return { upstreams, first, second };
  };

  test('for longer each time, half a minute at most, and is the last choice meanwhile', () => {
    const { upstreams, first, second } = make();
    upstreams.answered(first, 1);
    upstreams.answered(second, 400);
    const waits = Array.from({ length: 12 }, () => {
      upstreams.failed(first, 'silent', 1_000);
      return first.asideUntil - 1_000;
    });
    for (const [index, wait] of waits.entries()) {
      const most = Math.min(30_000, 500 * 2 ** index);
      expect(wait).toBeGreaterThanOrEqual(most / 2);
      expect(wait).toBeLessThanOrEqual(most);
    }
    expect(upstreams.inOrder(1_000)).toEqual([second, first]);
    upstreams.answered(first, 1);
    expect(first).toMatchObject({ failures: 0 });
    expect(first.asideUntil).toBeLessThan(0);
  });

  test('how long it may be silent follows from how long it usually takes, and is short after a failure', () => {
    const { upstreams, first } = make();
    expect(first.leadMs).toBe(500);
    upstreams.answered(first, 100);
    expect(first.leadMs).toBe(300);
    for (let i = 0; i < 50; i++) upstreams.answered(first, 100);
    expect(first.leadMs).toBe(150);
    for (let i = 0; i < 50; i++) upstreams.answered(first, 10_000);
    expect(first.leadMs).toBe(1_500);
    upstreams.failed(first, 'silent', 0);
    expect(first.leadMs).toBe(150);
  });

  test('when all are, the one that comes back first is asked all the same', () => {
    const { upstreams, first, second } = make();
    upstreams.failed(first, 'silent', 0);
    upstreams.failed(first, 'silent', 0);
    upstreams.failed(first, 'silent', 0);
    upstreams.failed(second, 'silent', 0);
    expect(upstreams.inOrder(0)).toEqual([second, first]);
  });

  test('SERVFAIL is about a name and puts nobody aside; REFUSED is about us', async () => {
    const refused: Behaviour = (question) => respond(question, {}, { rcode: Rcode.REFUSED });
    const { forwarder, clock } = makeForwarder({ [FIRST]: servfail, [SECOND]: refused });
    await forwarder.resolve(www, plain);
    const [first, second] = forwarder.upstreams;
    expect(first).toMatchObject({ failures: 0, failedQueries: 1, queries: 1 });
    expect(second).toMatchObject({ failures: 1, failedQueries: 1 });
    expect(second?.asideUntil).toBeGreaterThan(clock.monotonic());
  });
});
