/** Gapless numbers in the file; their states are drawn in sequencer.ts. */
import type { Clock } from '../../../platform/clock.js';
import type { GroupCommit } from '../../../platform/store/group-commit.js';
import type { Store } from '../../../platform/store/store.js';
import { checkTtl } from '../rules/durations.js';
import { checkHolder } from '../rules/leases.js';
import { checkKind, checkName, ticketLost } from '../rules/tickets.js';
import type { GaplessRequest, GaplessTicket, Hole, TicketKey } from '../sequencer.js';
import { nextToken } from './file.js';
import { advanceSequence, findSequence } from './tickets.js';

/** `expires_at` of an aborted number: it expired before any time there is. */
const ABORTED = 0;

interface Row {
  readonly number: bigint;
  readonly token: bigint;
  readonly holder: string;
  readonly expires_at: bigint;
}

export class StoredGapless {
  readonly #store: Store;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;

  constructor(store: Store, commits: GroupCommit, clock: Clock) {
    this.#store = store;
    this.#commits = commits;
    this.#clock = clock;
  }

  /** The lowest abandoned number, under a higher token; without one, the next number. */
  async reserve(name: string, request: GaplessRequest): Promise<GaplessTicket> {
    checkName(name);
    checkHolder(request.holder);
    checkTtl(request.ttlMs);
    return this.#commits.run(() => {
      const now = this.#clock.now();
      const expiresAt = now + request.ttlMs;
      checkKind(findSequence(this.#store, name), name, 'gapless');
      const number = this.#lowestAbandoned(name, now) ?? advanceSequence(this.#store, name, 'gapless', 1n).first;
      const token = nextToken(this.#store);
      this.#store
        .statement<[string, bigint, bigint, string, number]>(
          'INSERT OR REPLACE INTO gapless (name, number, token, holder, expires_at) VALUES (?, ?, ?, ?, ?)',
        )
        .run(name, number, token, request.holder, expiresAt);
      return { name, number, token, expiresAt };
    });
  }

  /** Also after the expiry, as long as nobody else was given the number. */
  async commit(ticket: TicketKey): Promise<void> {
    checkName(ticket.name);
    return this.#commits.run(() => {
      const { changes } = this.#store
        .statement<[string, bigint, bigint, number]>(
          'DELETE FROM gapless WHERE name = ? AND number = ? AND token = ? AND expires_at <> ?',
        )
        .run(ticket.name, ticket.number, ticket.token, ABORTED);
      if (changes === 0) throw this.#lost(ticket);
    });
  }

  async abort(ticket: TicketKey): Promise<void> {
    checkName(ticket.name);
    return this.#commits.run(() => {
      const { changes } = this.#store
        .statement<[number, string, bigint, bigint, number]>(
          'UPDATE gapless SET expires_at = ? WHERE name = ? AND number = ? AND token = ? AND expires_at <> ?',
        )
        .run(ABORTED, ticket.name, ticket.number, ticket.token, ABORTED);
      if (changes === 0) throw this.#lost(ticket);
    });
  }

  async holes(name: string): Promise<Hole[]> {
    checkName(name);
    return this.#commits.read(() => {
      const now = this.#clock.now();
      checkKind(findSequence(this.#store, name), name, 'gapless');
      return this.#store
        .bigStatement<[string], Row>(
          'SELECT number, token, holder, expires_at FROM gapless WHERE name = ? ORDER BY number',
        )
        .all(name)
        .map((row) => toHole(row, now));
    });
  }

  #lowestAbandoned(name: string, now: number): bigint | undefined {
    return this.#store
      .bigStatement<[string, number], { number: bigint }>(
        'SELECT number FROM gapless WHERE name = ? AND expires_at <= ? ORDER BY number LIMIT 1',
      )
      .get(name, now)?.number;
  }

  /** Says why: the kind is wrong, somebody else has the number, or it is not reserved. */
  #lost({ name, number, token }: TicketKey) {
    checkKind(findSequence(this.#store, name), name, 'gapless');
    const row = this.#store
      .bigStatement<[string, bigint], Row>(
        'SELECT number, token, holder, expires_at FROM gapless WHERE name = ? AND number = ?',
      )
      .get(name, number);
    const isOthers = row !== undefined && row.token !== token && row.expires_at !== BigInt(ABORTED);
    const reason = isOthers ? `it was given to ${row.holder}` : 'it is not reserved';
    return ticketLost({ name, number, token }, reason);
  }
}

function toHole(row: Row, now: number): Hole {
  const { number, token, holder } = row;
  const expiresAt = Number(row.expires_at);
  return { number, token, holder, expiresAt, state: expiresAt <= now ? 'abandoned' : 'reserved' };
}
