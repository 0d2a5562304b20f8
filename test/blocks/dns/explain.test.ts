import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { CacheEntry } from '../../../src/blocks/dns/cache/entry.js';
import { explain } from '../../../src/blocks/dns/explain.js';
import { Name } from '../../../src/blocks/dns/name.js';
import { openDnsStore } from '../../../src/blocks/dns/store.js';
import { reportTargets, setTarget } from '../../../src/blocks/dns/targets.js';
import { makeMessage, Rcode, RRType, writeMessage } from '../../../src/blocks/dns/wire.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

function open() {
  const clock = new ManualClock();
  const store = openDnsStore({ path: join(temporaryFolder(), 'dns.db'), clock });
  onTestFinished(() => store.close());
  return { store, clock };
}

const question = (name: string, type: number = RRType.A) => ({ name: Name.parse(name), type, class: 1 });
const steps = ({ steps: list }: ReturnType<typeof explain>) => list.map(({ kind, text }) => `${kind}: ${text}`);

function entry(clock: ManualClock, name: string, parts: Partial<CacheEntry> = {}): CacheEntry {
  const asked = question(name);
  const answers = [{ ...asked, ttl: 60, rdata: Uint8Array.of(192, 0, 2, 1) }];
  const storedAt = clock.now();
  return {
    question: asked,
    dnssecOk: false,
    checkingDisabled: false,
    kind: 'answer',
    response: writeMessage(makeMessage({ response: true, questions: [asked], answers })),
    upstream: 'udp://192.0.2.53',
    storedAt,
    expiresAt: storedAt + 60_000,
    staleUntil: storedAt + 600_000,
    ...parts,
  };
}

test('a name that nothing here knows', () => {
  const { store, clock } = open();
  expect(explain(store, question('www.example.'), clock)).toMatchObject({ source: 'nowhere', answers: [] });
});

test('an answer that was kept, fresh and stale', () => {
  const { store, clock } = open();
  store.cache.write([entry(clock, 'www.example.')], []);
  clock.advance(10_000);
  expect(steps(explain(store, question('www.example.'), clock))).toEqual([
    'outside: www.example. is in no zone here',
    'kept: kept from udp://192.0.2.53 10 s ago, fresh for 50 s more',
  ]);
  clock.advance(60_000);
  expect(steps(explain(store, question('www.example.'), clock)).at(-1)).toBe(
    'kept: kept from udp://192.0.2.53 70 s ago, stale since 10 s, given while upstream is away (RFC 8767)',
  );
});

test('RFC 8020: a name above that does not exist is the reason', () => {
  const { store, clock } = open();
  const response = writeMessage(
    makeMessage({ response: true, rcode: Rcode.NXDOMAIN, questions: [question('example.')] }),
  );
  store.cache.write([entry(clock, 'example.', { kind: 'nxdomain', response })], []);
  const told = explain(store, question('a.b.example.'), clock);
  expect(told).toMatchObject({ source: 'cache', rcode: 'NXDOMAIN' });
  expect(steps(told)[1]).toBe('nxdomain-cut: example. does not exist, so neither does a.b.example. (RFC 8020)');
});

test('a damaged entry is no reason', () => {
  const { store, clock } = open();
  store.cache.write([entry(clock, 'www.example.', { response: Uint8Array.of(1, 2, 3) })], []);
  expect(explain(store, question('www.example.'), clock).source).toBe('nowhere');
});

test('targets: the record comes with its rules, which stay until they are said anew; the health that was noted counts', () => {
  const { store, clock } = open();
  const target = { name: Name.parse('api.shop.test.'), type: RRType.A, ttl: undefined, create: true };
  const [one, two] = [Uint8Array.of(10, 0, 0, 1), Uint8Array.of(10, 0, 0, 2)];
  setTarget(store, { ...target, rdata: one, rules: { check: 'tcp:80', weight: 3 } }, '');
  setTarget(store, { ...target, rdata: one, rules: { tier: 1 } }, '');
  setTarget(store, { ...target, rdata: two, rules: {} }, '');
  expect(reportTargets(store)).toMatchObject([
    { target: '10.0.0.2', tier: 0, state: 'unchecked' },
    { target: '10.0.0.1', tier: 1, weight: 3, check: 'tcp:80', state: 'unknown' },
  ]);
  expect(explain(store, question('api.shop.test.'), clock).answers).toMatchObject([{ data: '10.0.0.2', ttl: 10 }]);
  const now = clock.now();
  store.targets.note({ ...target, rdata: one }, { state: 'down', since: now, checkedAt: now, problem: 'refused' });
  expect(steps(explain(store, question('api.shop.test.'), clock)).at(-1)).toMatch(/10\.0\.0\.1 is down \(refused\)/);
  store.zones.edit(Name.parse('shop.test.'), [{ op: 'clear', name: target.name }]);
  expect(reportTargets(store).map(({ state }) => state)).toEqual(['gone', 'gone']);
});

test('what is in ds.test is told from the daemons that run, unless the file has a zone of that name', () => {
  const { store, clock } = open();
  const endpoints = [{ name: 'redis', url: 'redis://127.0.0.1:6390' }];
  const daemons = [{ block: 'seq', pid: 1, state: 'running' as const, endpoints, startedAt: '', version: '1.0.0' }];
  const told = () => explain(store, question('seq.ds.test.'), clock, daemons);
  expect(told()).toMatchObject({ source: 'zone', rcode: 'NOERROR', answers: [{ data: '127.0.0.1' }] });
  expect(explain(store, question('kv.ds.test.'), clock, daemons).rcode).toBe('NXDOMAIN');
  setTarget(
    store,
    { ...question('x.ds.test.'), rdata: Uint8Array.of(10, 0, 0, 1), rules: {}, ttl: undefined, create: true },
    '',
  );
  expect(told().rcode).toBe('NXDOMAIN');
});
