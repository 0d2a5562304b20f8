/**
 * Replies as a client reads them: integers, bulk strings, and records: a RESP map, which RESP2 sends as an array of
 * alternating names and values. Every refusal is `peer.protocol`: the server is not what it says it is.
 */
import { peerErrors } from '../errors.js';

/** A decoded reply as the client has it: integers stay decimal strings, so that 64 bits arrive whole. */
export type WireReply = string | number | null | readonly WireReply[];

/** Reads a record out of a reply. */
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

export function readOk(reply: WireReply): void {
  if (reply !== 'OK') throw unexpected('OK', reply);
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
