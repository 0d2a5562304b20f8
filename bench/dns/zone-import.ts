/**
 * A zone file of a million records in random order: read, checked and taken into the store as `ds dns zone import` does it,
 * as a new zone and over one that is there; then names of it read from the file, as the daemon does for what it has not in
 * memory. There is no peer: name servers load zones into memory. The aim is 30 s and 1 GB.
 *
 * DS_BENCH_RECORDS=100000 makes it smaller.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Name } from '../../src/blocks/dns/name.js';
import { importZoneFile } from '../../src/blocks/dns/store/import-file.js';
import { openDnsStore } from '../../src/blocks/dns/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { wantsJson } from '../support/compare.js';

const RECORDS = Number(process.env['DS_BENCH_RECORDS'] ?? 1_000_000);
/** Names that are read. */
const READS = 20_000;
/** Of this many TXT records one differs in the second file. */
const CHANGED_EVERY = 50;

const origin = Name.parse('big.test.');

/** Each has two records. The multiplication scatters them over the zone. */
const host = (index: number) => `h${(Math.imul(index + 1, 2_654_435_761) >>> 0).toString(36)}`;

function recordsOf(index: number, version: number): string {
  const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
  const text = index % CHANGED_EVERY === 0 ? version : 0;
  const second =
    index % 2 === 0 ? `TXT "v=spf1 ip4:${address} -all ${text}"` : `AAAA 2001:db8::${index.toString(16).slice(-4)}`;
  return `${host(index)} A ${address}\n${host(index)} ${second}\n`;
}

function writeZoneFile(path: string, version: number): void {
  const file = openSync(path, 'w');
  writeSync(
    file,
    `$ORIGIN ${origin}\n$TTL 3600\n@ SOA ns1 hostmaster ${version} 3600 900 86400 300\n@ NS ns1\nns1 A 192.0.2.1\n`,
  );
  for (let from = 0; from < RECORDS / 2; from += 1000) {
    const count = Math.min(1000, RECORDS / 2 - from);
    writeSync(file, Array.from({ length: count }, (_, i) => recordsOf(from + i, version)).join(''));
  }
  closeSync(file);
}

interface Result {
  readonly what: string;
  readonly seconds: number;
  readonly processorSeconds: number;
  /** The highest so far of this process. */
  readonly memoryMb: number;
}

async function measure(what: string, work: () => Promise<unknown> | unknown): Promise<Result> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    what,
    seconds: (performance.now() - started) / 1000,
    processorSeconds: (user + system) / 1e6,
    memoryMb: process.resourceUsage().maxRSS / 1024,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
const store = openDnsStore({ path: join(folder, 'dns.db'), clock: systemClock });
const results: Result[] = [];
try {
  const paths = [1, 2].map((version) => join(folder, `${version}.zone`));
  paths.forEach((path, index) => {
    writeZoneFile(path, index + 1);
  });
  const importFrom = (path = '') => importZoneFile(store.zones, path, { origin });
  results.push(await measure('imported as a new zone', () => importFrom(paths[0])));
  results.push(await measure('imported again, nothing changed', () => importFrom(paths[0])));
  results.push(await measure(`imported again, 1 record in ${CHANGED_EVERY * 2} changed`, () => importFrom(paths[1])));
  const step = Math.max(1, Math.floor(RECORDS / 2 / READS));
  const there = Array.from({ length: READS }, (_, index) => Name.parse(host((index * step) % (RECORDS / 2)), origin));
  const missing = there.map((name) => Name.parse('x', name));
  const readAll = (names: readonly Name[]) => {
    for (const name of names) {
      store.zones.reading((zones) => {
        const zone = zones.find(name);
        if (zone?.node(name).length === 0) zone.closestEncloser(name);
      });
    }
  };
  results.push(await measure(`${READS.toLocaleString('en-US')} names read`, () => readAll(there)));
  results.push(await measure(`${READS.toLocaleString('en-US')} names that are not there`, () => readAll(missing)));
  const drain = () => {
    let count = 0;
    for (const _ of store.zones.records(origin)) count++;
    return count;
  };
  results.push(await measure('read as a whole', drain));
} finally {
  store.close();
  rmSync(folder, { recursive: true });
}

if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'dns zone import', records: RECORDS, results })}\n`);
else {
  process.stdout.write(`\nzone of ${RECORDS.toLocaleString('en-US')} records\n`);
  for (const { what, seconds, processorSeconds, memoryMb } of results) {
    const times = `${seconds.toFixed(2).padStart(7)} s  ${processorSeconds.toFixed(2).padStart(7)} s of a processor`;
    process.stdout.write(`  ${what.padEnd(46)}${times}  ${memoryMb.toFixed(0).padStart(5)} MB at most\n`);
  }
}
