import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { exchange } from '../../../../../src/blocks/dns/client/exchange.js';
import { FrameReader, frame } from '../../../../../src/blocks/dns/client/frames.js';
import { type NameServer, parseServer } from '../../../../../src/blocks/dns/client/server-address.js';
import type { TransferPart } from '../../../../../src/blocks/dns/client/transfer-reader.js';
import { transferQuery, transferZone } from '../../../../../src/blocks/dns/client/transfer-zone.js';
import { Name } from '../../../../../src/blocks/dns/name.js';
import type { ResourceRecord } from '../../../../../src/blocks/dns/record.js';
import { soaSerial } from '../../../../../src/blocks/dns/soa.js';
import type { DnsStore } from '../../../../../src/blocks/dns/store.js';
import {
  EdnsOptionCode,
  type Message,
  Rcode,
  RRType,
  readMessage,
  writeMessage,
} from '../../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../../src/platform/clock.js';
import { makeCertificate } from '../../../../helpers/certificates.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { hasPackages } from '../../../../helpers/programs.js';
import { waitFor } from '../../../../helpers/wait-for.js';
import { failsWith, origin, parseZone, record, show, zoneText } from '../../store/test-zones.js';
import { startTestDaemon, type TestDaemon, type TestDaemonOptions } from './daemons.js';

const allowed = { allowTransfer: ['127.0.0.1'] };
const transfer = { idleTimeoutMs: 5_000, clock: systemClock, random: systemRandom };
const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };

/** A primary with a zone at serial 1, of these records or lines. */
function primary(
  given: readonly string[] | readonly ResourceRecord[],
  more: TestDaemonOptions = {},
): Promise<TestDaemon> {
  const own = given.map((one) => (typeof one === 'string' ? record(one) : one));
  const records = [...parseZone(zoneText(1)), ...own];
  const prepare = (store: DnsStore) => store.zones.import(origin, records, { source: 'test', serial: 'bump' });
  return startTestDaemon({ options: allowed, prepare, ...more });
}

async function collect(server: NameServer, zone: Name, serial?: number) {
  const parts: TransferPart[] = [];
  for await (const part of transferZone(server, zone, { ...transfer, ...(serial === undefined ? {} : { serial }) })) {
    parts.push(part);
  }
  const [form] = parts;
  if (form?.kind !== 'form') throw new Error('the form comes first');
  const of = (op: 'added' | 'removed') =>
    parts.flatMap((part) => (part.kind === 'records' && part.op === op ? part.records.map(show) : []));
  return { form: form.form, serial: soaSerial(form.soa.rdata), added: of('added'), removed: of('removed') };
}

async function ask(url: string, query: Message): Promise<{ response: Message; octets: number }> {
  return exchange(parseServer(url), query, { timeoutMs: 3_000, retries: 0, clock: systemClock, random: systemRandom });
}

const textOfError = ({ edns }: Message) => {
  const data = edns?.options.find(({ code }) => code === EdnsOptionCode.EXTENDED_ERROR)?.data;
  return data && { code: ((data[0] ?? 0) << 8) | (data[1] ?? 0), text: Buffer.from(data.subarray(2)).toString() };
};

async function metric(daemon: TestDaemon, name: string, label?: string): Promise<number> {
  const { values = [] } = (await daemon.metrics.getSingleMetric(name)?.get()) ?? {};
  const found = values.find(({ labels }) => label === undefined || Object.values(labels).includes(label));
  return found?.value ?? 0;
}

/** 12 MB: more than the sockets of both ends hold. */
const LARGE = Array.from({ length: 200 }, (_, i) => ({
  ...record(`big${i} 60 A 192.0.2.1`),
  type: 65_280,
  rdata: new Uint8Array(60_000).fill(i),
}));
const octetsOf = ({ name, rdata }: ResourceRecord) => `${name} ${rdata.length} ${rdata.at(-1)}`;

/** Asks for the zone and reads nothing. */
async function stalled(daemon: TestDaemon): Promise<Socket> {
  const socket = connect(daemon.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(frame(writeMessage(transferQuery(origin))));
  return socket;
}

/** Reads what comes until the other side ends, or as many messages. */
async function messagesOf(socket: Socket, most = Number.POSITIVE_INFINITY): Promise<Message[]> {
  const frames = new FrameReader();
  const messages: Message[] = [];
  socket.on('data', (bytes) => {
    for (const wire of frames.push(new Uint8Array(bytes))) messages.push(readMessage(wire));
    if (messages.length >= most) socket.destroy();
  });
  socket.resume();
  await once(socket, 'close');
  return messages;
}

test('a zone is sent as it was when the transfer began, while it goes on changing', async () => {
  const daemon = await primary(LARGE);
  const socket = await stalled(daemon);
  await waitFor(async () => (await metric(daemon, 'ds_dns_transfers_sending')) === 1);
  const before = [...daemon.store.zones.records(origin)].map(octetsOf);
  daemon.store.zones.edit(origin, [
    { op: 'clear', name: Name.parse('big199.shop.test.') },
    { op: 'add', record: record('new 60 A 192.0.2.9') },
  ]);
  const reading = messagesOf(socket);
  // A connection is there for further queries: its end is ours.
  await waitFor(async () => (await metric(daemon, 'ds_dns_transfers_sending')) === 0);
  socket.end();
  const records = (await reading).flatMap(({ answers }) => answers.map(octetsOf));
  expect(records).toEqual([...before, before[0]]);
  expect(await metric(daemon, 'ds_dns_transfers_sent_total', 'whole')).toBe(1);
  expect((await collect(parseServer(daemon.url), origin)).serial).toBe(2);
});

test('each record comes once, in several messages, the SOA first and last', async () => {
  const hosts = Array.from({ length: 3_000 }, (_, i) => `h${i} 60 A 10.0.${i >> 8}.${i & 255}`);
  const daemon = await primary(hosts);
  const { form, serial, added } = await collect(parseServer(daemon.url), origin);
  expect({ form, serial }).toEqual({ form: 'whole', serial: 1 });
  expect(added).toEqual([...daemon.store.zones.records(origin)].map(show));
  const sent = await waitFor(() => daemon.log.find((line) => line.includes('zone transferred')));
  expect(JSON.parse(sent)).toMatchObject({ zone: 'shop.test.', form: 'whole', serial: 1, messages: 3 });
});

test('zones are given to whom --allow-transfer names; why not is an extended error (RFC 8914)', async () => {
  const closed = await primary([], { options: {} });
  for (const transport of ['tcp', 'udp']) {
    const url = `${transport}://127.0.0.1:${closed.port}`;
    for (const query of [transferQuery(origin), transferQuery(origin, 1)]) {
      const { response } = await ask(url, { ...query, edns });
      expect(response.rcode).toBe(Rcode.REFUSED);
      expect(textOfError(response)).toEqual({ code: 18, text: 'zones are transferred to whom --allow-transfer names' });
      expect(response.answers).toEqual([]);
    }
  }
  await expect(collect(parseServer(closed.url), origin)).rejects.toEqual(failsWith('dns.transfer_refused', /REFUSED/));
});

test('a zone that is not here is NOTAUTH, names within one are no zone (RFC 5936, section 2.2.1)', async () => {
  const { port } = await primary(['sub 60 NS ns1']);
  for (const name of ['other.test.', 'sub.shop.test.', 'test.']) {
    const { response } = await ask(`tcp://127.0.0.1:${port}`, { ...transferQuery(Name.parse(name)), edns });
    expect(response.rcode, name).toBe(Rcode.NOTAUTH);
    expect(textOfError(response)?.code).toBe(20);
  }
});

test('AXFR over UDP is refused (RFC 5936, section 4.2), IXFR without an SOA is broken, class CH is not served', async () => {
  const { url, port } = await primary([]);
  const axfr = await ask(url, { ...transferQuery(origin), edns });
  expect(axfr.response.rcode).toBe(Rcode.REFUSED);
  expect(textOfError(axfr.response)).toEqual({ code: 21, text: 'zones are transferred over TCP or TLS' });
  const bare = { ...transferQuery(origin, 1), authorities: [] };
  expect((await ask(`tcp://127.0.0.1:${port}`, bare)).response.rcode).toBe(Rcode.FORMERR);
  const chaos = { ...transferQuery(origin), questions: [{ name: origin, type: RRType.AXFR, class: 3 }] };
  expect((await ask(`tcp://127.0.0.1:${port}`, chaos)).response.rcode).toBe(Rcode.REFUSED);
});

test('IXFR gives differences, one sequence for each change (RFC 1995, section 4)', async () => {
  const hosts = Array.from({ length: 50 }, (_, i) => `h${i} 60 A 10.0.0.${i}`);
  const { store, url } = await primary(hosts);
  store.zones.edit(origin, [{ op: 'add', record: record('new 60 A 192.0.2.9') }]);
  store.zones.edit(origin, [{ op: 'remove', record: record('h7 60 A 10.0.0.7') }]);
  const server = parseServer(url);
  const soa = (serial: number) =>
    `shop.test. 3600 SOA ns1.shop.test. hostmaster.shop.test. ${serial} 3600 900 86400 300`;
  expect(await collect(server, origin, 1)).toEqual({
    form: 'incremental',
    serial: 3,
    removed: [soa(1), soa(2), 'h7.shop.test. 60 A 10.0.0.7'],
    added: [soa(2), 'new.shop.test. 60 A 192.0.2.9', soa(3)],
  });
  expect(await collect(server, origin, 3)).toMatchObject({ form: 'current', serial: 3, added: [] });
  expect(await collect(server, origin, 4)).toMatchObject({ form: 'current', serial: 3 });
  // Before its history, or never there.
  const whole = await collect(server, origin, 2 ** 32 - 5);
  expect(whole).toMatchObject({ form: 'whole', serial: 3 });
  expect(whole.added).toHaveLength(53);
});

test('IXFR over UDP: differences that fit, else the SOA alone (RFC 1995, section 2)', async () => {
  const hosts = Array.from({ length: 300 }, (_, i) => `h${i} 60 A 10.0.${i >> 8}.${i & 255}`);
  const { store, url } = await primary(hosts);
  store.zones.edit(origin, [{ op: 'add', record: record('new 60 A 192.0.2.9') }]);
  const few = (await ask(url, { ...transferQuery(origin, 1), edns })).response;
  expect(few.answers.map(({ type }) => type)).toEqual([6, 6, 6, RRType.A, 6]);
  expect(few).toMatchObject({ truncated: false, authoritative: true });

  const added = Array.from({ length: 80 }, (_, i) => record(`a-longer-name-${i} 60 TXT "${'t'.repeat(20)}"`));
  store.zones.edit(
    origin,
    added.map((one) => ({ op: 'add', record: one })),
  );
  const { response, octets } = await ask(url, { ...transferQuery(origin, 1), edns });
  expect(response.answers.map(({ type, rdata }) => [type, soaSerial(rdata)])).toEqual([[6, 3]]);
  expect(response.truncated).toBe(false);
  expect(octets).toBeLessThan(512);
});

test('a peer has four transfers at once; what it leaves is free again', async () => {
  const daemon = await primary(LARGE);
  const sockets = await Promise.all(Array.from({ length: 4 }, () => stalled(daemon)));
  await waitFor(async () => (await metric(daemon, 'ds_dns_transfers_sending')) === 4);
  const { response } = await ask(`tcp://127.0.0.1:${daemon.port}`, { ...transferQuery(origin), edns });
  expect(response.rcode).toBe(Rcode.SERVFAIL);
  expect(textOfError(response)).toEqual({ code: 14, text: 'too many transfers at once' });
  // The SOA alone needs no transfer.
  expect(await collect(parseServer(daemon.url), origin, 1)).toMatchObject({ form: 'current' });

  for (const socket of sockets) socket.destroy();
  await waitFor(async () => (await metric(daemon, 'ds_dns_transfers_sending')) === 0);
  expect(await metric(daemon, 'ds_dns_transfers_sent_total', 'unfinished')).toBe(4);
  expect(daemon.log.filter((line) => line.includes('hung up before the end'))).toHaveLength(4);
  expect((await collect(parseServer(daemon.url), origin)).added).toHaveLength(203);
});

test('a peer that does not take a transfer in half an hour is cut off', async () => {
  const clock = new ManualClock();
  const daemon = await primary(LARGE, { clock });
  const socket = await stalled(daemon);
  await waitFor(async () => (await metric(daemon, 'ds_dns_transfers_sending')) === 1);
  clock.advance(30 * 60_000);
  const messages = await messagesOf(socket);
  expect(messages.length).toBeGreaterThan(0);
  expect(messages.flatMap(({ answers }) => answers).length).toBeLessThan(200);
  await waitFor(() => daemon.log.some((line) => line.includes('was not taken within 1800 s')));
});

test('a connection goes on after a transfer', async () => {
  const daemon = await primary([]);
  const socket = await stalled(daemon);
  socket.write(frame(writeMessage({ ...transferQuery(origin, 1), id: 7 })));
  const messages = await messagesOf(socket, 2);
  expect(messages.map(({ id, answers }) => [id, answers.length])).toEqual([
    [0, 4],
    [7, 1],
  ]);
});

test.skipIf(!hasPackages('openssl'))('zones are transferred over TLS (RFC 9103)', async () => {
  const files = makeCertificate();
  const options = { ...allowed, tlsCert: files.cert, tlsKey: files.key, tls: '127.0.0.1:0' };
  const hosts = Array.from({ length: 3_000 }, (_, i) => `h${i} 60 A 10.0.${i >> 8}.${i & 255}`);
  const daemon = await primary(hosts, { options });
  const server = parseServer(daemon.endpoints['tls'] ?? '');
  const added: string[] = [];
  for await (const part of transferZone(server, origin, { ...transfer, trust: { insecure: true } })) {
    if (part.kind === 'records') added.push(...part.records.map(show));
  }
  expect(added).toEqual([...daemon.store.zones.records(origin)].map(show));
});
