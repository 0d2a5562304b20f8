import { expect, test } from 'vitest';
import { transferQuery } from '../../../../../src/blocks/dns/client/transfer-zone.js';
import { packMessages } from '../../../../../src/blocks/dns/server/transfer/pack.js';
import { type Message, RRType, readMessage } from '../../../../../src/blocks/dns/wire.js';
import { failsWith, origin, record, show } from '../../store/test-zones.js';

const query: Message = { ...transferQuery(origin), id: 4711 };
const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };
const hosts = Array.from({ length: 5_000 }, (_, i) => record(`host${i}.sub 60 A 10.0.${i >> 8}.${i & 255}`));

test('records come in their order, in few messages, each with id, AA and NOERROR (RFC 5936, section 2.2)', () => {
  const wires = [...packMessages(query, origin, hosts, edns)];
  const messages = wires.map((wire) => readMessage(wire));
  expect(messages.flatMap(({ answers }) => answers.map(show))).toEqual(hosts.map(show));
  for (const message of messages) expect(message).toMatchObject({ id: 4711, authoritative: true, rcode: 0 });
  // All but the last are well filled, with names compressed.
  for (const wire of wires.slice(0, -1)) expect(wire.length).toBeGreaterThan(16 * 1024);
  for (const wire of wires) expect(wire.length).toBeLessThan(32 * 1024);
});

test('the question and OPT stand in the first message only', () => {
  const [first, ...rest] = [...packMessages(query, origin, hosts, edns)].map((wire) => readMessage(wire));
  expect(first?.questions).toEqual(query.questions);
  expect(first?.edns).toBeDefined();
  expect(rest.length).toBeGreaterThan(1);
  for (const { questions, edns: none } of rest) expect({ questions, none }).toEqual({ questions: [], none: undefined });
});

test('a record of nearly a whole message has one of its own; a longer one is refused, not left out', () => {
  const large = (octets: number) => ({ ...record('big 60 A 192.0.2.1'), type: 65_280, rdata: new Uint8Array(octets) });
  const wires = [
    ...packMessages(query, origin, [record('a 60 A 192.0.2.1'), large(65_400), record('z 60 A 192.0.2.2')], edns),
  ];
  expect(wires.map((wire) => readMessage(wire).answers.length)).toEqual([1, 1, 1]);
  expect(() => [...packMessages(query, origin, [large(65_535)], edns)]).toThrow(failsWith('dns.message_too_long'));
});

test('an RRset may be longer than a message: it is divided', () => {
  const set = Array.from({ length: 3_000 }, (_, i) => record(`www 60 TXT "${i} ${'x'.repeat(40)}"`));
  const messages = [...packMessages(query, origin, set, undefined)].map((wire) => readMessage(wire));
  expect(messages.length).toBeGreaterThan(3);
  expect(messages.flatMap(({ answers }) => answers).length).toBe(3_000);
  expect(messages.every(({ answers }) => answers.every(({ type }) => type === RRType.TXT))).toBe(true);
});
