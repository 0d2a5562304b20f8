import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openReader, QueryMistake } from '../../../src/platform/store/reader.js';
import { openStore } from '../../../src/platform/store/store.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { ADD, ALL, notes } from './definition.js';

function written(): string {
  const store = openStore(notes, { path: join(temporaryFolder(), 'notes.db') });
  for (const text of ['a', 'b', 'c']) store.write(() => store.statement<[string]>(ADD).run(text));
  store.close();
  return store.path;
}

test('a reader sees what was committed, beside a writer, and changes nothing', () => {
  const path = written();
  const store = openStore(notes, { path });
  const reader = openReader(notes, path);
  onTestFinished(() => {
    reader.close();
    store.close();
  });
  const { columns, rows } = reader.query(ALL);
  expect(columns).toEqual(['text']);
  expect(rows.next().value).toEqual(['a']);
  // While it reads, it sees the file as it was when it began.
  store.write(() => store.statement<[string]>(ADD).run('d'));
  expect([...rows]).toEqual([['b'], ['c']]);
  expect([...reader.query(ALL).rows]).toHaveLength(4);
  expect(() => reader.query("INSERT INTO note (text) VALUES ('e') RETURNING id")).toThrow(QueryMistake);
  expect([...reader.query(ALL).rows]).toHaveLength(4);
});

test('a reader can be closed while it reads, and reads no more', () => {
  const reader = openReader(notes, written());
  const { rows } = reader.query(ALL);
  rows.next();
  reader.query(ALL);
  reader.close();
  reader.close();
  expect(() => reader.query(ALL)).toThrow(expect.objectContaining({ code: 'storage.closed' }));
});

test('a reader wants a file of its block', () => {
  const other = { ...notes, applicationId: 1 };
  expect(() => openReader(other, written())).toThrow(expect.objectContaining({ code: 'storage.foreign_file' }));
  const newer = { ...notes, migrations: [...notes.migrations, 'CREATE TABLE more (id INTEGER)'] };
  expect(() => openReader(newer, written())).toThrow(expect.objectContaining({ code: 'storage.cannot_open' }));
  const missing = join(temporaryFolder(), 'none.db');
  expect(() => openReader(notes, missing)).toThrow(expect.objectContaining({ code: 'storage.cannot_open' }));
});
