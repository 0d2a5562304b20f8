/** What memory was before a turn, so that a turn that fails leaves nothing behind. */
import type { Entry } from '../entry.js';
import type { Memory } from './memory.js';
import type { Slot } from './slot.js';

/** What is put back as it was. */
export interface UndoSubject {
  readonly memory: Memory;
  revision: number;
  /** Keys of each database, then those that have a time. */
  sizes(): number[];
  setSizes(sizes: readonly number[]): void;
}

export class Undo {
  #slots: Slot[] = [];
  #entries: (Entry | undefined)[] = [];
  #wereFresh: boolean[] = [];
  #steps: (() => void)[] = [];
  #revision = 0;
  #sizes: number[] = [];
  #freshLength = 0;

  begin(keyspace: UndoSubject): void {
    this.#revision = keyspace.revision;
    this.#sizes = keyspace.sizes();
    this.#freshLength = keyspace.memory.fresh.length;
  }

  /** Before the slot changes. */
  note(slot: Slot): void {
    this.#slots.push(slot);
    this.#entries.push(slot.entry);
    this.#wereFresh.push(slot.fresh);
  }

  /** For what is no slot: run, the last one first, when the turn is undone. */
  step(back: () => void): void {
    this.#steps.push(back);
  }

  forget(): void {
    if (this.#slots.length > 0) {
      this.#slots = [];
      this.#entries = [];
      this.#wereFresh = [];
    }
    if (this.#steps.length > 0) this.#steps = [];
  }

  restore(keyspace: UndoSubject): void {
    for (let i = this.#steps.length - 1; i >= 0; i--) this.#steps[i]?.();
    for (let i = this.#slots.length - 1; i >= 0; i--) {
      const slot = this.#slots[i];
      if (slot === undefined) continue;
      keyspace.memory.replace(slot, this.#entries[i]);
      slot.fresh = this.#wereFresh[i] === true;
    }
    const { memory } = keyspace;
    // Slots of a database that was flushed in the turn were weighed out and in again.
    if (this.#steps.length > 0) memory.weigh();
    if (memory.fresh.length > this.#freshLength) memory.fresh = memory.fresh.slice(0, this.#freshLength);
    keyspace.revision = this.#revision;
    keyspace.setSizes(this.#sizes);
    this.forget();
  }
}
