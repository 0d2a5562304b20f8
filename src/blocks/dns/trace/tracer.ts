/**
 * Follows delegations from the root to an answer, as a resolver without a cache does (RFC 1034, section 5.3.3):
 *
 *     lookup ──▶ zone: the nearest one known ──▶ its servers, one after another
 *                  ▲                                │ no address is known ──▶ lookup of the server's name, one deeper
 *                  │                                │ lame, silent ─────────▶ the next one
 *                  └──────────── referral ──────────┤
 *     lookup ◀───────────────── alias ──────────────┤
 *                                                   └ answer, nodata, nxdomain ──▶ end
 *
 * It ends: a referral leads to a zone nearer to the name or is none (see judge.ts), aliases are counted, a server's name that
 * is being looked up is not looked up once more, and all queries together are counted.
 */
import type { Clock } from '../../../platform/clock.js';
import { DsError } from '../../../platform/errors.js';
import type { Exchange } from '../client/exchange.js';
import { Name } from '../name.js';
import { sayName } from '../output/outcome.js';
import type { Question, ResourceRecord } from '../record.js';
import { RRClass, RRType } from '../wire.js';
import { judge, type Verdict } from './judge.js';
import { type NamedServer, type Place, placesOf } from './servers.js';
import type { Answered, QueryStep, Trace, TraceEnd, TraceStep, ZoneReason } from './steps.js';

export interface TracerParts {
  readonly roots: readonly NamedServer[];
  /** Of servers that referrals name. */
  readonly port: number;
  readonly clock: Clock;
  /** Only servers with addresses of this family. */
  readonly family?: 4 | 6;
  /** Errors of kind `peer` are part of the trace; all others end it. */
  ask(place: Place, question: Question): Promise<Asking>;
  /** Told of each step when it is known. */
  readonly onStep?: (step: TraceStep) => void;
  /** Told before a server is asked. */
  readonly onAsk?: (server: Name | undefined, place: Place, question: Question) => void;
}

interface Asking {
  readonly exchange: Exchange;
  readonly again: readonly string[];
}

/** Queries of one trace; a name that needs more is made to waste them. */
const MOST_QUERIES = 100;
/** Aliases from one name to the next. BIND follows 16, unbound 11. */
const MOST_ALIASES = 16;
/** Servers whose addresses have to be looked up to look up a server's address. */
const DEEPEST = 8;

interface Zone {
  readonly name: Name;
  readonly servers: readonly NamedServer[];
  /** Number of the query that told of it. */
  readonly told: number | undefined;
}

interface Failure {
  readonly failure: string;
}

const TOO_MANY: Failure = { failure: `more than ${MOST_QUERIES} queries would be needed` };

/** What a server that is not lame has said. */
interface Judged {
  readonly said: Exclude<Verdict, { kind: 'lame' }>;
  readonly exchange: Exchange;
  readonly number: number;
}

interface Ended {
  readonly said: Exclude<Judged['said'], { kind: 'referral' }>;
  readonly exchange: Exchange;
}

/** The end of one lookup. */
interface Found {
  readonly aliases: readonly ResourceRecord[];
  readonly end: TraceEnd;
}

export class Tracer {
  readonly #parts: TracerParts;
  readonly #steps: TraceStep[] = [];
  readonly #zones = new Map<string, Zone>();
  /** What was found out of servers without glue. */
  readonly #places = new Map<string, readonly Place[]>();
  /** Servers' names that are being looked up. */
  readonly #lookingUp = new Set<string>();
  /** `zone address` of those that were lame or silent: asked last. */
  readonly #bad = new Set<string>();
  #queries = 0;

  constructor(parts: TracerParts) {
    this.#parts = parts;
    this.#zones.set(Name.root.key, { name: Name.root, servers: parts.roots, told: undefined });
  }

  async trace(question: Question): Promise<Trace> {
    const { clock } = this.#parts;
    const begun = clock.monotonic();
    const { aliases, end } = await this.#lookup(question, 0);
    const elapsedMs = clock.monotonic() - begun;
    return { question, steps: this.#steps, aliases, end, queries: this.#queries, elapsedMs };
  }

  async #lookup(asked: Question, depth: number): Promise<Found> {
    const aliases: ResourceRecord[] = [];
    const seen = new Set<string>();
    let question = asked;
    this.#step({ kind: 'lookup', depth, question, why: depth === 0 ? 'asked' : 'address' });
    for (;;) {
      seen.add(question.name.key);
      const verdict = await this.#descend(question, depth);
      if ('failure' in verdict) return failed(aliases, verdict.failure);
      aliases.push(...verdict.said.aliases);
      if (verdict.said.kind !== 'alias') return { aliases, end: endOf(verdict.said, verdict.exchange) };
      const { target } = verdict.said;
      if (seen.has(target.key)) return failed(aliases, `the aliases lead in a circle, back to ${target}`);
      if (aliases.length >= MOST_ALIASES) return failed(aliases, `there are more than ${MOST_ALIASES} aliases`);
      question = { ...question, name: target };
      this.#step({ kind: 'lookup', depth, question, why: 'alias' });
    }
  }

  /** From the nearest zone that is known down to one that answers. */
  async #descend(question: Question, depth: number): Promise<Ended | Failure> {
    // Whether a zone is signed is said by the one above (RFC 4035, section 3.1.4.1).
    let zone = this.#nearestZone(question.type === RRType.DS ? question.name.parent() : question.name);
    let why: ZoneReason = zone.told === undefined ? 'hints' : 'known';
    for (;;) {
      const { name, servers, told } = zone;
      this.#step({ kind: 'zone', depth, zone: name, why, told, servers });
      const ended = await this.#askServers(zone, question, depth);
      if ('failure' in ended) return ended;
      const { said, exchange, number } = ended;
      if (said.kind !== 'referral') return { said, exchange };
      zone = { name: said.zone, servers: said.servers, told: number };
      why = 'referral';
      this.#zones.set(zone.name.key, zone);
    }
  }

  #nearestZone(name: Name): Zone {
    for (let at = name; ; at = at.parent()) {
      const zone = this.#zones.get(at.key);
      if (zone !== undefined) return zone;
    }
  }

  /** The first that is of use: those whose addresses are known first, then the others. */
  async #askServers(zone: Zone, question: Question, depth: number): Promise<Judged | Failure> {
    for (const { server, place } of this.#knownPlaces(zone)) {
      const ended = await this.#ask(zone, server, place, question, depth);
      if (ended !== undefined) return ended;
    }
    for (const { name, places } of zone.servers) {
      if (name === undefined || places.length > 0 || this.#places.has(name.key)) continue;
      for (const place of await this.#lookUp(name, depth)) {
        const ended = await this.#ask(zone, name, place, question, depth);
        if (ended !== undefined) return ended;
      }
    }
    if (this.#queries >= MOST_QUERIES) return TOO_MANY;
    return { failure: `no server of ${sayName(zone.name)} gave an answer for ${sayName(question.name)}` };
  }

  /** IPv4 before IPv6, which not every network has; what has failed before last. */
  #knownPlaces(zone: Zone): { server: Name | undefined; place: Place }[] {
    const all = zone.servers.flatMap((server) =>
      this.#placesOf(server).map((place) => ({ server: server.name, place })),
    );
    const rank = ({ place }: { place: Place }) =>
      (this.#bad.has(badKey(zone.name, place)) ? 2 : 0) + (isIpv6(place) ? 1 : 0);
    return all.sort((a, b) => rank(a) - rank(b));
  }

  #placesOf({ name, places }: NamedServer): readonly Place[] {
    return this.#usable(places.length > 0 || name === undefined ? places : (this.#places.get(name.key) ?? []));
  }

  #usable(places: readonly Place[]): readonly Place[] {
    const { family } = this.#parts;
    return places.filter((place) => family === undefined || isIpv6(place) === (family === 6));
  }

  async #ask(
    zone: Zone,
    server: Name | undefined,
    place: Place,
    question: Question,
    depth: number,
  ): Promise<Judged | Failure | undefined> {
    if (this.#queries >= MOST_QUERIES) return TOO_MANY;
    const { clock, port } = this.#parts;
    const number = ++this.#queries;
    this.#parts.onAsk?.(server, place, question);
    const begun = clock.monotonic();
    const outcome = await this.#outcomeOf(place, question, zone.name, port);
    const elapsedMs = clock.monotonic() - begun;
    const step: QueryStep = {
      ...{ kind: 'query', depth, number, question, zone: zone.name, server, place, elapsedMs, outcome },
    };
    this.#step(step);
    if (outcome.kind === 'answered' && outcome.verdict.kind !== 'lame') {
      return { said: outcome.verdict, exchange: outcome.exchange, number };
    }
    this.#bad.add(badKey(zone.name, place));
    return undefined;
  }

  async #outcomeOf(place: Place, question: Question, zone: Name, port: number): Promise<QueryStep['outcome']> {
    try {
      const { exchange, again } = await this.#parts.ask(place, question);
      const verdict = judge(exchange.response, { question, zone, port });
      return { kind: 'answered', exchange, again, verdict } satisfies Answered;
    } catch (error) {
      if (!(error instanceof DsError) || error.kind !== 'peer') throw error;
      return { kind: 'unanswered', error };
    }
  }

  /** The addresses of a server for which there was no glue. */
  async #lookUp(name: Name, depth: number): Promise<readonly Place[]> {
    if (this.#queries >= MOST_QUERIES) return [];
    const why = this.#lookingUp.has(name.key)
      ? 'its address is being looked up already: it can only be asked of itself'
      : depth >= DEEPEST
        ? `looking up its address would be the ${DEEPEST + 1}th look-up within another one`
        : undefined;
    if (why !== undefined) {
      this.#step({ kind: 'skipped', depth, server: name, why });
      return [];
    }
    this.#lookingUp.add(name.key);
    const places = await this.#lookUpTypes(name, depth + 1);
    this.#lookingUp.delete(name.key);
    this.#places.set(name.key, places);
    if (places.length === 0) this.#step({ kind: 'skipped', depth, server: name, why: 'its address was not found' });
    return places;
  }

  async #lookUpTypes(name: Name, depth: number): Promise<readonly Place[]> {
    const { family, port } = this.#parts;
    const types = family === undefined ? [RRType.A, RRType.AAAA] : [family === 4 ? RRType.A : RRType.AAAA];
    for (const type of types) {
      const { end } = await this.#lookup({ name, type, class: RRClass.IN }, depth);
      if (end.kind !== 'answer') continue;
      const owner = end.records[0]?.name ?? name;
      const places = placesOf(owner, end.records, port);
      if (places.length > 0) return places;
    }
    return [];
  }

  #step(step: TraceStep): void {
    this.#steps.push(step);
    this.#parts.onStep?.(step);
  }
}

function failed(aliases: readonly ResourceRecord[], why: string): Found {
  return { aliases, end: { kind: 'failed', why } };
}

function endOf(said: Exclude<Ended['said'], { kind: 'alias' }>, exchange: Exchange): TraceEnd {
  if (said.kind === 'answer') return { kind: 'answer', records: said.records, exchange };
  return { kind: said.kind, name: said.name, exchange };
}

function isIpv6({ address }: Place): boolean {
  return address.includes(':');
}

function badKey(zone: Name, { address, port }: Place): string {
  return `${zone.key} ${address} ${port}`;
}
