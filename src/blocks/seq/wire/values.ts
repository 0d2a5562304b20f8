/**
 * Values as the SEQ commands carry them. Arguments are decimal numbers and UTF-8 text, as everywhere in RESP. Replies
 * are integers, bulk strings, and records: a RESP map, which RESP2 sends as an array of alternating names and values.
 */

import { peerErrors } from '../../../platform/protocol/errors.js';
import { map, type Reply } from '../../../platform/protocol/resp/reply.js';
import { seqErrors } from '../errors.js';

/** A decoded reply as the client has it: integers stay decimal strings, so that 64 bits arrive whole. */
export type WireReply = string | number | null | readonly WireReply[];

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

/** Reads the arguments of one request from left to right. Every refusal is `seq.bad_argument`. */
export class Arguments {
  readonly #args: readonly Buffer[];
  #at = 0;

  constructor(args: readonly Buffer[]) {
    this.#args = args;
  }

  get left(): number {
    return this.#args.length - this.#at;
  }

  #take(what: string): Buffer {
    const arg = this.#args[this.#at++];
    if (arg === undefined) throw seqErrors.error('seq.bad_argument', `${what} is missing`);
    return arg;
  }

  text(what: string): string {
    const bytes = this.#take(what);
    try {
      return strictUtf8.decode(bytes);
    } catch {
      throw seqErrors.error('seq.bad_argument', `${what} is not valid UTF-8`);
    }
  }

  /** A signed 64-bit integer. */
  bigint(what: string): bigint {
    const text = this.#take(what).toString('latin1');
    const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
    if (value === undefined || value < LOWEST || value > HIGHEST) {
      throw seqErrors.error('seq.bad_argument', `${what} ${JSON.stringify(text.slice(0, 64))} is not a 64-bit integer`);
    }
    return value;
  }

  /** An integer within 2^53. Which ones make sense is the engine's to say: it has the better message. */
  number(what: string): number {
    return this.#parse(what, /^-?\d{1,16}$/, 'an integer within 2^53');
  }

  /** A decimal number, perhaps with a fraction. */
  decimal(what: string): number {
    return this.#parse(what, /^-?\d{1,16}(\.\d{1,9})?$/, 'a number within 2^53');
  }

  #parse(what: string, form: RegExp, expected: string): number {
    const text = this.#take(what).toString('latin1');
    const value = form.test(text) ? Number(text) : Number.NaN;
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    throw seqErrors.error('seq.bad_argument', `${what} ${JSON.stringify(text.slice(0, 64))} is not ${expected}`);
  }

  /** Takes the word, in any case, when it is next. */
  keyword(word: string): boolean {
    if (this.#args[this.#at]?.toString('latin1').toUpperCase() !== word) return false;
    this.#at++;
    return true;
  }

  /** Refuses what is left over. */
  end(): void {
    const extra = this.#args[this.#at];
    if (extra === undefined) return;
    const shown = JSON.stringify(extra.toString('latin1', 0, 64));
    throw seqErrors.error('seq.bad_argument', `unexpected argument ${shown}`);
  }
}

/** Encodes a record; undefined values are left out. */
export function record(fields: Readonly<Record<string, Reply | undefined>>): Reply {
  const entries: [string, Reply][] = [];
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) entries.push([name, value]);
  return map(entries);
}

/** Reads a record out of a reply. Every refusal is `peer.protocol`: the server is not what it says it is. */
export class Fields {
  readonly #values = new Map<string, WireReply>();
  readonly #what: string;

  constructor(reply: WireReply, what: string) {
    this.#what = what;
    if (!isList(reply) || reply.length % 2 !== 0) throw unexpected(what, reply);
    for (let at = 0; at < reply.length; at += 2) this.#values.set(String(reply[at]), reply[at + 1] ?? null);
  }

  text(name: string): string {
    return readText(this.#values.get(name) ?? null, `${this.#what}.${name}`);
  }

  number(name: string): number {
    return readNumber(this.#values.get(name) ?? null, `${this.#what}.${name}`);
  }

  bigint(name: string): bigint {
    return readBigint(this.#values.get(name) ?? null, `${this.#what}.${name}`);
  }

  /** One of `choices`. */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const text = this.text(name);
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) throw unexpected(`${this.#what}.${name}`, text);
    return choice;
  }
}

const isList = (reply: WireReply): reply is readonly WireReply[] => Array.isArray(reply);

export function readList(reply: WireReply, what: string): readonly WireReply[] {
  if (!isList(reply)) throw unexpected(what, reply);
  return reply;
}

export function readText(reply: WireReply, what: string): string {
  if (typeof reply !== 'string') throw unexpected(what, reply);
  return reply;
}

export function readNumber(reply: WireReply, what: string): number {
  const value = typeof reply === 'string' && /^-?\d{1,16}$/.test(reply) ? Number(reply) : reply;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw unexpected(what, reply);
  return value;
}

export function readBigint(reply: WireReply, what: string): bigint {
  if (typeof reply === 'number' && Number.isSafeInteger(reply)) return BigInt(reply);
  if (typeof reply !== 'string' || !/^-?\d{1,19}$/.test(reply)) throw unexpected(what, reply);
  return BigInt(reply);
}

export function unexpected(what: string, reply: WireReply): Error {
  const shown = JSON.stringify(reply)?.slice(0, 80) ?? 'nothing';
  return peerErrors.error('peer.protocol', `unexpected answer from the server for ${what}: ${shown}`);
}
