/**
 * Accounts: whoever keys belong to. A bucket or an object is stored with the name of the account that owns it, or with none, which is
 * the store's owner: all that commands make on the file, and most that a daemon of one user does.
 */
import { createHash } from 'node:crypto';

/** As S3's documents tell it. */
export interface Owner {
  /** The canonical identifier: 64 hex digits. */
  readonly id: string;
  /** What S3 calls the display name. */
  readonly name: string;
}

/** Who asks. */
export interface Requester {
  /** Undefined: nobody, since the request is not signed. */
  readonly account: string | undefined;
  /** All may do everything: of a daemon that asks nobody who he is. */
  readonly isUnrestricted: boolean;
}

/** The canonical identifier of an account: of its name, so that it is the same on every start. */
export function accountId(name: string): string {
  return createHash('sha256').update(`ds blob account ${name}`).digest('hex');
}

export class Accounts {
  /** The store's owner. */
  readonly owner: string;
  readonly #known: ReadonlyMap<string, string>;
  /** By name: those of lists are asked for again and again. */
  readonly #ids = new Map<string, string>();

  /** The first one is the store's owner. */
  constructor(names: readonly [string, ...string[]]) {
    this.owner = names[0];
    this.#known = new Map(names.map((name) => [this.#id(name), name]));
  }

  /** The account of an owner as stored. */
  named(stored: string | undefined): string {
    return stored ?? this.owner;
  }

  /** The owner as it is stored. */
  stored(name: string): string | undefined {
    return name === this.owner ? undefined : name;
  }

  told(name: string): Owner {
    return { id: this.#id(name), name };
  }

  /** Undefined: nobody has this canonical identifier. */
  byId(id: string): string | undefined {
    return this.#known.get(id);
  }

  #id(name: string): string {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = accountId(name);
    this.#ids.set(name, id);
    return id;
  }
}
