/**
 * `ds log ship` is killed -9 at random while Debian's logrotate rotates small files with the same header in every way that it has, several times
 * a second. So is the `ds log serve` that it ships to; the disk of the ledger is full at times, and each life of the agent has another clock.
 * In the end each line that was written is stored once, the server has each at least once, and `ds log verify` says so. DS_TORTURE_ROUNDS=500
 * makes it five hundred rotations.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lineText } from '../../src/blocks/log/entry-batch.js';
import { DEFAULT_TENANT } from '../../src/blocks/log/log-store.js';
import { openEntryStore } from '../../src/blocks/log/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { Agents, Collector, SmallDisk } from './log-rotation-processes.js';
import { RotatedService, WAYS } from './log-rotation-service.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 5);

/** Milliseconds that a life of the agent lasts, at the most; its start is a third of a second. */
const LONGEST_LIFE_MS = 1500;

/** Of the ledger's disk, a MB for every so many rounds more. */
const DISK_MEGABYTES = 24;
const ROUNDS_OF_A_MEGABYTE = 5;

test.skipIf(!hasPackages('logrotate'))(
  `${ROUNDS} rotations by logrotate while agent and server are killed and the disk is full: each line is stored once`,
  async () => {
    const folder = temporaryFolder();
    const disk = new SmallDisk(DISK_MEGABYTES + Math.ceil(ROUNDS / ROUNDS_OF_A_MEGABYTE));
    const db = join(disk.folder, 'log.db');
    const services = [
      { service: new RotatedService(folder, 'plain', false), ways: WAYS.plain },
      { service: new RotatedService(folder, 'delayed', true), ways: WAYS.delayed },
      { service: new RotatedService(folder, 'compressed', false), ways: WAYS.compressed },
    ];
    onTestFinished(() => {
      for (const { service } of services) service.close();
    });
    const paths = services.map(({ service }) => service.path);
    const collector = await Collector.start(join(folder, 'collector.db'));
    const sink = `loki+http://${collector.address}#linger=10ms&timeout=5s`;
    const ship = ['log', 'ship', ...paths, '--rotated', '--db', db, '--to', 'store', '--to', sink];

    const agents = new Agents(ship);
    for (let round = 0; round < ROUNDS; round++) {
      const isFull = round % 4 === 3;
      if (isFull) disk.fill();
      for (const { service, ways } of services) {
        service.write(1 + Math.floor(Math.random() * 40));
        await service.rotate(ways[Math.random() < 0.5 ? 0 : 1]);
        service.write(1);
      }
      if (round % 4 === 1) await collector.kill();
      if (isFull || Math.random() < 0.3) await agents.killAfter(Math.random() * LONGEST_LIFE_MS);
      if (isFull) disk.empty();
    }
    await agents.stop();
    // The first finds what was rotated since the last look, the second that nothing is left.
    for (let i = 0; i < 2; i++) expect(await runDs([...ship, '--once'])).toMatchObject({ code: 0, stderr: '' });

    const written = services.flatMap(({ service }) => service.written);
    expect(differences(await storedLines(db), written)).toEqual({ missing: [], repeated: [] });
    const verified = await runDs(['log', 'verify', ...paths, '--db', db, '--json']);
    expect(JSON.parse(verified.stdout), `${readdirSync(join(folder, 'logs')).join(' ')}`).toMatchObject({
      clean: true,
    });
    expect(verified.code).toBe(0);
    await collector.stop();
    expect(differences(await storedLines(collector.db), written).missing).toEqual([]);
  },
  60_000 + ROUNDS * 6000,
);

async function storedLines(db: string): Promise<string[]> {
  const store = openEntryStore({ path: db, clock: systemClock });
  const lines: string[] = [];
  const totals = { blocks: 0, skippedBlocks: 0, damagedBlocks: 0, bytes: 0, entries: 0 };
  const all = { start: 0n, end: 2n ** 62n, matchers: [], direction: 'forward', required: [] } as const;
  for await (const { batch, from, to } of store.source(DEFAULT_TENANT).scan(all, totals)) {
    for (let i = from; i < to; i++) lines.push(lineText(batch, i));
  }
  await store.close();
  return lines;
}

function differences(stored: readonly string[], written: readonly string[]) {
  const counts = new Map<string, number>();
  for (const line of written) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of stored) counts.set(line, (counts.get(line) ?? 0) - 1);
  const all = [...counts];
  return {
    missing: all.filter(([, count]) => count > 0).map(([line, count]) => `${count} × ${line}`),
    repeated: all.filter(([, count]) => count < 0).map(([line, count]) => `${-count} × ${line}`),
  };
}
