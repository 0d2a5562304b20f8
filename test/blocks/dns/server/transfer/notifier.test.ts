import { expect, test } from 'vitest';
import { parseServer } from '../../../../../src/blocks/dns/client/server-address.js';
import { Name } from '../../../../../src/blocks/dns/name.js';
import { followZone } from '../../../../../src/blocks/dns/server/transfer/follow.js';
import { soaSerial } from '../../../../../src/blocks/dns/soa.js';
import { type Message, Opcode, parseType, Rcode } from '../../../../../src/blocks/dns/wire.js';
import { systemClock, systemRandom } from '../../../../../src/platform/clock.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { waitFor } from '../../../../helpers/wait-for.js';
import { answerTo, startFakeServer } from '../../client/fake-server.js';
import { importText, origin, parseZone, record, recordsIn, zoneText } from '../../store/test-zones.js';
import { startTestDaemon, type TestDaemon } from './daemons.js';

const told = ({ questions, answers }: Message) =>
  `${questions[0]?.name} ${answers.map(({ rdata }) => soaSerial(rdata)).join()}`;

/** A primary on a clock that stands, with a server that is told of its changes and answers as `rcode` says. */
async function start(rcode: (nth: number) => number | undefined) {
  let nth = 0;
  const server = await startFakeServer({
    udp: (query, reply) => {
      const code = rcode(++nth);
      if (code !== undefined) reply(answerTo(query, [], { rcode: code, authoritative: true }));
    },
  });
  const clock = new ManualClock();
  const daemon = await startTestDaemon({
    clock,
    options: { notify: [`127.0.0.1:${server.port}`] },
    prepare: (store) => importText(store, zoneText(1)),
  });
  return { server, clock, daemon };
}

const add = (daemon: TestDaemon, line: string) =>
  daemon.store.zones.edit(origin, [{ op: 'add', record: record(line) }]);

async function notifies(daemon: TestDaemon, outcome: string): Promise<number> {
  const { values = [] } = (await daemon.metrics.getSingleMetric('ds_dns_notifies_total')?.get()) ?? {};
  return values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
}

test('each zone is told of when the daemon starts, as RFC 1996, section 3, has it', async () => {
  const { server } = await start(() => Rcode.NOERROR);
  await waitFor(() => server.queries.length === 1);
  expect(server.queries[0]).toMatchObject({
    opcode: Opcode.NOTIFY,
    authoritative: true,
    response: false,
    questions: [{ type: parseType('SOA'), class: 1 }],
  });
  expect(server.queries.map(told)).toEqual(['shop.test. 1']);
});

test('a change by another process is noticed within a quarter of a second, of other zones nothing is told', async () => {
  const { server, clock, daemon } = await start(() => Rcode.NOERROR);
  await waitFor(async () => (await notifies(daemon, 'sent')) === 1);
  add(daemon, 'new 60 A 192.0.2.9');
  clock.advance(250);
  await waitFor(() => server.queries.length === 2);
  const other = Name.parse('other.test.');
  daemon.store.zones.import(other, parseZone(zoneText(7), other), { source: '', serial: 'bump' });
  clock.advance(250);
  await waitFor(() => server.queries.length === 3);
  expect(server.queries.map(told)).toEqual(['shop.test. 1', 'shop.test. 2', 'other.test. 7']);
});

test('without an answer it is told again, later and later, then a warning tells of it', async () => {
  const { server, clock, daemon } = await start(() => undefined);
  for (let attempt = 1; attempt <= 6; attempt++) {
    await waitFor(() => server.queries.length === attempt, { what: `attempt ${attempt}` });
    // The time for an answer, then the wait.
    clock.advance(3_000);
    const waitMs = 1_000 * 2 ** (attempt - 1);
    if (attempt === 6) break;
    await waitFor(() => clock.sleeping >= 3);
    clock.advance(waitMs * 0.89);
    expect(server.queries).toHaveLength(attempt);
    clock.advance(waitMs * 0.11);
  }
  const warning = await waitFor(() => daemon.log.find((line) => line.includes('was not told')));
  expect(JSON.parse(warning)).toMatchObject({
    zone: 'shop.test.',
    server: `udp://127.0.0.1:${server.port}`,
    reason: expect.stringContaining('no reply'),
  });
  expect(await notifies(daemon, 'unanswered')).toBe(1);
});

test('SERVFAIL may pass; what is refused is not asked again', async () => {
  const { server, clock, daemon } = await start((nth) => (nth === 1 ? Rcode.SERVFAIL : Rcode.REFUSED));
  await waitFor(() => server.queries.length === 1);
  // Bit by bit: nothing tells when the answer has come and the wait has begun.
  const warning = await waitFor(() => {
    clock.advance(20);
    return daemon.log.find((line) => line.includes('was not told'));
  });
  expect(JSON.parse(warning).reason).toContain('REFUSED');
  clock.advance(60_000);
  expect(server.queries).toHaveLength(2);
});

test('a change while a server is being told: it is told anew, of the newer serial', async () => {
  const { server, clock, daemon } = await start((nth) => (nth < 2 ? undefined : Rcode.NOERROR));
  await waitFor(() => server.queries.length === 1);
  add(daemon, 'new 60 A 192.0.2.9');
  clock.advance(250);
  // Nothing is sent while an answer may come.
  expect(server.queries).toHaveLength(1);
  clock.advance(3_000);
  await waitFor(() => server.queries.length === 2);
  expect(server.queries.map(told)).toEqual(['shop.test. 1', 'shop.test. 2']);
  await waitFor(async () => (await notifies(daemon, 'sent')) === 1);
});

test('the server that a zone comes from is not told of it', async () => {
  const primary = await startTestDaemon({
    options: { allowTransfer: ['127.0.0.1'] },
    prepare: (store) => importText(store, zoneText(1)),
  });
  const other = Name.parse('other.test.');
  const daemon = await startTestDaemon({
    options: { notify: [`127.0.0.1:${primary.port}`] },
    prepare: async (store) => {
      const options = { clock: systemClock, random: systemRandom, timeoutMs: 5_000 };
      await followZone(store, origin, [parseServer(primary.url)], options);
      store.zones.import(other, parseZone(zoneText(7), other), { source: '', serial: 'bump' });
    },
  });
  // It is told of the other zone, and has no use for that.
  const warning = await waitFor(() => daemon.log.find((line) => line.includes('was not told')));
  expect(JSON.parse(warning).zone).toBe('other.test.');
  expect(await notifies(primary, 'refused')).toBe(1);
  expect(daemon.log.filter((line) => line.includes('was not told'))).toHaveLength(1);
});

test('a primary and its secondary of ours: what a command changes is on both within a second', async () => {
  const secondary = await startTestDaemon();
  const primary = await startTestDaemon({
    options: { allowTransfer: ['127.0.0.1'], notify: [`127.0.0.1:${secondary.port}`] },
    prepare: (store) =>
      importText(store, zoneText(1, ...Array.from({ length: 9 }, (_, i) => `h${i} 60 A 10.0.0.${i}`))),
  });
  await followZone(secondary.store, origin, [parseServer(primary.url)], {
    clock: systemClock,
    random: systemRandom,
    timeoutMs: 5_000,
  });
  await waitFor(() => secondary.store.secondaries.get(origin)?.nextCheckAt !== undefined);
  add(primary, 'new 60 A 192.0.2.9');
  await waitFor(() => secondary.store.zones.get(origin)?.serial === 2);
  expect(recordsIn(secondary.store)).toEqual(recordsIn(primary.store));
  expect(secondary.store.zones.history(origin)[0]).toMatchObject({ kind: 'transfer', added: 1, removed: 0 });
});
