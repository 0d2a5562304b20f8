/** `ds seq audit` and `ds seq adopt` as processes. */
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSequencerStore } from '../../src/blocks/seq/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { NO_COMPILE_CACHE, runDs, runDsJson } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

describe('ds seq audit', () => {
  test('finds nothing in what ds seq next made', async () => {
    const home = temporaryFolder();
    const { stdout } = await runDs(['seq', 'next', '-n', '300000'], { home });
    const { code, stdout: report } = await runDs(['seq', 'audit', '-', '--json'], { input: stdout });
    expect(code).toBe(0);
    expect(JSON.parse(report)).toMatchObject({
      sound: true,
      layout: 'twitter',
      ids: 300_000,
      duplicates: { count: 0, examples: [] },
      inversions: { count: 0, same_worker: 0 },
      clock_jumps: { back: 0, forward: 0 },
      bad_lines: { count: 0 },
      workers: [{ worker: expect.any(Number), ids: 300_000 }],
    });
  });

  test('names duplicates and inversions with line and worker, and ends with 1', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'ids.txt');
    const ids = (await runDs(['seq', 'next', '-n', '100', '--worker', '33'], { home: folder })).stdout
      .trim()
      .split('\n');
    writeFileSync(file, `${[...ids, ids[4], 'oops'].join('\n')}\n`);
    const { code, stdout } = await runDs(['seq', 'audit', file, '--layout', 'twitter']);
    expect(code).toBe(1);
    const rows = stdout
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows).toContainEqual(['ids', '101']);
    expect(rows).toContainEqual(['duplicates', '1']);
    expect(rows).toContainEqual(['duplicate', '101', ids[4], '33', '5']);
    expect(rows).toContainEqual(['inversion', '101', ids[4], '33', ids[99]]);
    expect(rows).toContainEqual(['bad_line', '102', 'oops', '', '']);
  });

  test('an empty input is sound', async () => {
    expect(await runDsJson(['seq', 'audit', '-'])).toMatchObject({ sound: true, ids: 0 });
  });

  test.each([['/no/such/file'], [tmpdir()]])('refuses %s', async (path) => {
    const { code, stderr } = await runDs(['seq', 'audit', path]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(path)]);
  });

  test('refuses what holds no IDs', async () => {
    const { code, stderr } = await runDs(['seq', 'audit', '-'], { input: 'root:x:0:0\nbin:x:1:1\n' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('root:x:0:0')]);
  });

  test('leaves no temporary files', async () => {
    const home = temporaryFolder();
    const scratch = temporaryFolder();
    const { stdout } = await runDs(['seq', 'next', '-n', '200000'], { home });
    await runDs(['seq', 'audit', '-'], { input: stdout, env: { TMPDIR: scratch, ...NO_COMPILE_CACHE } });
    expect(readdirSync(scratch)).toEqual([]);
  });
});

describe('ds seq adopt', () => {
  const moved = async () => {
    const db = join(temporaryFolder(), 'seq.db');
    const store = openSequencerStore({ path: db, clock: systemClock, machine: 'another machine' });
    await store.tickets.take('orders', 5n);
    await store.tickets.reserve('invoices', { holder: 'there', ttlMs: 3_600_000 });
    await store.workers.lease({
      space: 'twitter',
      workers: 1024,
      holder: 'there',
      ttlMs: 60_000,
      skewMs: 0,
      reserveMs: 1000,
    });
    await store.close();
    return db;
  };

  test('a file from elsewhere is refused, adopted with --yes, and then goes on where it was', async () => {
    const db = await moved();
    const refused = await runDs(['seq', 'ticket', 'orders', '--db', db]);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain(`ds seq adopt --db '${db}'`);
    expect(await runDsJson(['seq', 'adopt', '--db', db, '--yes'])).toEqual({
      db,
      adopted: true,
      previous_machine: 'another machine',
      leases_ended: 1,
      reservations_abandoned: 1,
    });
    expect((await runDs(['seq', 'ticket', 'orders', '--db', db])).stdout).toBe('6\n');
    expect((await runDs(['seq', 'ticket', 'invoices', '--gapless', '--db', db])).stdout).toMatch(/^1\t/);
    const again = await runDs(['seq', 'adopt', '--db', db, '--yes']);
    expect([again.code, again.stdout]).toEqual([0, `${db} was this machine's already\n`]);
  });

  test('in a script it does not go on without --yes', async () => {
    const db = await moved();
    const { code, stderr } = await runDs(['seq', 'adopt', '--db', db]);
    expect(code).toBe(2);
    expect(stderr).toContain(`hint:  ds seq adopt --db '${db}' --yes`);
    expect((await runDs(['seq', 'ticket', 'orders', '--db', db])).code).toBe(4);
  });

  test('refuses a file that is not there, and makes none', async () => {
    const home = temporaryFolder();
    const { code, stderr } = await runDs(['seq', 'adopt', '--yes'], { home });
    expect([code, stderr]).toEqual([2, expect.stringContaining('seq.db')]);
    expect(readdirSync(home)).toEqual([]);
  });
});
