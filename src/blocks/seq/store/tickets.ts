/** Named sequences in the file: numbers taken in one go. */
import type { GroupCommit } from '../../../platform/store/group-commit.js';
import type { Store } from '../../../platform/store/store.js';
import { HIGHEST_NUMBER } from '../rules/numbers.js';
import {
  checkCount,
  checkKind,
  checkName,
  type SequenceRow,
  type TicketKind,
  ticketExhausted,
} from '../rules/tickets.js';
import type { TicketRange, TicketSummary } from '../sequencer.js';

export class StoredTickets {
  readonly #store: Store;
  readonly #commits: GroupCommit;

  constructor(store: Store, commits: GroupCommit) {
    this.#store = store;
    this.#commits = commits;
  }

  async take(name: string, count: bigint): Promise<TicketRange> {
    checkName(name);
    checkCount(count);
    return this.#commits.run(() => advanceSequence(this.#store, name, 'block', count));
  }

  async current(name: string): Promise<bigint | undefined> {
    checkName(name);
    return this.#commits.read(() => findSequence(this.#store, name)?.last);
  }

  /**
   * Gives back the numbers from `unused.first` to `unused.last`, if nobody took any after them; else they stay a hole.
   * Only for numbers that nobody was told.
   */
  giveBack(name: string, unused: TicketRange): Promise<void> {
    return this.#commits.run(() => {
      this.#store
        .statement<[bigint, string, bigint]>('UPDATE sequence SET last = ? WHERE name = ? AND last = ?')
        .run(unused.first - 1n, name, unused.last);
    });
  }

  /** Reservations count as holes whether they have run out or not. */
  list(): Promise<TicketSummary[]> {
    return this.#commits.read(() =>
      this.#store
        .bigStatement<[], { name: string; kind: TicketKind; last: bigint; holes: bigint }>(
          `SELECT name, kind, last, (SELECT count(*) FROM gapless WHERE gapless.name = sequence.name) AS holes
             FROM sequence ORDER BY name`,
        )
        .all()
        .map((row) => ({ ...row, holes: Number(row.holes) })),
    );
  }
}

/** Takes the next `count` numbers of a sequence, which begins here if it is new. Within a transaction. */
export function advanceSequence(store: Store, name: string, kind: TicketKind, count: bigint): TicketRange {
  const last = checkKind(findSequence(store, name), name, kind)?.last ?? 0n;
  if (last > HIGHEST_NUMBER - count) throw ticketExhausted(name, last, count);
  store
    .statement<[string, TicketKind, bigint]>(
      'INSERT INTO sequence (name, kind, last) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last',
    )
    .run(name, kind, last + count);
  return { first: last + 1n, last: last + count };
}

export function findSequence(store: Store, name: string): SequenceRow | undefined {
  return store.bigStatement<[string], SequenceRow>('SELECT kind, last FROM sequence WHERE name = ?').get(name);
}
