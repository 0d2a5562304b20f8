import { expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { HotAnswers } from '../../../../src/blocks/dns/server/hot-answers.js';
import {
  type Message,
  makeMessage,
  RRType,
  readMessage,
  responseTo,
  writeMessage,
} from '../../../../src/blocks/dns/wire.js';

const question = (name: string) => ({ name: Name.parse(name), type: RRType.A, class: 1 });

function queryOf(name: string, parts: Partial<Message> = {}): Buffer {
  return Buffer.from(writeMessage(makeMessage({ id: 7, questions: [question(name)], ...parts })));
}

function responseFor(query: Buffer, ttl = 300): Uint8Array {
  const message = readMessage(query);
  const name = message.questions[0]?.name ?? Name.root;
  const answer = { name, type: RRType.A, class: 1, ttl, rdata: Uint8Array.of(192, 0, 2, 1) };
  return writeMessage(responseTo(message, { answers: [answer] }));
}

const counter = () => ({ count: 0 });
const forever = { until: Number.POSITIVE_INFINITY, ages: false };

test('the same query gets the kept answer under its own id, and is counted', () => {
  const hot = new HotAnswers();
  const counted = counter();
  const first = queryOf('www.shop.test.');
  hot.keep(first, responseFor(first), 0, { ...forever, counter: counted });
  const again = queryOf('www.shop.test.', { id: 4711 });
  expect(readMessage(hot.find(again, 5) ?? Buffer.alloc(0))).toMatchObject({ id: 4711, answers: [{ ttl: 300 }] });
  expect(counted.count).toBe(1);
});

test('letters come back in the case in which they were sent, whoever asked first', () => {
  const hot = new HotAnswers();
  const shouted = queryOf('WWW.Shop.TEST.');
  hot.keep(shouted, responseFor(shouted), 0, { ...forever, counter: counter() });
  for (const name of ['www.shop.test.', 'wWw.sHoP.tEsT.', 'WWW.Shop.TEST.']) {
    const { questions, answers } = readMessage(hot.find(queryOf(name), 0) ?? Buffer.alloc(0));
    expect([questions[0]?.name.toString(), answers[0]?.name.toString()]).toEqual([name, name]);
  }
});

test('another type, flag, or EDNS is another query', () => {
  const hot = new HotAnswers();
  const plain = queryOf('www.shop.test.');
  hot.keep(plain, responseFor(plain), 0, { ...forever, counter: counter() });
  const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };
  expect(hot.find(queryOf('www.shop.test.', { edns }), 0)).toBeUndefined();
  expect(hot.find(queryOf('www.shop.test.', { recursionDesired: true }), 0)).toBeUndefined();
  expect(hot.find(queryOf('ww.shop.test.'), 0)).toBeUndefined();
});

test('a query with EDNS options, several questions or anything behind them is not kept', () => {
  const hot = new HotAnswers();
  const cookie = { udpSize: 1232, version: 0, dnssecOk: false, options: [{ code: 10, data: new Uint8Array(8) }] };
  const odd = [
    queryOf('www.shop.test.', { edns: cookie }),
    queryOf('www.shop.test.', { questions: [question('a.'), question('b.')] }),
    Buffer.concat([queryOf('www.shop.test.'), Buffer.of(0)]),
    queryOf('www.shop.test.').subarray(0, 20),
  ];
  const response = responseFor(queryOf('www.shop.test.'));
  for (const query of odd) {
    hot.keep(query, response, 0, { ...forever, counter: counter() });
    expect(hot.find(query, 0)).toBeUndefined();
  }
  expect(hot.size).toBe(0);
});

test('TTLs count down by whole seconds and the answer ends when it may', () => {
  const hot = new HotAnswers();
  const query = queryOf('www.shop.test.');
  hot.keep(query, responseFor(query, 10), 1_000, { until: 11_000, ages: true, counter: counter() });
  const ttlAt = (now: number) => {
    const wire = hot.find(query, now);
    return wire === undefined ? undefined : readMessage(wire).answers[0]?.ttl;
  };
  expect([1_000, 1_999, 2_000, 10_999].map(ttlAt)).toEqual([10, 10, 9, 1]);
  expect(ttlAt(11_000)).toBeUndefined();
  expect(hot.size).toBe(0);
});

test('memory is bounded: what is not asked for gives way', () => {
  const hot = new HotAnswers();
  const often = queryOf('often.shop.test.');
  hot.keep(often, responseFor(often), 0, { ...forever, counter: counter() });
  for (let i = 0; i < 100_000; i++) {
    const query = queryOf(`n${i}.shop.test.`);
    hot.keep(query, responseFor(query), 0, { ...forever, counter: counter() });
    if (i % 10_000 === 0) expect(hot.find(often, 0)).toBeDefined();
  }
  expect(hot.size).toBeLessThanOrEqual(2 * 32_768 + 1);
  expect(hot.find(queryOf('n0.shop.test.'), 0)).toBeUndefined();
  expect(hot.find(often, 0)).toBeDefined();
});

test('long answers push each other out before they take too much memory', () => {
  const hot = new HotAnswers();
  const question = queryOf('www.shop.test.');
  const rdata = new Uint8Array(3_900);
  const long = { name: Name.parse('www.shop.test.'), type: RRType.TXT, class: 1, ttl: 60, rdata };
  for (let i = 0; i < 20_000; i++) {
    const query = queryOf(`${i}.test.`);
    hot.keep(query, writeMessage(responseTo(readMessage(question), { answers: [long] })), 0, {
      ...forever,
      counter: counter(),
    });
  }
  expect(hot.size).toBeGreaterThan(3_000);
  expect(hot.size).toBeLessThan(7_000);
});
