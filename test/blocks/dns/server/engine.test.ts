import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { AccessList, loopbackTexts } from '../../../../src/blocks/dns/server/access.js';
import type { Client } from '../../../../src/blocks/dns/server/client.js';
import { DnsCounts } from '../../../../src/blocks/dns/server/counts.js';
import { Engine } from '../../../../src/blocks/dns/server/engine.js';
import {
  type Edns,
  type Message,
  makeMessage,
  Opcode,
  Rcode,
  RRType,
  readMessage,
  writeMessage,
} from '../../../../src/blocks/dns/wire.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { MemoryZone } from '../../../../src/blocks/dns/zone/memory.js';
import type { ZoneSet } from '../../../../src/blocks/dns/zone/zone-data.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

const ZONE = `
@ 300 SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
www A 192.0.2.1
large TXT ${Array.from({ length: 12 }, (_, i) => `"${String(i).padStart(200, 'x')}"`).join('\n  TXT ')}
`;

function makeEngine() {
  const records = parseMasterFile([ZONE], { origin: Name.parse('shop.test.'), file: 'test' });
  const zone = MemoryZone.fromRecords(records);
  const zones: ZoneSet = { find: (name) => (name.isWithin(zone.origin) ? zone : undefined) };
  const counts = new DnsCounts();
  const engine = new Engine({
    zones: { reading: (work) => work(zones) },
    mayForward: AccessList.parse(loopbackTexts, '--allow-forward'),
    nsid: Buffer.from('here'),
    counts,
    clock: new ManualClock(),
    logger: pino({ level: 'silent' }),
  });
  return { engine, counts };
}

const overUdp: Client = { transport: 'udp', address: '127.0.0.1', port: 5300 };
const question = (name: string, type: number = RRType.A, rrClass = 1) => ({
  name: Name.parse(name),
  type,
  class: rrClass,
});
const edns = (parts: Partial<Edns> = {}): Edns => ({
  udpSize: 1232,
  version: 0,
  dnssecOk: false,
  options: [],
  ...parts,
});

async function ask(parts: Partial<Message>, client = overUdp) {
  const { engine } = makeEngine();
  const reply = await engine.answer(writeMessage(makeMessage({ id: 99, ...parts })), client);
  return reply === undefined
    ? undefined
    : { ...readMessage(reply.wire), octets: reply.wire.length, holdsMs: reply.holdsMs };
}

test('an answer from a zone is authoritative and holds as long as the zones do', async () => {
  expect(await ask({ questions: [question('www.shop.test.')] })).toMatchObject({
    id: 99,
    response: true,
    authoritative: true,
    recursionAvailable: false,
    rcode: Rcode.NOERROR,
    answers: [{ ttl: 300 }],
    holdsMs: Number.POSITIVE_INFINITY,
  });
});

test('a name in no zone is refused, with the reason where EDNS can carry it (RFC 8914)', async () => {
  const plain = await ask({ questions: [question('www.example.')] });
  expect(plain).toMatchObject({ rcode: Rcode.REFUSED, answers: [] });
  expect(plain?.edns).toBeUndefined();
  const explained = await ask({ questions: [question('www.example.')], edns: edns() });
  expect(explained?.edns?.options).toEqual([{ code: 15, data: expect.any(Uint8Array) }]);
  expect(Buffer.from(explained?.edns?.options[0]?.data ?? []).toString('latin1', 2)).toBe('no zone here has this name');
});

test('what is no query gets no response: shorter than a header, or a response', async () => {
  const { engine, counts } = makeEngine();
  expect(await engine.answer(Buffer.alloc(11), overUdp)).toBeUndefined();
  expect(await ask({ response: true, questions: [question('www.shop.test.')] })).toBeUndefined();
  expect(counts.dropped).toBe(1);
});

test('a broken query gets FORMERR under its id', async () => {
  const { engine, counts } = makeEngine();
  const broken = writeMessage(makeMessage({ id: 4242, questions: [question('www.shop.test.')] })).subarray(0, 20);
  const reply = await engine.answer(broken, overUdp);
  expect(readMessage(reply?.wire ?? new Uint8Array())).toMatchObject({
    id: 4242,
    response: true,
    rcode: Rcode.FORMERR,
  });
  expect(counts.malformed).toBe(1);
});

test.each([
  ['no question', {}, Rcode.FORMERR],
  ['two questions', { questions: [question('a.shop.test.'), question('b.shop.test.')] }, Rcode.FORMERR],
  ['opcode UPDATE', { opcode: Opcode.UPDATE, questions: [question('shop.test.', RRType.SOA)] }, Rcode.NOTIMP],
  ['opcode IQUERY', { opcode: Opcode.IQUERY }, Rcode.NOTIMP],
  ['EDNS version 1', { questions: [question('shop.test.')], edns: edns({ version: 1 }) }, Rcode.BADVERS],
  ['class CH', { questions: [question('version.bind.', RRType.TXT, 3)] }, Rcode.REFUSED],
  ['type OPT', { questions: [question('shop.test.', RRType.OPT)] }, Rcode.NOTIMP],
  ['AXFR without transfers', { questions: [question('shop.test.', RRType.AXFR)] }, Rcode.REFUSED],
])('%s', async (_name, parts, rcode) => {
  expect(await ask(parts)).toMatchObject({ response: true, rcode, answers: [] });
});

test('an answer that does not fit is cut and says so; over TCP it is whole', async () => {
  const parts = { questions: [question('large.shop.test.', RRType.TXT)] };
  expect(await ask(parts)).toMatchObject({ truncated: true, answers: [], octets: expect.any(Number) });
  expect((await ask({ ...parts, edns: edns({ udpSize: 65_000 }) }))?.octets).toBeLessThanOrEqual(1232);
  const overTcp = await ask(parts, { ...overUdp, transport: 'tcp' });
  expect(overTcp).toMatchObject({ truncated: false });
  expect(overTcp?.answers).toHaveLength(12);
});

test('NSID is told to whoever asks for it (RFC 5001), and to nobody else', async () => {
  const wants = edns({ options: [{ code: 3, data: new Uint8Array() }] });
  const told = await ask({ questions: [question('www.shop.test.')], edns: wants });
  expect(told?.edns?.options).toEqual([{ code: 3, data: Uint8Array.from(Buffer.from('here')) }]);
  expect((await ask({ questions: [question('www.shop.test.')], edns: edns() }))?.edns?.options).toEqual([]);
});

test('padding is answered with padding, where it hides something (RFC 7830, RFC 8467)', async () => {
  const padded = {
    questions: [question('www.shop.test.')],
    edns: edns({ options: [{ code: 12, data: new Uint8Array(5) }] }),
  };
  expect((await ask(padded, { ...overUdp, transport: 'tls' }))?.octets).toBe(468);
  expect((await ask(padded))?.octets).toBeLessThan(100);
});

test('responses are counted by type, code and source; types without a name together', async () => {
  const { engine, counts } = makeEngine();
  for (const type of [RRType.A, RRType.A, 65_280, 65_281]) {
    await engine.answer(writeMessage(makeMessage({ questions: [question('www.shop.test.', type)] })), overUdp);
  }
  const told = [...counts.answers.values()].map(({ type, rcode, source, count }) => [type, rcode, source, count]);
  expect(told).toEqual([
    ['A', 'NOERROR', 'zone', 2],
    ['other', 'NOERROR', 'zone', 2],
  ]);
});
