import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../../src/platform/store/store.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { ADD, ALL, notes } from './definition.js';

function openNotes(path = join(temporaryFolder(), 'notes.db')) {
  const store = openStore(notes, { path });
  onTestFinished(() => store.close());
  return { path, store, add: (text: string) => store.write(() => store.statement<[string]>(ADD).run(text)) };
}

const replaced = expect.objectContaining({ code: 'storage.replaced', kind: 'storage' });

test.each(['', '-wal', '-shm'])('nothing more is written once notes.db%s was deleted', (suffix) => {
  const { path, store, add } = openNotes();
  add('seen by all');
  store.checkInPlace();
  rmSync(path + suffix);
  expect(() => add('seen by nobody')).toThrow(replaced);
  expect(() => store.checkInPlace()).toThrow(replaced);
  expect(store.read(() => store.statement(ALL).all())).toEqual([{ text: 'seen by all' }]);
});

test('nothing more is written once another file stands at the path, even an equal one', () => {
  const { path, add } = openNotes();
  add('first');
  copyFileSync(path, `${path}.copy`);
  renameSync(`${path}.copy`, path);
  expect(() => add('second')).toThrow(replaced);
});

test('whoever has the deleted file open does not harm the new one by closing', () => {
  const old = openNotes();
  old.add('old');
  for (const suffix of ['', '-wal', '-shm']) rmSync(old.path + suffix);
  const fresh = openNotes(old.path);
  fresh.add('new');
  old.store.close();
  fresh.add('newer');
  expect(openNotes(old.path).store.read(() => fresh.store.statement(ALL).all())).toEqual([
    { text: 'new' },
    { text: 'newer' },
  ]);
});

test('other processes coming and going are no replacement', () => {
  const { path, add } = openNotes();
  for (const text of ['a', 'b', 'c']) {
    add(text);
    const other = openStore(notes, { path });
    other.write(() => other.statement<[string]>(ADD).run(`${text} of another`));
    other.close();
  }
});
