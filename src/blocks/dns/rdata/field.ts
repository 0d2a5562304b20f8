/**
 * The data of a resource record as a row of fields. From one description per type (schema.ts) come reading, checking and
 * writing of the wire form and of the text of master files. Record data is kept in wire form with names uncompressed: what
 * one does not know one can still pass on (RFC 3597).
 */
import { dnsErrors } from '../errors.js';
import type { Name } from '../name.js';
import type { OctetWriter } from '../wire/octets.js';

/** Whether a name within record data may be compressed in messages (RFC 3597, section 4). */
export type NameCompression =
  /** Written and read compressed: the types of RFC 1035. */
  | 'both'
  /** Read compressed, never written so: types that some old servers compress. */
  | 'read'
  /** A pointer is an error. */
  | 'never';

export interface Field {
  /**
   * Where the field ends that begins at `offset` of uncompressed record data, which ends at `end`. Checks its content, too.
   * Error: `dns.malformed`.
   */
  end(bytes: Uint8Array, offset: number, end: number): number;
  /** The field from `offset` to `end` as binary text (see name.ts). It was checked before. */
  print(bytes: Uint8Array, offset: number, end: number): string;
  /** Reads its words and writes wire form. Error: `dns.bad_record`. */
  parse(words: Words, out: OctetWriter): void;
  /** For domain names. */
  readonly compression?: NameCompression;
  /** Takes all octets or words that are left; may be empty of them. */
  readonly takesRest?: boolean;
}

/** A word of a master file, escapes still in it; of SVCB parameters `key="a b"` is one, without the quotes. */
export interface Word {
  readonly text: string;
  /** It stood in double quotes. */
  readonly quoted: boolean;
}

/** The words of one record's data, taken one after another. */
export class Words {
  readonly origin: Name;
  readonly #words: readonly Word[];
  #next = 0;

  constructor(words: readonly Word[], origin: Name) {
    this.#words = words;
    this.origin = origin;
  }

  get left(): number {
    return this.#words.length - this.#next;
  }

  peek(): Word | undefined {
    return this.#words[this.#next];
  }

  /** Error: `dns.bad_record`, when there is none; `what` names it. */
  next(what: string): Word {
    const word = this.#words[this.#next++];
    if (word === undefined) throw badRecord(`${what} is missing`);
    return word;
  }

  /** All that are left. */
  rest(): readonly Word[] {
    const rest = this.#words.slice(this.#next);
    this.#next = this.#words.length;
    return rest;
  }
}

export function badRecord(message: string) {
  return dnsErrors.error('dns.bad_record', message);
}

export function malformed(message: string) {
  return dnsErrors.error('dns.malformed', message);
}

export function tooLong(octets: number) {
  return malformed(`the data of a record has ${octets} octets too many`);
}

/** Throws `dns.malformed` unless `count` octets are there. */
export function need(offset: number, count: number, end: number, what: string): number {
  if (offset + count > end) throw malformed(`${what} is cut short`);
  return offset + count;
}
