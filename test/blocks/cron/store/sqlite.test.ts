import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { cronFile } from '../../../../src/blocks/cron/store/schema.js';
import { openSqlite } from '../../../../src/blocks/cron/store/sqlite.js';
import { openCronStore } from '../../../../src/blocks/cron/store.js';
import { openStore } from '../../../../src/platform/store/store.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { jobSpec } from '../contract-world.js';

function open(path = join(temporaryFolder(), 'cron.db')) {
  const database = openSqlite({ path, clock: new ManualClock() });
  onTestFinished(() => database.close());
  return database;
}

const insert = `INSERT INTO worker (name, capacity, seen_at) VALUES ($1, 1, 1)`;

it('writes what is asked for in one turn in one transaction, and what fails of it not at all', async () => {
  const database = open();
  const order: string[] = [];
  const settled = await Promise.allSettled([
    database.write(async (sql) => {
      await sql.run(insert, ['a']);
      order.push('a');
      await sql.all('SELECT 1');
      order.push('a ends');
    }),
    database.write(async (sql) => {
      order.push('b');
      await sql.run(insert, ['b']);
      await sql.run(insert, ['a']);
    }),
    database.read((sql) => sql.all<{ name: string }>('SELECT name FROM worker')),
  ]);
  expect(order).toEqual(['a', 'a ends', 'b']);
  expect(settled).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'storage.failed' } },
    { status: 'fulfilled', value: [{ name: 'a' }] },
  ]);
  // Each in turns of its own, reads as well.
  await expect(
    database.read((sql) => sql.run(insert, ['c']).then(() => Promise.reject(new Error('stop')))),
  ).rejects.toThrow('stop');
  expect(await database.read((sql) => sql.all('SELECT name FROM worker'))).toEqual([{ name: 'a' }]);
});

it('tells of changes, not of writes that changed nothing or concern nobody', async () => {
  const database = open();
  let calls = 0;
  database.onChange(() => {
    calls++;
  });
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await database.write((sql) => sql.run('DELETE FROM worker'));
  await database.write((sql) => sql.run(insert, ['a']), { quiet: true });
  await turn();
  expect(calls).toBe(0);
  await Promise.all(['b', 'c'].map((name) => database.write((sql) => sql.run(insert, [name]))));
  await turn();
  expect(calls).toBe(1);
});

it('is closed after what was asked for, and refuses what comes then', async () => {
  const path = join(temporaryFolder(), 'cron.db');
  const ledger = await openCronStore({ path, clock: new ManualClock() });
  const put = ledger.put(jobSpec('a'));
  await ledger.close();
  expect((await put).spec.name).toBe('a');
  await ledger.close();
  await expect(ledger.list()).rejects.toMatchObject({ code: 'storage.closed' });
  const again = await openCronStore({ path, clock: new ManualClock(), oneShot: true });
  onTestFinished(() => again.close());
  expect(await again.list()).toHaveLength(1);
});

it('refuses the file of a newer version', () => {
  const path = join(temporaryFolder(), 'cron.db');
  openStore({ ...cronFile, migrations: [...cronFile.migrations, 'CREATE TABLE later (x)'] }, { path }).close();
  expect(() => open(path)).toThrow(expect.objectContaining({ code: 'storage.newer_schema' }));
});
