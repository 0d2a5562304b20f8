/**
 * What is asked in a load, as messages that are ready but for their ids. Written once, kept end to end in one piece of memory, and
 * taken in turn:
 *
 *     octets   │ message 0 │ message 1 │ message 2 │ …
 *     starts   0           29          61          …
 */
import { dnsErrors } from '../../errors.js';
import { Name } from '../../name.js';
import type { Question } from '../../record.js';
import { asciiName } from '../../typed-name.js';
import { findType, RRClass, RRType, writeMessage } from '../../wire.js';
import { makeQuery } from '../make-query.js';

export interface QueryListOptions {
  readonly recursionDesired: boolean;
  /** With EDNS; `dnssec` asks for signatures and wants it. */
  readonly edns: boolean;
  readonly dnssec: boolean;
}

/** Octets of all messages together. */
const LARGEST = 1 << 30;
const FIRST_ROOM = 1 << 12;
const MOST_QUERIES = 10_000_000;

export class QueryList {
  readonly #options: QueryListOptions;
  #octets = new Uint8Array(FIRST_ROOM);
  /** Where each message begins, and at last where they end. */
  #starts = new Uint32Array(FIRST_ROOM);
  #count = 0;
  #next = 0;
  #first: Question | undefined;

  constructor(options: QueryListOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** Undefined in an empty list. */
  get first(): Question | undefined {
    return this.#first;
  }

  /** Error: `dns.bad_names`, when it is too much. */
  add(question: Question): void {
    const { recursionDesired, edns, dnssec } = this.#options;
    const wishes = edns || dnssec ? { edns: { dnssecOk: dnssec } } : {};
    const message = writeMessage(makeQuery({ question, recursionDesired, ...wishes }));
    const start = this.#starts[this.#count] ?? 0;
    const end = start + message.length;
    if (end > LARGEST || this.#count === MOST_QUERIES) {
      throw dnsErrors.error('dns.bad_names', `there are more than ${this.#count} names to ask for`);
    }
    if (end > this.#octets.length) this.#octets = grown(this.#octets, new Uint8Array(2 * end));
    if (this.#count + 2 > this.#starts.length) {
      this.#starts = grown(this.#starts, new Uint32Array(2 * this.#starts.length));
    }
    this.#octets.set(message, start);
    this.#starts[++this.#count] = end;
    this.#first ??= question;
  }

  /** Octets of the next message. */
  get nextLength(): number {
    return (this.#starts[this.#next + 1] ?? 0) - (this.#starts[this.#next] ?? 0);
  }

  /** Writes the next message with this id; there must be room for it, and one message in the list. */
  write(id: number, into: Uint8Array, at: number): void {
    const start = this.#starts[this.#next] ?? 0;
    const end = this.#starts[this.#next + 1] ?? 0;
    into.set(this.#octets.subarray(start, end), at);
    into[at] = id >>> 8;
    into[at + 1] = id & 0xff;
    this.#next = (this.#next + 1) % this.#count;
  }
}

function grown<A extends Uint8Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/**
 * A line of a file as dnsperf reads it: a name and a type, A without one. Undefined for an empty line and for a comment, which
 * begins with # or ;. Errors: `dns.bad_name`, `dns.bad_names`.
 */
export function readNamesLine(line: string): Question | undefined {
  const [name = '', typeText = 'A', more] = line.trim().split(/\s+/);
  if (name === '' || /^[#;]/.test(name)) return undefined;
  const type = findType(typeText);
  if (type === undefined || type === RRType.OPT || more !== undefined) {
    throw dnsErrors.error('dns.bad_names', `"${line.trim().slice(0, 80)}" is no name and type`, {
      hint: 'write www.shop.test A',
    });
  }
  return { name: Name.parse(asciiName(name)), type, class: RRClass.IN };
}
