import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { openDnsStore } from '../../../../src/blocks/dns/store.js';
import { buildChildScript } from '../../../helpers/child-script.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { importText, openTestStore, origin, record, zoneText } from './test-zones.js';

const shared = Name.parse('shared.test.');
const PROCESSES = 3;
const EDITS = 20;

test('several processes edit a zone at once: no serial is given twice, nothing is lost', async () => {
  const store = openTestStore();
  const { serial: first } = store.zones.addZone(shared, {
    primaryServer: Name.parse('ns.'),
    mailbox: Name.parse('h.'),
  });
  const script = await buildChildScript(new URL('several-processes-child.ts', import.meta.url));
  onTestFinished(script.remove);
  const serials: number[] = [];
  const children = Array.from({ length: PROCESSES }, async (_, who) => {
    const child = spawn(process.execPath, [script.path, store.path, String(EDITS), String(who)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const [code] = await once(child, 'close');
    serials.push(...output.trim().split('\n').map(Number));
    return code;
  });

  // Meanwhile, as the daemon does: zones come in sight, and each look-up sees one state.
  const origins = Array.from({ length: PROCESSES }, (_, who) => Name.parse(`x.own${who}.test.`));
  await waitFor(() => origins.every((name) => store.zones.find(name) !== undefined), { timeoutMs: 15_000 });
  const seen = () =>
    store.zones.reading((zones) => {
      const zone = zones.find(shared);
      return [
        zone?.node(shared).find(({ type }) => type === 6)?.rdatas[0],
        zone?.node(Name.parse('h0', shared))[0]?.rdatas,
      ];
    });
  const versions = new Set([store.zones.version()]);
  await waitFor(() => versions.add(store.zones.version()).size > 3 && seen().length, { timeoutMs: 15_000 });

  expect(await Promise.all(children)).toEqual(Array.from({ length: PROCESSES }, () => 0));
  const expected = Array.from({ length: PROCESSES * EDITS }, (_, index) => first + 1 + index);
  expect(serials.sort((a, b) => a - b)).toEqual(expected);
  expect(store.zones.get(shared)).toMatchObject({ serial: expected.at(-1), records: 2 + PROCESSES * EDITS });
  expect([...store.zones.records(shared)]).toHaveLength(2 + PROCESSES * EDITS);
  expect(store.zones.find(shared)?.node(Name.parse('h0', shared))[0]?.rdatas).toHaveLength(PROCESSES);
});

test('a change by another connection is answered from at once, and the version tells it', () => {
  const store = openTestStore();
  const daemon = openDnsStore({ path: store.path, clock: store.clock });
  onTestFinished(() => daemon.close());
  const www = record('www 60 A 192.0.2.1');
  const answer = () => daemon.zones.find(www.name)?.node(www.name) ?? 'no zone';
  expect(answer()).toBe('no zone');
  const versions = [daemon.zones.version()];
  importText(store, zoneText(1));
  expect(answer()).toEqual([]);
  versions.push(daemon.zones.version());
  store.zones.edit(origin, [{ op: 'add', record: www }]);
  expect(answer()).toHaveLength(1);
  versions.push(daemon.zones.version());
  store.zones.delete(origin);
  expect(answer()).toBe('no zone');
  versions.push(daemon.zones.version());
  expect(versions).toEqual([0, 1, 2, 3]);
});

test('what is cached changes nothing about the version of zones', () => {
  const store = openTestStore();
  const daemon = openDnsStore({ path: store.path, clock: store.clock });
  onTestFinished(() => daemon.close());
  const version = daemon.zones.version();
  store.cache.flush({});
  expect(daemon.zones.version()).toBe(version);
});

test('a look-up sees one state, whoever changes the zone in its midst', () => {
  const store = openTestStore();
  const writer = openDnsStore({ path: store.path, clock: store.clock });
  onTestFinished(() => writer.close());
  importText(store, zoneText(1));
  const www = record('www 60 A 192.0.2.1');
  store.zones.reading((zones) => {
    const zone = zones.find(www.name);
    expect(zone?.node(www.name)).toEqual([]);
    writer.zones.edit(origin, [{ op: 'add', record: www }]);
    expect(zone?.node(www.name)).toEqual([]);
    expect(store.zones.reading((same) => same.find(www.name)?.node(www.name))).toEqual([]);
    writer.zones.delete(origin);
    expect(zones.find(www.name)).toBe(zone);
  });
  expect(store.zones.find(www.name)).toBeUndefined();
});

test('an import that takes its time holds nobody up', () => {
  const store = openTestStore();
  const other = openDnsStore({ path: store.path, clock: store.clock, busyTimeoutMs: 0 });
  onTestFinished(() => other.close());
  importText(store, zoneText(1));
  const slow = store.zones.beginImport(origin, { source: '', serial: 'bump' });
  for (let index = 0; index < 3000; index++) slow.add(record(`h${index} 60 A 10.0.0.1`));
  other.zones.edit(origin, [{ op: 'add', record: record('www 60 A 192.0.2.1') }]);
  slow.add(record('@ 60 SOA ns1 h 1 2 3 4 5'));
  slow.add(record('@ 60 NS ns1'));
  expect(slow.finish()).toMatchObject({ serialBefore: 2, serial: 3, removed: 4, added: 3002 });
});
