/** Named sequences in the file: numbers taken in one go, and the rules that both kinds share. */
import type { GroupCommit } from '../../../platform/store/group-commit.js';
import type { Store } from '../../../platform/store/store.js';
import { seqErrors } from '../errors.js';
import type { TicketRange, TicketSummary } from '../sequencer.js';

export type TicketKind = TicketSummary['kind'];

const MAX_NUMBER = 2n ** 63n - 1n;
/** Most numbers in one take. */
export const MAX_COUNT = 2n ** 53n;
const MAX_NAME_BYTES = 512;

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
  if (last > MAX_NUMBER - count) {
    throw seqErrors.error(
      'seq.ticket_exhausted',
      `sequence ${name} stands at ${last}; ${count} more would pass 2^63 - 1`,
      {
        hint: 'go on under a new name',
        details: { name, last: last.toString() },
      },
    );
  }
  store
    .statement<[string, TicketKind, bigint]>(
      'INSERT INTO sequence (name, kind, last) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last',
    )
    .run(name, kind, last + count);
  return { first: last + 1n, last: last + count };
}

export interface SequenceRow {
  readonly kind: TicketKind;
  readonly last: bigint;
}

export function findSequence(store: Store, name: string): SequenceRow | undefined {
  return store.bigStatement<[string], SequenceRow>('SELECT kind, last FROM sequence WHERE name = ?').get(name);
}

/** Refuses a sequence of the other kind. */
export function checkKind(row: SequenceRow | undefined, name: string, kind: TicketKind): SequenceRow | undefined {
  if (row === undefined || row.kind === kind) return row;
  const hint = kind === 'gapless' ? `ds seq ticket '${name}'` : `ds seq ticket '${name}' --gapless`;
  throw seqErrors.error('seq.ticket_kind', `sequence ${name} is of the ${row.kind} kind, not ${kind}`, {
    hint,
    details: { name, kind: row.kind },
  });
}

export function checkName(name: string): void {
  const bytes = Buffer.from(name);
  // A lone surrogate would be stored as U+FFFD, and different names would become one.
  const isText = bytes.toString() === name;
  if (bytes.length > 0 && bytes.length <= MAX_NAME_BYTES && isText) return;
  const problem = bytes.length === 0 ? 'is empty' : isText ? `has ${bytes.length} bytes` : 'is not valid Unicode';
  throw seqErrors.error('seq.bad_ticket_name', `the name of the sequence ${problem}`, {
    hint: `a name is 1 to ${MAX_NAME_BYTES} bytes of UTF-8: ds seq ticket orders`,
    details: { bytes: bytes.length },
  });
}

export function checkCount(count: bigint): void {
  if (count >= 1n && count <= MAX_COUNT) return;
  throw seqErrors.error('seq.bad_ticket_count', `${count} numbers cannot be taken at once, only 1 to ${MAX_COUNT}`, {
    hint: '-n 1',
    details: { count: count.toString() },
  });
}
