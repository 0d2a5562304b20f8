import { expect, test } from 'vitest';
import { printRdata } from '../../../../../src/blocks/dns/rdata/index.js';
import { daemonZone } from '../../../../../src/blocks/dns/server/discovery/daemon-zone.js';
import { typeName } from '../../../../../src/blocks/dns/wire.js';
import type { RegistryEntry } from '../../../../../src/platform/daemon/registry.js';

const entry = (block: string, urls: Record<string, string>, parts: Partial<RegistryEntry> = {}): RegistryEntry => ({
  block,
  pid: 1,
  state: 'running',
  endpoints: Object.entries(urls).map(([name, url]) => ({ name, url })),
  startedAt: '2026-01-01T00:00:00.000Z',
  version: '1.0.0',
  ...parts,
});

const lines = (entries: readonly RegistryEntry[]) =>
  [...daemonZone(entries, 7).records()].map(
    ({ name, type, rdata }) => `${name} ${typeName(type)} ${printRdata(type, rdata)}`,
  );

test('each endpoint of a daemon that runs has an address, a text and an SRV record', () => {
  const zone = lines([
    entry('kv', { redis: 'redis://127.0.0.1:6379', admin: 'http://[::1]:9379' }),
    entry('dns', { udp: 'udp://127.0.0.1:1053', tcp: 'tcp://127.0.0.1:1053' }),
  ]);
  expect(zone).toEqual(
    expect.arrayContaining([
      'ds.test. SOA dns.ds.test. hostmaster.ds.test. 7 3600 600 86400 1',
      'kv.ds.test. A 127.0.0.1',
      'kv.ds.test. AAAA ::1',
      'kv.ds.test. TXT "redis://127.0.0.1:6379"',
      '_redis._tcp.kv.ds.test. SRV 0 0 6379 kv.ds.test.',
      '_admin._tcp.kv.ds.test. SRV 0 0 9379 kv.ds.test.',
      '_dns._udp.dns.ds.test. SRV 0 0 1053 dns.ds.test.',
      '_dns._tcp.dns.ds.test. SRV 0 0 1053 dns.ds.test.',
    ]),
  );
});

test('two daemons of a block are two records; one that does not run is none; what is odd is left out', () => {
  const zone = lines([
    entry('kv', { redis: 'redis://127.0.0.1:6379' }),
    entry('kv', { redis: 'redis://127.0.0.1:6380' }),
    entry('seq', { redis: 'redis://127.0.0.1:6390' }, { state: 'restarting' }),
    entry('cdn', { 'bad name': 'http://127.0.0.1:1', http: 'no url', other: 'http://some.host:1' }),
  ]);
  expect(zone.filter((line) => line.includes(' SRV '))).toEqual([
    '_redis._tcp.kv.ds.test. SRV 0 0 6379 kv.ds.test.',
    '_redis._tcp.kv.ds.test. SRV 0 0 6380 kv.ds.test.',
  ]);
  expect(zone.some((line) => /seq|cdn/.test(line))).toBe(false);
});
