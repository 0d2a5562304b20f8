import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PipelinedCommit } from '../../../src/platform/store/pipelined-commit.js';
import { openStore } from '../../../src/platform/store/store.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { ADD, ALL, notes } from './definition.js';

test('after a flush that failed nothing is written any more: who tries again would have it there twice', async () => {
  const store = openStore(notes, { path: join(temporaryFolder(), 'a.db'), sync: 'normal' });
  let failure: Error | undefined;
  const flush = {
    get failure() {
      return failure;
    },
    flush(done: (failed?: unknown) => void) {
      failure = new Error('the disk is full');
      setImmediate(done, failure);
    },
    close() {},
  };
  const commit = new PipelinedCommit(store, { flush });
  const add = (text: string) => commit.run(() => store.statement<[string]>(ADD).run(text));
  await expect(add('written, and nobody was told')).rejects.toThrow('the disk is full');
  await expect(add('tried again')).rejects.toThrow('the disk is full');
  expect(store.statement<[]>(ALL).all()).toEqual([{ text: 'written, and nobody was told' }]);
  await commit.close();
  store.close();
});
