import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { AccessList, loopbackTexts } from '../../../../src/blocks/dns/server/access.js';
import type { Client } from '../../../../src/blocks/dns/server/client.js';
import { DnsCounts } from '../../../../src/blocks/dns/server/counts.js';
import { Engine, type EngineParts } from '../../../../src/blocks/dns/server/engine.js';
import type { Forwarder, Resolution } from '../../../../src/blocks/dns/server/forward/forwarder.js';
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

function makeEngine(parts: Partial<EngineParts> = {}) {
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
    ...parts,
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

/** 255 octets. */
const longName = (last: string) =>
  [...['a', 'b', 'c'].map((letter) => letter.repeat(63)), last.padStart(61, 'd'), ''].join('.');

test.each([
  ['QUERY', { opcode: Opcode.QUERY }],
  ['NOTIFY', { opcode: Opcode.NOTIFY }],
  ['UPDATE', { opcode: Opcode.UPDATE }],
  ['a later EDNS', { edns: edns({ version: 1 }) }],
])('more questions than a response has room for: %s', async (_name, parts) => {
  const questions = Array.from({ length: 40 }, (_, i) =>
    question([String(i), ...longName('').split('.').slice(1)].join('.')),
  );
  const reply = await ask({ ...parts, questions });
  expect(reply).toMatchObject({ id: 99, response: true, questions: [] });
  expect(reply?.octets).toBeLessThanOrEqual(512);
});

/** As resolutions are whose upstream had so much to say. */
function forwarderOf(
  texts: readonly string[],
  answers: readonly ResourceRecord[] = [],
): Pick<Forwarder, 'cached' | 'resolve'> {
  const resolution: Resolution = {
    rcode: answers.length === 0 ? Rcode.SERVFAIL : Rcode.NOERROR,
    answers,
    authorities: [],
    additionals: [],
    ageSeconds: 0,
    stale: false,
    source: 'upstream',
    upstream: 'udp://127.0.0.1:53',
    extendedErrors: texts.map((text) => ({ code: 22, text })),
    expiresAt: 0,
    why: [],
  };
  return { cached: () => undefined, resolve: async () => resolution };
}

const codesIn = (message: Pick<Message, 'edns'> | undefined) =>
  message?.edns?.options.map(({ code, data }) => [code, data.length]);

test('texts of extended errors give way to the question and to records, and TC says so (RFC 8914, section 3)', async () => {
  const texts = Array.from({ length: 4 }, () => 'x'.repeat(240));
  const name = longName('name');
  const address = { ...question(name), ttl: 60, rdata: Uint8Array.of(192, 0, 2, 1) };
  const reply = async (answers: readonly ResourceRecord[], udpSize: number) => {
    const { engine } = makeEngine({ forwarder: forwarderOf(texts, answers) });
    const query = makeMessage({ recursionDesired: true, questions: [question(name)], edns: edns({ udpSize }) });
    return readMessage((await engine.answer(writeMessage(query), overUdp))?.wire ?? new Uint8Array());
  };
  const bare = Array.from({ length: 4 }, () => [15, 2]);
  const failed = await reply([], 512);
  expect(failed).toMatchObject({ rcode: Rcode.SERVFAIL, truncated: true });
  expect(codesIn(failed)).toEqual(bare);
  const told = await reply([address], 1232);
  expect(told).toMatchObject({ rcode: Rcode.NOERROR, truncated: true, answers: [{ type: RRType.A }] });
  expect(codesIn(told)).toEqual(bare);
  const full = Array.from({ length: 14 }, (_, i) => ({ ...address, rdata: Uint8Array.of(192, 0, 2, i) }));
  const crowded = await reply(full, 512);
  expect(crowded).toMatchObject({ truncated: true, answers: { length: 14 } });
  expect(codesIn(crowded)).toEqual([]);
});

test('a response that cannot be written is SERVFAIL, also when it came later', async () => {
  const record = { ...question('www.elsewhere.test.'), ttl: -1, rdata: Uint8Array.of(192, 0, 2, 1) };
  const { engine } = makeEngine({ forwarder: forwarderOf([], [record]) });
  const query = makeMessage({ recursionDesired: true, questions: [question('www.elsewhere.test.')] });
  const reply = await engine.answer(writeMessage(query), overUdp);
  expect(readMessage(reply?.wire ?? new Uint8Array())).toMatchObject({ rcode: Rcode.SERVFAIL, answers: [] });
});

test('padding takes no room from records', async () => {
  const records = Array.from({ length: 97 }, (_, i) => ({
    ...question('large.elsewhere.test.', 65_280),
    ttl: 60,
    rdata: new Uint8Array(663).fill(i),
  }));
  const { engine } = makeEngine({ forwarder: forwarderOf([], records) });
  const query = makeMessage({
    recursionDesired: true,
    questions: [question('large.elsewhere.test.', 65_280)],
    edns: edns({ options: [{ code: 12, data: new Uint8Array(5) }] }),
  });
  const reply = await engine.answer(writeMessage(query), { ...overUdp, transport: 'tls' });
  expect(reply?.wire.length).toBe(65_535);
  expect(readMessage(reply?.wire ?? new Uint8Array())).toMatchObject({ truncated: false, answers: { length: 97 } });
});
