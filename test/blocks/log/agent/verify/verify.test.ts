/** Files that were shipped by the agent into a real store, then harmed: by hand on disk, by SQL in the store. */
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { readFlags, startShipping } from '../../../../../src/blocks/log/agent/index.js';
import type { RawPlan } from '../../../../../src/blocks/log/agent/raw-plan.js';
import { type FileProof, type Verified, verifyPaths } from '../../../../../src/blocks/log/agent/verify.js';
import { compact } from '../../../../../src/blocks/log/store/compactor.js';
import { applyRetention } from '../../../../../src/blocks/log/store/retention.js';
import { openEntryStore } from '../../../../../src/blocks/log/store.js';
import { systemClock, systemRandom } from '../../../../../src/platform/clock.js';
import type { DsError } from '../../../../../src/platform/errors.js';
import { temporaryFolder } from '../../../../helpers/temporary-folder.js';
import { waitFor } from '../../../../helpers/wait-for.js';

class Shipped {
  readonly folder = temporaryFolder();
  readonly log = join(this.folder, 'app.log');
  readonly db = join(this.folder, 'db', 'log.db');
  readonly plan: RawPlan;
  readonly damage: string[] = [];

  constructor(plan: RawPlan = {}) {
    this.plan = plan;
  }

  /** Reads to the end of all there is. */
  async ship(): Promise<void> {
    const context = { clock: systemClock, random: systemRandom, env: {}, stdin: new PassThrough() };
    const plan = readFlags({ sources: [this.log], once: true, ...this.plan });
    const { agent, close } = await startShipping([plan], {
      ...context,
      path: this.db,
      writeOut: async () => {},
      tell: () => {},
    });
    await agent.done;
    await close();
  }

  async verify(allowChanged = false): Promise<Verified> {
    const onDamage = (error: DsError) => this.damage.push(error.code);
    const context = { db: this.db, mustExist: true, clock: systemClock, allowChanged, onDamage };
    const all: Verified[] = [];
    for await (const verified of verifyPaths([this.log], context)) all.push(verified);
    const [found] = all;
    if (found === undefined) throw new Error('nothing was verified');
    return found;
  }

  sql(...statements: readonly string[]): void {
    const db = new Database(this.db);
    for (const statement of statements) db.exec(statement);
    db.close();
  }
}

async function shipped(text: string, plan: RawPlan = {}): Promise<Shipped> {
  const all = new Shipped(plan);
  writeFileSync(all.log, text);
  await all.ship();
  return all;
}

const THREE = 'one\ntwo\nthree\n';
/** Longer than what identity is proved by. */
const MANY = Array.from({ length: 200 }, (_, i) => `line ${i} ${'x'.repeat(i % 50)}\n`).join('');

const NOTHING_WRONG: Partial<FileProof> = {
  duplicates: 0,
  missing: 0,
  missingBytes: 0,
  changed: 0,
  unread: 0,
  waiting: 0,
  isOther: false,
};
const clean = (stored: number, more: Partial<FileProof> = {}) => ({
  ...NOTHING_WRONG,
  stored,
  isClean: true,
  ...more,
});
const wrong = (more: Partial<FileProof>) => ({ ...NOTHING_WRONG, isClean: false, ...more });

describe('what is wrong is told by its name', () => {
  test('a stored block that is not there any more', async () => {
    const all = await shipped(THREE);
    appendFileSync(all.log, 'four\n');
    await all.ship();
    all.sql('DELETE FROM block_files WHERE block = 2', 'DELETE FROM blocks WHERE id = 2');
    const found = await all.verify();
    expect(found).toMatchObject({ isClean: false, files: [wrong({ stored: 3, missing: 1, missingBytes: 5 })] });
  });

  test('entries that are stored twice', async () => {
    const all = await shipped(THREE);
    const columns = new Database(all.db, { readonly: true })
      .prepare<[], { name: string }>("SELECT name FROM pragma_table_info('blocks') WHERE name <> 'id'")
      .all()
      .map(({ name }) => name)
      .join();
    all.sql(
      `INSERT INTO blocks (${columns}) SELECT ${columns} FROM blocks`,
      'INSERT INTO block_files SELECT file, from_offset, 2, to_offset, entries FROM block_files',
    );
    expect(await all.verify()).toMatchObject({ isClean: false, files: [wrong({ stored: 3, duplicates: 3 })] });
  });

  test('bytes that the ledger has no account of', async () => {
    const all = await shipped(THREE);
    all.sql('UPDATE ledger SET to_offset = to_offset - 6, lines = 2, entries = 2');
    expect(await all.verify()).toMatchObject({ isClean: false, files: [wrong({ missingBytes: 6 })] });
  });

  test.each([
    ['in the middle', 3000, false],
    ['in what identity is proved by', 10, true],
  ])('a byte that was changed %s', async (_, at, isOther) => {
    const all = await shipped(MANY);
    const bytes = readFileSync(all.log);
    bytes[at] = 0x21;
    writeFileSync(all.log, bytes);
    expect(await all.verify()).toMatchObject({ isClean: false, files: [wrong({ stored: 200, changed: 1, isOther })] });
    expect(await all.verify(true)).toMatchObject({ isClean: !isOther });
  });

  test('a file that was cut; one that was emptied and not looked at since', async () => {
    const all = await shipped(THREE);
    truncateSync(all.log, 8);
    expect(await all.verify()).toMatchObject({ isClean: false, files: [wrong({ changed: 1, isOther: true })] });
    truncateSync(all.log, 0);
    expect(await all.verify()).toMatchObject({ isClean: false, files: [wrong({ changed: 3, isOther: true })] });
    await all.ship();
    expect(await all.verify()).toMatchObject({ isClean: true, files: [clean(3, { onDisk: false }), clean(0)] });
  });

  test('lines that are not shipped yet, the rest of one that was shipped in part, files that nobody has looked at', async () => {
    const all = await shipped('one\ntw');
    expect(await all.verify()).toMatchObject({ isClean: true, files: [clean(2)] });
    appendFileSync(all.log, 'o\n');
    expect(await all.verify()).toMatchObject({ isClean: false, files: [wrong({ unread: 1 })] });
    appendFileSync(all.log, 'three\nfo');
    expect(await all.verify()).toMatchObject({ isClean: false, files: [wrong({ unread: 3 })] });
    renameSync(all.log, `${all.log}.1`);
    writeFileSync(all.log, 'five\n');
    expect(await all.verify()).toMatchObject({
      isClean: false,
      files: [wrong({ path: `${all.log}.1`, unread: 3 })],
      unknown: [all.log],
    });
  });

  test('a compressed form that is damaged', async () => {
    const all = await shipped(MANY);
    const whole = gzipSync(readFileSync(all.log));
    writeFileSync(`${all.log}.1.gz`, whole);
    unlinkSync(all.log);
    await all.ship();
    expect(await all.verify()).toMatchObject({ isClean: true, files: [clean(200, { path: `${all.log}.1.gz` })] });
    truncateSync(`${all.log}.1.gz`, whole.length - 20);
    expect(await all.verify()).toMatchObject({ isClean: false, files: [wrong({ stored: 200, isOther: true })] });
  });

  test('entries of a damaged block', async () => {
    const all = await shipped(MANY);
    all.sql('UPDATE blocks SET crc = crc + 1');
    expect(await all.verify()).toMatchObject({
      isClean: false,
      files: [wrong({ stored: 0, missing: 200, missingBytes: MANY.length })],
    });
    expect(all.damage).toEqual(['log.damaged_block']);
  });

  test('entries that a sink has not taken yet', async () => {
    const all = await shipped(THREE, { to: ['http://127.0.0.1:9/'], drain: '0s' });
    expect(await all.verify()).toMatchObject({ isClean: false, files: [wrong({ stored: 0, waiting: 3 })] });
  });

  test('a path that was never read', async () => {
    const all = await shipped(THREE);
    for await (const found of verifyPaths([join(all.folder, 'other.log')], {
      db: all.db,
      mustExist: true,
      clock: systemClock,
      allowChanged: false,
      onDamage: () => {},
    }))
      expect(found).toMatchObject({ isClean: false, files: [], unknown: [] });
  });
});

describe('what is as it has to be is clean', () => {
  test('through renames, copytruncate, compression and deletion, and after the compactor', async () => {
    const all = await shipped('first 1\nfirst 2\n');
    renameSync(all.log, `${all.log}.1`);
    writeFileSync(all.log, 'second\n');
    await all.ship();
    copyFileSync(all.log, `${all.log}.copy`);
    renameSync(`${all.log}.1`, `${all.log}.2`);
    renameSync(`${all.log}.copy`, `${all.log}.1`);
    writeFileSync(all.log, '');
    appendFileSync(all.log, 'third 1\nthird 2\nthird 3\n');
    await all.ship();
    writeFileSync(`${all.log}.2.gz`, gzipSync(readFileSync(`${all.log}.2`)));
    unlinkSync(`${all.log}.2`);
    await all.ship();
    const store = openEntryStore({ path: all.db, clock: systemClock });
    await compact(store, { all: true });
    await store.close();
    const contents = [
      { path: `${all.log}.2.gz`, ...clean(2, { onDisk: true }) },
      { path: `${all.log}.1`, ...clean(1, { onDisk: true }) },
      { path: all.log, ...clean(3, { onDisk: true }) },
    ];
    expect(await all.verify()).toMatchObject({ isClean: true, files: contents });
    unlinkSync(`${all.log}.2.gz`);
    expect((await all.verify()).files[0]).toMatchObject({ path: `${all.log}.2.gz`, ...clean(2, { onDisk: false }) });
  });

  test('a file that begins anew with the same lines as before, in the same inode', async () => {
    const all = new Shipped();
    writeFileSync(all.log, 'service started\n');
    // Before, it is not known when the inode was made.
    const hasBirth = () => {
      chmodSync(all.log, 0o600);
      const { birthtimeNs, ctimeNs } = statSync(all.log, { bigint: true });
      return birthtimeNs < ctimeNs;
    };
    await waitFor(hasBirth, { what: 'the next tick of the clock of the file system' });
    await all.ship();
    for (const text of ['service started, and more\n', 'service started\n']) {
      truncateSync(all.log, 0);
      appendFileSync(all.log, text);
      await all.ship();
    }
    expect(await all.verify()).toMatchObject({ isClean: true, files: [clean(1), clean(1), clean(1)] });
  });

  test('a copy that stays is told, and not read', async () => {
    const all = await shipped(THREE);
    copyFileSync(all.log, `${all.log}.1`);
    await all.ship();
    expect(await all.verify()).toMatchObject({
      isClean: true,
      files: [clean(3)],
      skipped: [{ pipeline: 'store', path: `${all.log}.1`, state: 'copy' }],
    });
  });

  test('lines that were dropped, with the reason; those that were changed, where that is allowed', async () => {
    const all = await shipped('keep a@b.example\nleave\nkeep\n', {
      transforms: [{ select: '|= "keep"' }, { redact: 'email' }],
    });
    const found = await all.verify(true);
    expect(found).toMatchObject({ isClean: true, files: [{ lines: 3, stored: 2, changed: 1 }] });
    expect(Object.values(found.files[0]?.dropped ?? {})).toEqual([1]);
    expect((await all.verify()).isClean).toBe(false);
  });

  test('what retention removed', async () => {
    const all = await shipped(THREE);
    appendFileSync(all.log, 'four\n');
    const store = openEntryStore({ path: all.db, clock: systemClock });
    await applyRetention(store, { keepMs: 0, now: systemClock.now() + 60_000 });
    await store.close();
    await all.ship();
    expect(await all.verify()).toMatchObject({ isClean: true, files: [clean(1, { lines: 4, removed: 3 })] });
  });

  test.each([
    ['several lines as one entry', 'a\r\n  b\r\nc\n\n d\n', { multilineIndent: true }, { lines: 5, stored: 3 }],
    ['NULs, bytes that are no UTF-8, an endless line', `\0\xff\n${'y'.repeat(300_000)}\n`, {}, { lines: 2, stored: 3 }],
  ])('%s', async (_, text, plan, expected) => {
    const all = new Shipped(plan);
    writeFileSync(all.log, text, 'latin1');
    await all.ship();
    expect(await all.verify()).toMatchObject({ isClean: true, files: [{ ...NOTHING_WRONG, ...expected }] });
  });
});
