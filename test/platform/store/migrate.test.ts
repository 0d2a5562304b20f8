import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { isCurrent } from '../../../src/platform/store/migrate.js';
import { openStore } from '../../../src/platform/store/store.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { notes } from './definition.js';

test('a file whose schema another process creates between two looks at its header is not taken for a foreign one', () => {
  const path = join(temporaryFolder(), 'notes.db');
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  const pragma = db.pragma.bind(db);
  // The other process commits just after this one has read application_id, which was still 0.
  db.pragma = (source, options) => {
    const answer = pragma(source, options);
    if (source === 'application_id' && !db.inTransaction) openStore(notes, { path }).close();
    return answer;
  };
  expect(isCurrent(db, path, notes)).toBe(true);
  db.close();
});
