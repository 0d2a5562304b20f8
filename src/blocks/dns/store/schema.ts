/**
 * The name server's file:
 *
 *     zone (a row per zone)                        record (a row per resource record)
 *     ┌──────────────────────────────────┐         ┌──────────────────────────────────────────────────────────────┐
 *     │ id           never used again    │────────▶│ zone, owner, type, rdata   key of the row, so that rows lie  │
 *     │ origin       sort key, unique    │         │                            in canonical order (RFC 4034, 6): │
 *     │ name         wire form, as typed │         │   owner       Name.sortKey()                                 │
 *     │ kind         primary | secondary │         │   rdata       rdata/canonical.ts: equal data, equal octets   │
 *     │ serial       of its SOA          │         │ ttl           seconds; one for each RRset                    │
 *     │ records      rows                │         │ owner_case    wire form, │ only where they are not lower     │
 *     │ created_at   ms since the epoch, │         │ rdata_case    wire form, │ case; else NULL                   │
 *     │ changed_at   as all times        │         └──────────────────────────────────────────────────────────────┘
 *     │ last_change  number              │                               ▲ deletes what was removed,
 *     │ journal_bytes                    │                               │ inserts what was added
 *     └──────────────────────────────────┘         change_record (a row per record of a change)
 *            │                                     ┌──────────────────────────────────────────────────────────────┐
 *            ▼                                     │ zone, number, op, owner, type, rdata   key; op 0: removed,   │
 *     change (a row per change of a zone)          │                                        1: added              │
 *     ┌──────────────────────────────────┐         │ ttl, owner_case, rdata_case            as of the record      │
 *     │ zone, number   key; rises by 1   │────────▶└──────────────────────────────────────────────────────────────┘
 *     │ kind           ChangeKind        │
 *     │ serial_before  NULL: baseline    │         A change is written into change_record first, and record follows it
 *     │ serial         after it          │         within the same transaction: they cannot disagree. The journal of a
 *     │ at, source, comment              │         zone is bounded (journal.ts): the oldest change_record rows go, then
 *     │ removed, added   records         │         `journalled` is 0; what has gone is always older than what is there.
 *     │ bytes            in the journal  │
 *     │ journalled       0 | 1           │
 *     └──────────────────────────────────┘
 *
 *     cache (a row per cached answer)              flush (a row per flush that was asked for)
 *     ┌──────────────────────────────────┐         ┌───────────────────────────┐    standing (one row)
 *     │ name, type, class, variant  key  │         │ id      rises             │    ┌────────────────────────────────┐
 *     │   name     sort key              │         │ at                        │    │ zones        rises with every  │
 *     │   variant  DO 1, CD 2            │         │ name    sort key │ NULL:  │    │              change of a zone  │
 *     │ kind, upstream, response         │         │ type             │ any    │    │ zone_set     and with every new│
 *     │ stored_at, expires_at            │         │ upstream         │        │    │              or deleted zone   │
 *     │ stale_until                      │         └───────────────────────────┘    │ secondaries  with each that is │
 *     │                                  │                                          │              told to follow    │
 *     │                                  │                                          │ cache_rows, cache_bytes        │
 *     └──────────────────────────────────┘                                          └────────────────────────────────┘
 *
 *     secondary (a row per zone that is followed from a primary)
 *     ┌──────────────────────────────────────────────────────────────────────────────────────────────────────────┐
 *     │ zone             key; its kind is secondary                                                              │
 *     │ primaries        URLs, a blank between them, in the order in which they are asked                        │
 *     │ followed_at      when that was asked for: another time means that a daemon has to begin anew             │
 *     │ checked_at       when a primary last told its serial, and which one that was (checked_with)              │
 *     │ expires_at       checked_at and the expire interval of the SOA: then the zone is no longer answered from │
 *     │ next_check_at    when the daemon means to ask again; NULL until one has                                  │
 *     │ problem          why the last check failed, since when (problem_at); NULL: it went well                  │
 *     └──────────────────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 *     target (a row per record whose target is checked, weighed or failed over from)
 *     ┌──────────────────────────────────────────────────────────────────────────────────────────────────────────┐
 *     │ owner, type, rdata   key; as of the record, which may have gone: then the row says nothing               │
 *     │ name, data           as typed                                                                            │
 *     │ weight, tier, check_text, interval_ms, timeout_ms, fall, rise, hold_down_ms     its rules                │
 *     │ state, since, checked_at, problem     what a daemon found out last; NULL until one has                   │
 *     └──────────────────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * No zone is held in memory: a node is one range of rows, a closest encloser the two rows around where the name would be.
 * `standing` tells a process cheaply whether a commit that it noticed (Store.dataVersion) was about zones at all.
 *
 * WITHOUT ROWID: the key is the row's place, so a lookup reads one tree instead of two. No foreign keys on the large tables:
 * each insert would look the zone up; zones are deleted in one place (zones.ts).
 */
import type { StoreDefinition } from '../../../platform/store/migrate.js';

/** What a row of record holds beside its zone; the same in change_record and in tables of imports. */
export const RECORD_COLUMNS = 'owner, type, rdata, ttl, owner_case, rdata_case';

export const RECORD_COLUMN_TYPES = `
  owner BLOB NOT NULL,
  type INTEGER NOT NULL,
  rdata BLOB NOT NULL,
  ttl INTEGER NOT NULL,
  owner_case BLOB,
  rdata_case BLOB`;

const zoneTables = `
  CREATE TABLE standing (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    zones INTEGER NOT NULL,
    zone_set INTEGER NOT NULL,
    secondaries INTEGER NOT NULL,
    cache_rows INTEGER NOT NULL,
    cache_bytes INTEGER NOT NULL
  ) STRICT;
  INSERT INTO standing (id, zones, zone_set, secondaries, cache_rows, cache_bytes) VALUES (1, 0, 0, 0, 0, 0);

  CREATE TABLE zone (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    origin BLOB NOT NULL UNIQUE,
    name BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('primary', 'secondary')),
    serial INTEGER NOT NULL CHECK (serial BETWEEN 0 AND 4294967295),
    records INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    last_change INTEGER NOT NULL,
    journal_bytes INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE record (
    zone INTEGER NOT NULL,
    ${RECORD_COLUMN_TYPES},
    PRIMARY KEY (zone, owner, type, rdata)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE change (
    zone INTEGER NOT NULL REFERENCES zone (id),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('baseline', 'import', 'edit', 'rollback', 'transfer')),
    serial_before INTEGER,
    serial INTEGER NOT NULL,
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    comment TEXT NOT NULL,
    removed INTEGER NOT NULL,
    added INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    journalled INTEGER NOT NULL CHECK (journalled IN (0, 1)),
    PRIMARY KEY (zone, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX change_journalled ON change (zone, number) WHERE journalled = 1;

  CREATE TABLE change_record (
    zone INTEGER NOT NULL,
    number INTEGER NOT NULL,
    op INTEGER NOT NULL CHECK (op IN (0, 1)),
    ${RECORD_COLUMN_TYPES},
    PRIMARY KEY (zone, number, op, owner, type, rdata)
  ) STRICT, WITHOUT ROWID;
`;

const secondaryTable = `
  CREATE TABLE secondary (
    zone INTEGER PRIMARY KEY REFERENCES zone (id),
    primaries TEXT NOT NULL,
    followed_at INTEGER NOT NULL,
    checked_at INTEGER NOT NULL,
    checked_with TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    next_check_at INTEGER,
    problem TEXT,
    problem_at INTEGER
  ) STRICT;
`;

/** The triggers keep count, so that the bounds of the cache are known without reading it. */
const cacheTables = `
  CREATE TABLE cache (
    name BLOB NOT NULL,
    type INTEGER NOT NULL,
    class INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    kind TEXT NOT NULL,
    upstream TEXT NOT NULL,
    response BLOB NOT NULL,
    stored_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    stale_until INTEGER NOT NULL,
    PRIMARY KEY (name, type, class, variant)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cache_by_age ON cache (stored_at);
  CREATE INDEX cache_by_end ON cache (stale_until);

  CREATE TRIGGER cache_inserted AFTER INSERT ON cache BEGIN
    UPDATE standing SET cache_rows = cache_rows + 1, cache_bytes = cache_bytes + length(new.response);
  END;
  CREATE TRIGGER cache_updated AFTER UPDATE ON cache BEGIN
    UPDATE standing SET cache_bytes = cache_bytes + length(new.response) - length(old.response);
  END;
  CREATE TRIGGER cache_deleted AFTER DELETE ON cache BEGIN
    UPDATE standing SET cache_rows = cache_rows - 1, cache_bytes = cache_bytes - length(old.response);
  END;

  CREATE TABLE flush (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    name BLOB,
    type INTEGER,
    upstream TEXT
  ) STRICT;
`;

const targetTable = `
  CREATE TABLE target (
    owner BLOB NOT NULL,
    type INTEGER NOT NULL,
    rdata BLOB NOT NULL,
    name BLOB NOT NULL,
    data BLOB NOT NULL,
    weight INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    check_text TEXT NOT NULL,
    interval_ms INTEGER NOT NULL,
    timeout_ms INTEGER NOT NULL,
    fall INTEGER NOT NULL,
    rise INTEGER NOT NULL,
    hold_down_ms INTEGER NOT NULL,
    state TEXT CHECK (state IN ('unknown', 'up', 'held', 'down')),
    since INTEGER,
    checked_at INTEGER,
    problem TEXT,
    PRIMARY KEY (owner, type, rdata)
  ) STRICT, WITHOUT ROWID;
`;

export const dnsFile: StoreDefinition = {
  block: 'dns',
  // 'DsDn' in ASCII.
  applicationId: 0x4473446e,
  migrations: [`${zoneTables}${secondaryTable}${cacheTables}${targetTable}`],
};
