/**
 * Zones that are copies: which servers are primary for them, and how it stands with the copy. The daemon keeps them in step
 * (../server/transfer/secondary.ts) and notes here what came of it, for whoever looks; and for itself, so that a zone that
 * was no longer good before a restart is not good after it.
 */
import type { Clock } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';
import { dnsErrors } from '../errors.js';
import { Name } from '../name.js';
import { zoneExists } from './import.js';
import { requireZone } from './zone-rows.js';

/** Servers that one zone is followed from. */
const MOST_PRIMARIES = 8;

export interface Secondary {
  readonly origin: Name;
  /** As parseServer() reads them, in the order in which they are asked. At least one. */
  readonly primaries: readonly string[];
  /** Milliseconds since the Unix epoch, as are all times here. Another one: it was said anew from where to follow it. */
  readonly followedAt: number;
  /** When a primary last told its serial, and which one. */
  readonly checkedAt: number;
  readonly checkedWith: string;
  /** From then on it is no longer answered from, unless a primary tells its serial before. */
  readonly expiresAt: number;
  /** When the daemon means to ask again. Undefined: no daemon has looked yet. */
  readonly nextCheckAt: number | undefined;
  /** Why checks fail, and since when. */
  readonly problem: { readonly text: string; readonly since: number } | undefined;
}

/** A primary was asked and told its serial. */
export interface Checked {
  readonly at: number;
  /** Which primary. */
  readonly with: string;
  readonly expiresAt: number;
}

export interface SecondaryStore {
  /** In canonical order. */
  list(): Secondary[];
  get(origin: Name): Secondary | undefined;
  /** Rises with every follow(), by whichever process. */
  version(): number;
  /**
   * From now on a zone that is here is followed from these servers, whatever was said before; `checked` is the transfer that
   * brought it. Errors: `dns.no_such_zone`; `dns.zone_exists` for a primary zone; `dns.bad_server` for too many of them.
   */
  follow(origin: Name, primaries: readonly string[], checked: Checked): Secondary;
  /** After a check that went well. Nothing when the zone is no longer followed. */
  noteCheck(origin: Name, checked: Checked, nextCheckAt: number): void;
  /** After one that failed. A problem that lasts keeps the time since when it does. */
  noteProblem(origin: Name, text: string, nextCheckAt: number): void;
}

interface SecondaryRow {
  readonly name: Buffer;
  readonly primaries: string;
  readonly followed_at: number;
  readonly checked_at: number;
  readonly checked_with: string;
  readonly expires_at: number;
  readonly next_check_at: number | null;
  readonly problem: string | null;
  readonly problem_at: number | null;
}

const ROWS = `SELECT zone.name, primaries, followed_at, checked_at, checked_with, expires_at, next_check_at, problem, problem_at
  FROM secondary JOIN zone ON zone.id = secondary.zone`;
const OF_ORIGIN = 'zone = (SELECT id FROM zone WHERE origin = @origin)';
/** Characters; what a peer makes of an error is cut. */
const LONGEST_PROBLEM = 500;

export class StoredSecondaries implements SecondaryStore {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  list(): Secondary[] {
    const rows = this.#store.read(() => this.#store.statement<[], SecondaryRow>(`${ROWS} ORDER BY zone.origin`).all());
    return rows.map(toSecondary);
  }

  get(origin: Name): Secondary | undefined {
    const row = this.#store.read(() =>
      this.#store.statement<[Uint8Array], SecondaryRow>(`${ROWS} WHERE zone.origin = ?`).get(origin.sortKey()),
    );
    return row && toSecondary(row);
  }

  version(): number {
    const row = this.#store.read(() =>
      this.#store.statement<[], { secondaries: number }>('SELECT secondaries FROM standing').get(),
    );
    return row?.secondaries ?? 0;
  }

  follow(origin: Name, primaries: readonly string[], checked: Checked): Secondary {
    if (primaries.length === 0 || primaries.length > MOST_PRIMARIES) throw badCount(origin, primaries.length);
    this.#store.write(() => {
      const zone = requireZone(this.#store, origin);
      if (zone.kind !== 'secondary') throw zoneExists(origin);
      this.#store
        .statement<[object]>(
          `INSERT INTO secondary (zone, primaries, followed_at, checked_at, checked_with, expires_at)
             VALUES (@zone, @primaries, @now, @at, @with, @expiresAt)
             ON CONFLICT (zone) DO UPDATE SET primaries = excluded.primaries,
               followed_at = max(excluded.followed_at, followed_at + 1), checked_at = excluded.checked_at,
               checked_with = excluded.checked_with, expires_at = excluded.expires_at, next_check_at = NULL,
               problem = NULL, problem_at = NULL`,
        )
        .run({ zone: zone.id, primaries: primaries.join(' '), now: this.#clock.now(), ...checked });
      this.#store.statement<[]>('UPDATE standing SET secondaries = secondaries + 1').run();
    });
    const secondary = this.get(origin);
    if (secondary === undefined) throw new Error(`${origin} is not followed though that was just written`);
    return secondary;
  }

  noteCheck(origin: Name, checked: Checked, nextCheckAt: number): void {
    this.#note(
      `UPDATE secondary SET checked_at = @at, checked_with = @with, expires_at = @expiresAt,
         next_check_at = @nextCheckAt, problem = NULL, problem_at = NULL WHERE ${OF_ORIGIN}`,
      { origin: origin.sortKey(), nextCheckAt, ...checked },
    );
  }

  noteProblem(origin: Name, text: string, nextCheckAt: number): void {
    this.#note(
      `UPDATE secondary SET next_check_at = @nextCheckAt, problem = @text, problem_at = coalesce(problem_at, @now)
         WHERE ${OF_ORIGIN}`,
      { origin: origin.sortKey(), nextCheckAt, text: text.slice(0, LONGEST_PROBLEM), now: this.#clock.now() },
    );
  }

  /** Unflushed: nobody is told, and what is lost with the power is asked for again. */
  #note(sql: string, parameters: object): void {
    this.#store.write(() => this.#store.statement<[object]>(sql).run(parameters), { sync: 'normal' });
  }
}

function toSecondary(row: SecondaryRow): Secondary {
  return {
    origin: Name.fromValidWire(row.name),
    primaries: row.primaries.split(' '),
    followedAt: row.followed_at,
    checkedAt: row.checked_at,
    checkedWith: row.checked_with,
    expiresAt: row.expires_at,
    nextCheckAt: row.next_check_at ?? undefined,
    problem: row.problem === null ? undefined : { text: row.problem, since: row.problem_at ?? row.checked_at },
  };
}

function badCount(origin: Name, count: number) {
  return dnsErrors.error(
    'dns.bad_server',
    `${origin} would be followed from ${count} servers: 1 to ${MOST_PRIMARIES}`,
    {
      hint: 'name each by --from tcp://192.0.2.1',
      details: { zone: origin.toString(), servers: count },
    },
  );
}
