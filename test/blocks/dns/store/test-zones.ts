/** Stores in temporary folders, and zones as text. */
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { parseRdata, printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import type { ImportOptions } from '../../../../src/blocks/dns/store/zone-store.js';
import { type DnsStore, type DnsStoreOptions, openDnsStore } from '../../../../src/blocks/dns/store.js';
import { parseType, RRClass, typeName } from '../../../../src/blocks/dns/wire.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { wordsOf } from '../../../../src/blocks/dns/zone/master-file/lexer.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

export const origin = Name.parse('shop.test.');

/** A zone of an SOA with the serial, an NS, its address, and what else is given as lines of a master file. */
export function zoneText(serial: number, ...lines: readonly string[]): string {
  return [
    `@ 3600 SOA ns1 hostmaster ${serial} 3600 900 86400 300`,
    '@ 3600 NS ns1',
    'ns1 3600 A 192.0.2.1',
    ...lines,
    '',
  ].join('\n');
}

export function parseZone(text: string, zone = origin): ResourceRecord[] {
  return [...parseMasterFile([text], { file: 'test.zone', origin: zone, defaultTtl: 3600 })];
}

/** `www 60 A 192.0.2.1`. */
export function record(line: string): ResourceRecord {
  const [name = '', ttl = '', type = '', ...data] = line.split(' ');
  const number = parseType(type);
  const rdata = parseRdata(number, wordsOf(data.join(' ')), origin);
  return { name: Name.parse(name, origin), type: number, class: RRClass.IN, ttl: Number(ttl), rdata };
}

export function show({ name, ttl, type, rdata }: ResourceRecord): string {
  return `${name} ${ttl} ${typeName(type)} ${printRdata(type, rdata)}`;
}

export interface TestStore extends DnsStore {
  readonly clock: ManualClock;
}

/** Closed when the test ends. */
export function openTestStore(options: Partial<DnsStoreOptions> = {}): TestStore {
  const clock = new ManualClock(Date.UTC(2025, 5, 15, 12));
  const store = openDnsStore({ path: join(temporaryFolder(), 'dns.db'), clock, ...options });
  onTestFinished(() => store.close());
  return { ...store, clock };
}

export function importText(store: DnsStore, text: string, options: Partial<ImportOptions> = {}) {
  return store.zones.import(origin, parseZone(text), { source: 'test.zone', serial: 'bump', ...options });
}

export function recordsIn(store: DnsStore, zone = origin): string[] {
  return [...store.zones.records(zone)].map(show);
}

/** For toThrow(). */
export function failsWith(code: string, message = /./) {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}
