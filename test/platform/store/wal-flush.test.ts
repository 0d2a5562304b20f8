import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/platform/store/store.js';
import { WalFlush } from '../../../src/platform/store/wal-flush.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { ADD, notes } from './definition.js';

const flushed = (flush: WalFlush) => new Promise<unknown>((resolve) => flush.flush(resolve));

test('flushes what was committed, again and again', async () => {
  const path = join(temporaryFolder(), 'a.db');
  const store = openStore(notes, { path, sync: 'normal' });
  const flush = new WalFlush(path);
  for (let round = 0; round < 3; round++) {
    store.write(() => store.statement<[string]>(ADD).run(`hello ${round}`));
    expect(await flushed(flush)).toBeUndefined();
    expect(flush.flushNow()).toBeUndefined();
  }
  flush.close();
  store.close();
});

test('a log that is not there is an error of the store, and stays one', async () => {
  const path = join(temporaryFolder(), 'a.db');
  const store = openStore(notes, { path, sync: 'normal' });
  rmSync(`${path}-wal`, { force: true });
  const flush = new WalFlush(path);
  expect(await flushed(flush)).toMatchObject({ message: expect.stringContaining('a.db-wal') });
  expect(await flushed(flush)).toBeDefined();
  expect(flush.flushNow()).toBe(flush.failure);
  expect(flush.failure).toBeDefined();
  flush.close();
  store.close();
});

test('a closed one refuses, and lets the flush under way end', async () => {
  const path = join(temporaryFolder(), 'a.db');
  const store = openStore(notes, { path, sync: 'normal' });
  store.write(() => store.statement<[string]>(ADD).run('hello'));
  const flush = new WalFlush(path);
  const underWay = flushed(flush);
  flush.close();
  expect(await underWay).toBeUndefined();
  expect(await flushed(flush)).toMatchObject({ code: 'storage.closed' });
  store.close();
});
