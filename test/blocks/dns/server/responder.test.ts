import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { AccessList, loopbackTexts } from '../../../../src/blocks/dns/server/access.js';
import type { Client } from '../../../../src/blocks/dns/server/client.js';
import { DnsCounts } from '../../../../src/blocks/dns/server/counts.js';
import { Engine } from '../../../../src/blocks/dns/server/engine.js';
import type { Forwarder, Resolution } from '../../../../src/blocks/dns/server/forward/forwarder.js';
import { Responder } from '../../../../src/blocks/dns/server/responder.js';
import { makeMessage, Rcode, RRType, readMessage, writeMessage } from '../../../../src/blocks/dns/wire.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { MemoryZone } from '../../../../src/blocks/dns/zone/memory.js';
import type { ZoneSet } from '../../../../src/blocks/dns/zone/zone-data.js';
import { ManualClock } from '../../../helpers/manual-clock.js';

const local: Client = { transport: 'udp', address: '127.0.0.1', port: 5300 };
const stranger: Client = { transport: 'udp', address: '192.0.2.7', port: 5300 };

function zoneOf(address: string): MemoryZone {
  const text = `@ 300 SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\nwww A ${address}\n`;
  return MemoryZone.fromRecords(parseMasterFile([text], { origin: Name.parse('shop.test.'), file: 'test' }));
}

/** Has an answer to everything in its cache, for a minute. */
function knowsEverything(clock: ManualClock): Pick<Forwarder, 'cached' | 'resolve'> {
  const resolution = ({ name }: { readonly name: Name }): Resolution => ({
    rcode: Rcode.NOERROR,
    answers: [{ name, type: RRType.A, class: 1, ttl: 60, rdata: Uint8Array.of(203, 0, 113, 1) }],
    authorities: [],
    additionals: [],
    ageSeconds: 0,
    stale: false,
    source: 'cache',
    extendedErrors: [],
    expiresAt: clock.now() + 60_000,
    why: [],
  });
  return { cached: resolution, resolve: async (question) => resolution(question) };
}

function makeResponder() {
  let zone = zoneOf('192.0.2.1');
  let version = 1;
  let isReadable = true;
  const mustBeReadable = () => {
    if (!isReadable) throw new Error('disk I/O error');
  };
  const zones: ZoneSet = { find: (name) => (name.isWithin(zone.origin) ? zone : undefined) };
  const counts = new DnsCounts();
  const clock = new ManualClock();
  const mayForward = AccessList.parse(loopbackTexts, '--allow-forward');
  const engine = new Engine({
    zones: {
      reading(work) {
        mustBeReadable();
        return work(zones);
      },
    },
    mayForward,
    forwarder: knowsEverything(clock),
    nsid: undefined,
    counts,
    clock,
    logger: pino({ level: 'silent' }),
  });
  const responder = new Responder({
    engine,
    clock,
    counts,
    version() {
      mustBeReadable();
      return version;
    },
    isServed: ({ address }) => mayForward.allows(address),
  });
  const change = (address: string) => {
    zone = zoneOf(address);
    version++;
  };
  const setReadable = (readable: boolean) => {
    isReadable = readable;
  };
  return { responder, counts, change, setReadable };
}

async function ask(responder: Responder, name: string, client = local) {
  const question = { name: Name.parse(name), type: RRType.A, class: 1 };
  const wire = await responder.answer(
    Buffer.from(writeMessage(makeMessage({ id: 1, recursionDesired: true, questions: [question] }))),
    client,
  );
  return readMessage(wire ?? new Uint8Array());
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('the second answer is a finished one, until the zones change', async () => {
  const { responder, counts, change } = makeResponder();
  await ask(responder, 'www.shop.test.');
  expect(counts.hot).toBe(0);
  await ask(responder, 'www.shop.test.');
  expect(counts.hot).toBe(1);
  change('192.0.2.2');
  await nextTurn();
  expect((await ask(responder, 'www.shop.test.')).answers[0]?.rdata).toEqual(Uint8Array.of(192, 0, 2, 2));
  expect(counts.hot).toBe(1);
});

test('who is not forwarded for never gets what another one was given, nor the other way round', async () => {
  const { responder } = makeResponder();
  for (const client of [stranger, local, stranger, local]) {
    const elsewhere = await ask(responder, 'www.example.', client);
    expect(elsewhere.rcode).toBe(client === local ? Rcode.NOERROR : Rcode.REFUSED);
    expect(elsewhere.answers).toHaveLength(client === local ? 1 : 0);
    const here = await ask(responder, 'www.shop.test.', client);
    expect([here.rcode, here.recursionAvailable]).toEqual([Rcode.NOERROR, client === local]);
    await nextTurn();
  }
});

test('finished answers and others count alike', async () => {
  const { responder, counts } = makeResponder();
  for (let i = 0; i < 5; i++) await ask(responder, 'www.shop.test.');
  expect([...counts.answers.values()]).toMatchObject([{ type: 'A', rcode: 'NOERROR', source: 'zone', count: 5 }]);
  expect(counts.queries.udp).toBe(5);
});

test('a file that cannot be read makes SERVFAIL, and does not end the daemon', async () => {
  const { responder, counts, setReadable } = makeResponder();
  await ask(responder, 'www.shop.test.');
  setReadable(false);
  await nextTurn();
  for (let i = 0; i < 2; i++) expect((await ask(responder, 'www.shop.test.')).rcode).toBe(Rcode.SERVFAIL);
  expect(counts.hot).toBe(0);
  setReadable(true);
  await nextTurn();
  for (let i = 0; i < 2; i++) expect((await ask(responder, 'www.shop.test.')).rcode).toBe(Rcode.NOERROR);
  expect(counts.hot).toBe(1);
});
