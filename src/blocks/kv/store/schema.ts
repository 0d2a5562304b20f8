/**
 * The file.
 *
 *     journal   revision of the turn's last record │ at │ sizes │ records       what happened, a row for each turn of the event loop
 *     entry     (space, key) │ type │ expires │ revision │ value                what each key holds, as of `standing.folded`
 *     member    (owner, member) │ value                                         fields of hashes, members of sets, scores of sorted sets
 *     ranked    (owner, score, member)                                          sorted sets in their order
 *     item      (owner, position) │ value                                       elements of lists
 *     span      (owner, level, place…) │ count                                  how many rows from one place to the next: ranks
 *     space     number of a database │ space                                    FLUSHDB and SWAPDB give another space, nothing is moved
 *     garbage   owner or space whose rows nobody can reach any more             swept little by little
 *     standing  folded, owner, space, history                                   numbers of the whole store
 *
 * A change is one record in the turn's row of the journal, and is folded into `entry` later, many keys at a time and in the order of
 * the tree. A commit so writes two or three pages at its end however many keys it changes; a commit that changes 100 keys in a tree of a
 * million writes 100 pages and more.
 *
 * A record holds the whole state of its key, so that records may be applied twice; folding may be broken off at any point.
 */
import type { StoreDefinition } from '../../../platform/store/migrate.js';

/** `ds.k` */
const APPLICATION_ID = 0x64732e6b;

export const kvSchema: StoreDefinition = {
  block: 'kv',
  applicationId: APPLICATION_ID,
  migrations: [
    `
    CREATE TABLE journal (
      revision INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      sizes TEXT NOT NULL,
      records BLOB NOT NULL
    );
    CREATE TABLE entry (
      space INTEGER NOT NULL,
      key BLOB NOT NULL,
      type INTEGER NOT NULL,
      expires INTEGER,
      revision INTEGER NOT NULL,
      value BLOB NOT NULL,
      PRIMARY KEY (space, key)
    ) WITHOUT ROWID;
    CREATE INDEX entry_expires ON entry (expires) WHERE expires IS NOT NULL;
    CREATE TABLE member (
      owner INTEGER NOT NULL,
      member BLOB NOT NULL,
      value ANY,
      PRIMARY KEY (owner, member)
    ) WITHOUT ROWID;
    CREATE TABLE ranked (
      owner INTEGER NOT NULL,
      score REAL NOT NULL,
      member BLOB NOT NULL,
      PRIMARY KEY (owner, score, member)
    ) WITHOUT ROWID;
    CREATE TABLE item (
      owner INTEGER NOT NULL,
      position INTEGER NOT NULL,
      value BLOB NOT NULL,
      PRIMARY KEY (owner, position)
    ) WITHOUT ROWID;
    CREATE TABLE span (
      owner INTEGER NOT NULL,
      level INTEGER NOT NULL,
      place ANY,
      member BLOB NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (owner, level, place, member)
    ) WITHOUT ROWID;
    CREATE TABLE space (number INTEGER PRIMARY KEY, space INTEGER NOT NULL);
    CREATE TABLE garbage (kind TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
    CREATE TABLE standing (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO standing VALUES ('folded', 0), ('owner', 0), ('space', 16), ('history', 100000), ('forgotten', 0);
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 15) INSERT INTO space SELECT i, i FROM n;
    `,
  ],
};
