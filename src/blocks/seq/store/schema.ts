/**
 * The sequencer's file:
 *
 *     file (one row)                         worker (a row per number ever leased)
 *     ┌──────────────────────────────┐       ┌──────────────────────────────────────────────────────────┐
 *     │ machine     fingerprint      │       │ space, worker   key: twitter, 0                          │
 *     │ token       last one given   │──────▶│ token           fencing token of the last lease          │
 *     │ hlc_wall    last stamp       │       │ holder          for people                               │
 *     │ hlc_logical                  │       │ leased_at       ms since the epoch, as all that follow   │
 *     └──────────────────────────────┘       │ expires_at      end of the lease; release sets it to then│
 *                                            │ floor           first instant this lease may use         │
 *     sequence (a row per ticket name)       │ reserved_at     max(now, floor) at the last reservation  │
 *     ┌──────────────────────────────┐       │ high_water      exclusive end of the reservation         │
 *     │ name        key              │       │ skew_ms         to wait before it is given again         │
 *     │ kind        block | gapless  │       │ released        0 | 1                                    │
 *     │ last        highest given    │       └──────────────────────────────────────────────────────────┘
 *     └──────────────────────────────┘
 *            │ gapless only                  gapless (a row per number given and not committed)
 *            └──────────────────────────────▶┌──────────────────────────────────────────────────────────┐
 *                                            │ name, number    key                                      │
 *     A committed number is one up to        │ token           who may commit or abort                  │
 *     `last` without a row: what is done     │ holder          for people                               │
 *     takes no space.                        │ expires_at      0 once aborted: abandoned in the past    │
 *                                            └──────────────────────────────────────────────────────────┘
 *
 * WITHOUT ROWID: the key is the row's place, so a lookup reads one tree instead of two.
 */
import type { StoreDefinition } from '../../../platform/store/migrate.js';

export const sequencerFile: StoreDefinition = {
  block: 'seq',
  // 'DsSq' in ASCII.
  applicationId: 0x44735371,
  migrations: [
    `
    CREATE TABLE file (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      machine TEXT NOT NULL,
      token INTEGER NOT NULL,
      hlc_wall INTEGER NOT NULL,
      hlc_logical INTEGER NOT NULL CHECK (hlc_logical BETWEEN 0 AND 65535)
    ) STRICT;

    CREATE TABLE worker (
      space TEXT NOT NULL,
      worker INTEGER NOT NULL CHECK (worker >= 0),
      token INTEGER NOT NULL,
      holder TEXT NOT NULL,
      leased_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      floor INTEGER NOT NULL,
      reserved_at INTEGER NOT NULL,
      high_water INTEGER NOT NULL,
      skew_ms INTEGER NOT NULL,
      released INTEGER NOT NULL,
      PRIMARY KEY (space, worker)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sequence (
      name TEXT PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('block', 'gapless')),
      last INTEGER NOT NULL CHECK (last >= 0)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE gapless (
      name TEXT NOT NULL REFERENCES sequence (name),
      number INTEGER NOT NULL,
      token INTEGER NOT NULL,
      holder TEXT NOT NULL,
      expires_at INTEGER NOT NULL,
      PRIMARY KEY (name, number)
    ) STRICT, WITHOUT ROWID;
    `,
  ],
};
