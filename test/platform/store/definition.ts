import type { StoreDefinition } from '../../../src/platform/store/migrate.js';

/** A block's file as simple as can be. */
export const notes: StoreDefinition = {
  block: 'notes',
  applicationId: 0x44734e6f,
  migrations: ['CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT'],
};

export const ADD = 'INSERT INTO note (text) VALUES (?)';
export const ALL = 'SELECT text FROM note ORDER BY id';
