/** What a pattern of SORT's BY and GET stands for: `weight_*` is a key's string, `object_*->field` a hash's field, `#` the element. */
import { type ByteString, byteStringOf, bytesOf } from '../../bytes.js';
import type { Call } from '../command.js';

const FIELD = 'SELECT value AS field FROM member WHERE owner = ? AND member = ?';

export class SortPattern {
  readonly #before: ByteString;
  readonly #behind: ByteString;
  readonly #field: ByteString | undefined;
  readonly #kind: 'element' | 'nothing' | 'key';

  constructor(pattern: ByteString) {
    const star = pattern.indexOf('*');
    const arrow = pattern.indexOf('->', star + 1);
    // An arrow with nothing behind it is part of the key.
    const field = star >= 0 && arrow >= 0 && arrow + 2 < pattern.length;
    this.#kind = pattern === '#' ? 'element' : star < 0 ? 'nothing' : 'key';
    this.#before = pattern.slice(0, star);
    this.#behind = pattern.slice(star + 1, field ? arrow : pattern.length);
    this.#field = field ? pattern.slice(arrow + 2) : undefined;
  }

  /** undefined where there is no such key or field, or the key holds something else. */
  lookUp({ database, keyspace }: Call, element: ByteString): ByteString | undefined {
    if (this.#kind !== 'key') return this.#kind === 'element' ? element : undefined;
    const entry = database.find(this.#before + element + this.#behind);
    if (this.#field === undefined) return entry?.type === 'string' ? entry.value : undefined;
    if (entry?.type !== 'hash') return undefined;
    const statement = keyspace.store.statement<[number, Buffer], { field: Buffer }>(FIELD);
    const row = statement.get(entry.owner, bytesOf(this.#field));
    return row && byteStringOf(row.field);
  }
}
