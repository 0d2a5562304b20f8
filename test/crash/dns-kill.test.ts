/**
 * `kill -9` at random moments of processes that change one zone at once. Afterwards every acknowledged change is there under
 * its serial, an import is there as a whole or not at all, and the journal that is replayed from the zone's beginning gives
 * the records that are there. DS_TORTURE_ROUNDS=300 makes it three hundred files, with four kills each.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { printRdata } from '../../src/blocks/dns/rdata/index.js';
import type { ResourceRecord } from '../../src/blocks/dns/record.js';
import type { Change } from '../../src/blocks/dns/store/zone-store.js';
import { type DnsStore, openDnsStore } from '../../src/blocks/dns/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { buildChildScript } from '../helpers/child-script.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { baseline, editedRecord, IMPORTED, importedRecords, origin } from './dns-kill-zone.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 3);
/** Processes on the file at the same time, and how often they are started again after all were killed. */
const LIVES_AT_ONCE = 2;
const GENERATIONS = 2;

interface Acknowledged {
  readonly kind: string;
  readonly serial: number;
  readonly stamp: string;
}

async function liveAndDie(script: string, path: string, life: string): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, [script, path, life], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    // Nothing is waited for: the kill is to fall into any moment of a change.
    timer ??= setTimeout(() => child.kill('SIGKILL'), Math.random() * 250);
  });
  const [, signal] = await once(child, 'close');
  clearTimeout(timer);
  expect(signal).toBe('SIGKILL');
  // The last line may have been cut by the kill.
  const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
  return lines.map((line) => {
    const [kind = '', serial = '', stamp = ''] = line.split(' ');
    return { kind, serial: Number(serial), stamp };
  });
}

const show = ({ name, type, ttl, rdata }: ResourceRecord) => `${name} ${ttl} ${type} ${printRdata(type, rdata)}`;

/** By serial. */
function changesOf(store: DnsStore): Map<number, Change> {
  const changes = new Map<number, Change>();
  for (const { number } of store.zones.changesSince(origin, 1) ?? expect.unreachable('the journal is gone')) {
    const change = store.zones.change(origin, number) ?? expect.unreachable(`change ${number} is gone`);
    expect(changes.has(change.serial)).toBe(false);
    changes.set(change.serial, change);
  }
  return changes;
}

function expectAcknowledged({ kind, serial, stamp }: Acknowledged, changes: ReadonlyMap<number, Change>): void {
  const change = changes.get(serial);
  expect(change).toMatchObject({ kind, [kind === 'import' ? 'source' : 'comment']: stamp });
  const brought = kind === 'import' ? importedRecords(stamp).slice(2) : kind === 'edit' ? [editedRecord(stamp)] : [];
  const added = new Set(change?.addedRecords.map(show));
  expect(brought.map(show).filter((line) => !added.has(line))).toEqual([]);
}

function replayed(changes: Iterable<Change>): string[] {
  const state = new Set(baseline.map(show));
  let serial = 1;
  for (const change of changes) {
    expect(change.serialBefore).toBe(serial);
    serial = change.serial;
    for (const one of change.removedRecords) expect(state.delete(show(one))).toBe(true);
    for (const one of change.addedRecords) state.add(show(one));
  }
  return [...state].sort();
}

function expectWhole(path: string, acknowledged: readonly Acknowledged[]): void {
  const store = openDnsStore({ path, clock: systemClock });
  try {
    expect(store.file.quickCheck()).toEqual([]);
    const changes = changesOf(store);
    for (const one of acknowledged) expectAcknowledged(one, changes);
    const records = [...store.zones.records(origin)];
    expect(replayed(changes.values())).toEqual(records.map(show).sort());
    expect(store.zones.get(origin)?.records).toBe(records.length);
    const imported = records.filter(({ name }) => name.toString().startsWith('g'));
    expect([0, IMPORTED]).toContain(imported.length);
    expect(new Set(imported.map(({ type, rdata }) => printRdata(type, rdata))).size).toBe(imported.length > 0 ? 1 : 0);
  } finally {
    store.close();
  }
}

test(
  `every acknowledged change of a zone survives ${ROUNDS * GENERATIONS * LIVES_AT_ONCE} kills, and its journal with it`,
  async () => {
    const script = await buildChildScript(new URL('dns-kill-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const kinds = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const path = join(temporaryFolder(), 'dns.db');
      const store = openDnsStore({ path, clock: systemClock });
      store.zones.import(origin, baseline, { source: 'baseline', serial: 'bump' });
      store.close();
      const acknowledged: Acknowledged[] = [];
      for (let generation = 0; generation < GENERATIONS; generation++) {
        const lives = Array.from({ length: LIVES_AT_ONCE }, (_, life) => {
          return liveAndDie(script.path, path, `${generation}${life}`);
        });
        acknowledged.push(...(await Promise.all(lives)).flat());
      }
      expectWhole(path, acknowledged);
      for (const { kind } of acknowledged) kinds.add(kind);
    }
    expect(kinds).toContain('edit');
  },
  60_000 + ROUNDS * 8000,
);
