import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { keep, readPragma } from '../../../src/platform/store/keep.js';
import { isCurrent } from '../../../src/platform/store/migrate.js';
import { openStore } from '../../../src/platform/store/store.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { notes } from './definition.js';

test('a file whose schema another process creates between two looks at its header is not taken for a foreign one', () => {
  const path = join(temporaryFolder(), 'notes.db');
  const db = keep(new Database(path));
  readPragma(db, 'journal_mode = WAL');
  const prepare = db.prepare.bind(db);
  let looks = 0;
  // The other process commits between this one's look at application_id, which was still 0, and the next one.
  db.prepare = (source: string) => {
    if (++looks === 2) openStore(notes, { path }).close();
    return prepare(source);
  };
  expect(isCurrent(db, path, notes)).toBe(true);
  db.close();
});
