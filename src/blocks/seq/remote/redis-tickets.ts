/** Tickets shared through a Redis or Valkey, block and gapless kinds. */

import type { ScriptRunner } from '../../../platform/protocol/resp-client/script.js';
import {
  readBigint,
  readList,
  readNumber,
  readText,
  unexpected,
  type WireReply,
} from '../../../platform/protocol/resp-client/values.js';
import { checkTtl } from '../rules/durations.js';
import { checkHolder } from '../rules/leases.js';
import { checkCount, checkKind, checkName, ticketExhausted, ticketLost } from '../rules/tickets.js';
import type {
  GaplessRequest,
  GaplessTicket,
  Hole,
  TicketKey,
  TicketRange,
  TicketSummary,
  Tickets,
} from '../sequencer.js';
import { expiryKey, gaplessKey, holesKey, namesKey, ticketKey, tokenKey } from './redis-keys.js';
import { endScript, holesScript, reserveScript, takeScript } from './ticket-scripts.js';

export class RedisTickets implements Tickets {
  readonly #scripts: ScriptRunner;

  constructor(scripts: ScriptRunner) {
    this.#scripts = scripts;
  }

  async take(name: string, count: bigint): Promise<TicketRange> {
    checkName(name);
    checkCount(count);
    const reply = await this.#scripts.run(takeScript, [namesKey, ticketKey(name)], [name, count]);
    const [last = null] = outcome(reply, name, 'block', count);
    const end = readBigint(last, 'last');
    return { first: end - count + 1n, last: end };
  }

  async current(name: string): Promise<bigint | undefined> {
    checkName(name);
    const [block = null, gapless = null] = readList(
      await this.#scripts.send(['MGET', ticketKey(name), gaplessKey(name)]),
      'current',
    );
    const last = block ?? gapless;
    return last === null ? undefined : readBigint(last, 'current');
  }

  async reserve(name: string, { holder, ttlMs }: GaplessRequest): Promise<GaplessTicket> {
    checkName(name);
    checkHolder(holder);
    checkTtl(ttlMs);
    const keys = [namesKey, gaplessKey(name), holesKey(name), expiryKey(name), tokenKey];
    const reply = await this.#scripts.run(reserveScript, keys, [name, holder, ttlMs]);
    const [number = null, token = null, expires = null] = outcome(reply, name, 'gapless', 1n);
    return {
      name,
      number: readBigint(number, 'number'),
      token: readBigint(token, 'token'),
      expiresAt: readNumber(expires, 'expires_at'),
    };
  }

  commit(ticket: TicketKey): Promise<void> {
    return this.#end(ticket, 'commit');
  }

  abort(ticket: TicketKey): Promise<void> {
    return this.#end(ticket, 'abort');
  }

  async #end({ name, number, token }: TicketKey, how: 'commit' | 'abort'): Promise<void> {
    checkName(name);
    const keys = [namesKey, holesKey(name), expiryKey(name)];
    const reply = await this.#scripts.run(endScript, keys, [name, number, token, how]);
    const [first, reason = null] = readList(reply, how);
    if (first !== 'lost') {
      outcome(reply, name, 'gapless', 0n);
      return;
    }
    throw ticketLost({ name, number, token }, readText(reason, how));
  }

  async holes(name: string): Promise<Hole[]> {
    checkName(name);
    const reply = await this.#scripts.run(holesScript, [namesKey, holesKey(name)], [name]);
    const [time = null, ...flat] = outcome(reply, name, 'gapless', 0n);
    const now = readNumber(time, 'now');
    const holes: Hole[] = [];
    for (let at = 0; at + 1 < flat.length; at += 2) {
      holes.push(readHole(readBigint(flat[at] ?? null, 'number'), readText(flat[at + 1] ?? null, 'hole'), now));
    }
    return holes.sort((a, b) => (a.number < b.number ? -1 : 1));
  }

  /** Names beyond the first are read in one round trip each kind; another client may take numbers in between. */
  async list(): Promise<TicketSummary[]> {
    const flat = readList(await this.#scripts.send(['HGETALL', namesKey]), 'names').map((item) =>
      readText(item, 'name'),
    );
    const names: { name: string; kind: TicketSummary['kind'] }[] = [];
    for (let at = 0; at + 1 < flat.length; at += 2) {
      names.push({ name: flat[at] ?? '', kind: flat[at + 1] === 'gapless' ? 'gapless' : 'block' });
    }
    const summaries = await Promise.all(names.map(({ name, kind }) => this.#summary(name, kind)));
    return summaries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  async #summary(name: string, kind: TicketSummary['kind']): Promise<TicketSummary> {
    const [last, holes] = await Promise.all([
      this.#scripts.send(['GET', kind === 'block' ? ticketKey(name) : gaplessKey(name)]),
      kind === 'block' ? 0 : this.#scripts.send(['HLEN', holesKey(name)]),
    ]);
    return { name, kind, last: readBigint(last ?? '0', 'last'), holes: readNumber(holes, 'holes') };
  }
}

/** A script's values when it says ok; its refusals as errors. */
function outcome(reply: WireReply, name: string, wanted: TicketSummary['kind'], count: bigint): readonly WireReply[] {
  const [first, ...values] = readList(reply, 'script');
  if (first === 'ok') return values;
  if (first === 'kind') checkKind({ kind: wanted === 'block' ? 'gapless' : 'block', last: 0n }, name, wanted);
  if (first !== 'exhausted') throw unexpected(`sequence ${name}`, reply);
  throw ticketExhausted(name, readBigint(values[0] ?? null, 'last'), count);
}

/** `token expires_at holder`; expires_at is 0 once aborted. */
function readHole(number: bigint, packed: string, now: number): Hole {
  const [, token, expires, holder] = /^(\d+) (\d+) (.*)$/s.exec(packed) ?? [];
  if (token === undefined || holder === undefined) throw unexpected(`hole ${number}`, packed);
  const expiresAt = Number(expires);
  return { number, token: BigInt(token), holder, expiresAt, state: expiresAt <= now ? 'abandoned' : 'reserved' };
}
