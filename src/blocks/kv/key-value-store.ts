/**
 * What the commands of `ds kv` work on: a file, a `ds kv serve`, or a Redis or Valkey. Keys and values are bytes ({@link ByteString}).
 * One suite of tests runs over all three. Errors of every method: `kv.*`, `storage.*` of a file, `peer.*` of a server.
 */
import type { ByteString } from './bytes.js';
import type { ValueType } from './entry.js';

export interface StoredValue {
  readonly value: ByteString;
  /** Absent where the server keeps none. */
  readonly revision?: number;
  /** Milliseconds since the epoch from which on the key is gone; absent: never. */
  readonly expiresAt?: number;
}

/** All of them must hold for a write to be made. */
export interface Conditions {
  /** The key is a string of exactly these bytes. */
  readonly ifEquals?: ByteString;
  /** Of the key's last change; 0: there is no such key. */
  readonly ifRevision?: number;
}

export interface PutOptions extends Conditions {
  /** Milliseconds from now on until the key is gone; absent: it stays, whatever time it had before. */
  readonly ttlMs?: number;
  readonly ifAbsent?: boolean;
}

export interface WriteResult {
  /** Whether the conditions held, and of `delete` whether there was such a key. */
  readonly done: boolean;
  /** Of the key afterwards; 0 where there is none. Absent where the server keeps none. */
  readonly revision?: number;
}

export interface PageRequest {
  /** Keys that begin so. */
  readonly prefix?: ByteString;
  /** Keys that fit a pattern of Redis's: `*`, `?`, `[a-z]`. */
  readonly match?: ByteString;
  readonly type?: ValueType;
  /** From the page before; absent: from the first key on. */
  readonly after?: PlaceInKeys;
  /** Keys looked at; there may be fewer in the answer, even none, and more keys behind it. */
  readonly limit: number;
}

/** Where a page ended, as its store knows it. */
export type PlaceInKeys = string & { readonly place?: never };

export interface ListedKey {
  readonly key: ByteString;
  readonly type: ValueType;
  readonly expiresAt?: number;
}

export interface KeyPage {
  readonly keys: readonly ListedKey[];
  /** Absent: this was the last page. */
  readonly next?: PlaceInKeys;
  /** Keys of types that only a Redis has: streams, those of modules. Absent: none. */
  readonly leftOut?: number;
}

export type ChangeKind = 'put' | 'delete' | 'expire' | 'flush';

export interface Change {
  readonly revision: number;
  /** When it was committed, milliseconds since the epoch. */
  readonly at: number;
  readonly kind: ChangeKind;
  /** Absent of `flush`, which emptied the database. */
  readonly key?: ByteString;
  /** Of `put`. */
  readonly type?: ValueType;
  /** Of a `put` of a string: the whole of it. */
  readonly value?: ByteString;
  /** Of a `put` of a collection: its elements. */
  readonly count?: number;
  readonly expiresAt?: number;
}

export interface ChangePage {
  readonly changes: readonly Change[];
  /** Up to which revision there is nothing more to be told. */
  readonly revision: number;
}

export interface StoreStats {
  readonly server: 'file' | 'ds' | 'redis' | 'valkey';
  readonly version?: string;
  readonly databases: readonly { readonly database: number; readonly keys: number; readonly expiring: number }[];
  readonly revision?: number;
  /** The first revision that can still be told of. */
  readonly firstRevision?: number;
  /** Changes that are in the journal, and not yet in the table of keys. */
  readonly unfoldedKeys?: number;
  /** Of the file with its log, or of the server's memory. */
  readonly bytes?: number;
}

/** Until when: milliseconds from now, a time in milliseconds since the epoch, or for ever. */
export type Expiry = { readonly inMs: number } | { readonly at: number } | 'never';

export interface KeyValueStore {
  /** Error: `kv.wrong_type` where the key holds no string. */
  get(key: ByteString): Promise<StoredValue | undefined>;
  put(key: ByteString, value: ByteString, options?: PutOptions): Promise<WriteResult>;
  delete(key: ByteString, conditions?: Conditions): Promise<WriteResult>;
  /** The number afterwards; a key that does not exist counts as 0, and one that has a time keeps it. */
  increment(key: ByteString, by: bigint): Promise<bigint>;
  /** In the order of the keys' bytes, where it is no Redis: there in any order, and a key may come twice. */
  page(request: PageRequest): Promise<KeyPage>;
  /** Milliseconds that the key has left, or `never`; undefined: there is no such key. */
  ttl(key: ByteString): Promise<number | 'never' | undefined>;
  /** Whether there is such a key. A time that has passed removes it. */
  expire(key: ByteString, expiry: Expiry): Promise<boolean>;
  /** Changes behind a revision, some of them, of keys that begin so. Errors: `kv.no_revisions`, `kv.history_gone`. */
  changes(after: number, prefix?: ByteString): Promise<ChangePage>;
  stats(): Promise<StoreStats>;
  close(): Promise<void>;
}
