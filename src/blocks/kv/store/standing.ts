/**
 * Numbers of the whole store, as they are in its file:
 * - folded: all records up to this revision are in the table of entries
 * - forgotten: the journal has lost its rows up to this revision
 * - history: revisions that are kept for watching, at least
 * - owner, space: the last numbers given
 */
import type { Store } from '../../../platform/store/store.js';

export class Standing {
  folded = 0;
  forgotten = 0;
  history = 0;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  reload(): void {
    const rows = this.#store.statement<[], { name: string; value: number }>('SELECT name, value FROM standing').all();
    for (const { name, value } of rows)
      if (name === 'folded' || name === 'forgotten' || name === 'history') this[name] = value;
  }

  /** Counts on, within the turn's transaction. */
  next(name: 'owner' | 'space'): number {
    const sql = 'UPDATE standing SET value = value + 1 WHERE name = ? RETURNING value';
    return this.#store.statement<[string], { value: number }>(sql).get(name)?.value ?? 0;
  }

  set(name: 'folded' | 'forgotten' | 'history', value: number): void {
    this.#store.statement<[number, string]>('UPDATE standing SET value = ? WHERE name = ?').run(value, name);
    this[name] = value;
  }
}
