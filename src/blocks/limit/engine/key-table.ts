/** Entries by key and scope, and a hand that goes round over all keys, a few at a time. */
import type { Entry } from './entry.js';

export class KeyTable {
  readonly #heads = new Map<string, Entry>();
  #hand: IterableIterator<Entry> | undefined;
  /** Entries, in all scopes. */
  size = 0;

  /** `key` in the stored form, here as below. */
  head(key: string): Entry | undefined {
    return this.#heads.get(key);
  }

  find(key: string, scope: string): Entry | undefined {
    let entry = this.#heads.get(key);
    while (entry !== undefined && entry.scope !== scope) entry = entry.next;
    return entry;
  }

  /** There must be none of this key and scope. */
  add(entry: Entry): void {
    const head = this.#heads.get(entry.key);
    if (head === undefined) this.#heads.set(entry.key, entry);
    else {
      entry.next = head.next;
      head.next = entry;
    }
    this.size++;
  }

  remove(entry: Entry): void {
    const head = this.#heads.get(entry.key);
    if (head === entry) this.#removeHead(entry);
    else {
      let before = head;
      while (before !== undefined && before.next !== entry) before = before.next;
      if (before === undefined) return;
      before.next = entry.next;
    }
    entry.next = undefined;
    this.size--;
  }

  /** Lets go of a key in all scopes. */
  removeAll(key: string): void {
    for (let entry = this.#heads.get(key); entry !== undefined; entry = entry.next) this.size--;
    this.#heads.delete(key);
  }

  clear(): void {
    this.#heads.clear();
    this.#hand = undefined;
    this.size = 0;
  }

  /** The next head in the round; undefined once at the end of each round. What is removed meanwhile is left out. */
  nextHead(): Entry | undefined {
    this.#hand ??= this.#heads.values();
    const { value, done } = this.#hand.next();
    if (!done) return value;
    this.#hand = undefined;
    return undefined;
  }

  *[Symbol.iterator](): Generator<Entry, void, undefined> {
    for (const head of this.#heads.values()) {
      for (let entry: Entry | undefined = head; entry !== undefined; entry = entry.next) yield entry;
    }
  }

  #removeHead(head: Entry): void {
    const heir = head.next;
    if (heir === undefined) this.#heads.delete(head.key);
    else {
      heir.complete = head.complete;
      heir.used = head.used;
      this.#heads.set(head.key, heir);
    }
  }
}
