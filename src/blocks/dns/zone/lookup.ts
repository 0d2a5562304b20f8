/**
 * The authoritative answer to one question (RFC 1034, section 4.3.2, as RFC 2308, 4592, 6672 and 8482 amend it):
 *
 *     name ──▶ zone ──▶ place ──┬─ node: records ─▶ answer    ┐
 *      ▲                        │        none ────▶ no data   │ done, addresses are added
 *      │                        ├─ cut ───────────▶ referral  │
 *      │                        ├─ nowhere ───────▶ no name   ┘
 *      └─── target ◀────────────┴─ CNAME, DNAME                 at most 16 times, through all zones here
 */
import type { Name } from '../name.js';
import { nameAt } from '../rdata/index.js';
import type { Question, RRset } from '../record.js';
import { Rcode, RRClass, RRType } from '../wire/mnemonics.js';
import { additionalsFor, glueFor } from './additional.js';
import { oneForAny } from './any.js';
import { negativeSoa } from './negative.js';
import { placeOf, setOf } from './place.js';
import { type LookupStep, steps } from './steps.js';
import type { ZoneData, ZoneSet } from './zone-data.js';

/** Aliases in a row that are followed; of a longer chain the first 16 are the answer, and who asks goes on from there. */
const MOST_ALIASES = 16;

export interface LookupResult {
  /** Origin of the zone that was asked first. */
  readonly zone: Name;
  readonly rcode: number;
  /** AA: of the first owner in the answer (RFC 1035, section 4.1.1). */
  readonly authoritative: boolean;
  readonly answers: readonly RRset[];
  readonly authorities: readonly RRset[];
  readonly additionals: readonly RRset[];
  /** An alias led out of the zones served here; a recursing server goes on there. */
  readonly continuesAt?: Name;
  /** Why, in order. */
  readonly steps: readonly LookupStep[];
  /** `select` changed something: the answer holds for now only. */
  readonly dynamic: boolean;
}

export interface LookupOptions {
  /**
   * Called for each RRset that goes into the answer or is an address beside it; may put another one in its place and say
   * why. It must leave at least one record.
   */
  readonly select?: (set: RRset) => { readonly set: RRset; readonly why: string } | undefined;
}

/** Undefined: the name is in no zone here, or not of class IN. */
export function lookup(zones: ZoneSet, question: Question, options: LookupOptions = {}): LookupResult | undefined {
  if (question.class !== RRClass.IN) return undefined;
  const zone = zoneFor(zones, question.name, question.type);
  return zone === undefined ? undefined : new Lookup(zones, question.type, options).run(zone, question.name);
}

/**
 * DS stands on the parent's side of a cut (RFC 4035, section 3.1.4.1): the parent is asked where it is served here, too, else
 * the child says that it has none.
 */
function zoneFor(zones: ZoneSet, name: Name, type: number): ZoneData | undefined {
  const zone = zones.find(name);
  if (type !== RRType.DS || name.isRoot || zone === undefined || !zone.origin.equals(name)) return zone;
  return zones.find(name.parent()) ?? zone;
}

class Lookup {
  readonly #zones: ZoneSet;
  readonly #type: number;
  readonly #options: LookupOptions;
  readonly #answers: RRset[] = [];
  readonly #authorities: RRset[] = [];
  readonly #beside: RRset[] = [];
  readonly #steps: LookupStep[] = [];
  #rcode: number = Rcode.NOERROR;
  #authoritative = true;
  #continuesAt: Name | undefined;
  #dynamic = false;

  constructor(zones: ZoneSet, type: number, options: LookupOptions) {
    this.#zones = zones;
    this.#type = type;
    this.#options = options;
  }

  run(zone: ZoneData, question: Name): LookupResult {
    this.#steps.push(steps.zone(zone.origin));
    const target = this.#ask(zone, question);
    if (target !== undefined) this.#follow(zone, question, target);
    const additionals = this.#additionals();
    return {
      zone: zone.origin,
      rcode: this.#rcode,
      authoritative: this.#authoritative,
      answers: this.#answers,
      authorities: this.#authorities,
      additionals,
      ...(this.#continuesAt === undefined ? {} : { continuesAt: this.#continuesAt }),
      steps: this.#steps,
      dynamic: this.#dynamic,
    };
  }

  /** The chain of aliases from its first target on. */
  #follow(zone: ZoneData, question: Name, target: Name): void {
    const seen = new Set([question.key]);
    let asked = zone;
    for (let name: Name | undefined = target; name !== undefined; name = this.#ask(asked, name)) {
      if (seen.has(name.key)) return void this.#steps.push(steps.loop(name));
      if (seen.size >= MOST_ALIASES) return void this.#steps.push(steps.tooMany(name, MOST_ALIASES));
      seen.add(name.key);
      const next = zoneFor(this.#zones, name, this.#type);
      if (next === undefined) {
        this.#continuesAt = name;
        this.#steps.push(steps.outside(name));
        return;
      }
      if (!next.origin.equals(asked.origin)) this.#steps.push(steps.zone(next.origin));
      asked = next;
    }
  }

  /** The target, when the name is an alias. */
  #ask(zone: ZoneData, name: Name): Name | undefined {
    const place = placeOf(zone, name);
    if (place.at === 'dname') return this.#dname(place.dname, name);
    if (place.at === 'nowhere') return this.#noName(zone, name, place.encloser);
    if (place.at === 'node') return this.#node(zone, name, place.sets, place.wildcard);
    if (this.#type !== RRType.DS || !place.servers.name.equals(name)) return this.#referral(zone, place.servers);
    this.#steps.push(steps.parentSide(name));
    return this.#node(zone, name, place.sets);
  }

  #node(zone: ZoneData, name: Name, sets: readonly RRset[], wildcard?: Name): Name | undefined {
    if (wildcard !== undefined) this.#steps.push(steps.wildcard(wildcard, name));
    const own = (set: RRset): RRset => (wildcard === undefined ? set : { ...set, name });
    const found = this.#matching(sets, name);
    for (const set of found) this.#answer(zone, own(set));
    if (found.length > 0) return undefined;
    const cname = setOf(sets, RRType.CNAME);
    const rdata = cname?.rdatas[0];
    if (cname === undefined || rdata === undefined) return this.#noData(zone, wildcard ?? name, sets);
    const target = nameAt(rdata, 0);
    this.#steps.push(steps.alias(name, target));
    this.#answers.push(own(cname));
    return target;
  }

  #matching(sets: readonly RRset[], name: Name): readonly RRset[] {
    if (this.#type !== RRType.ANY) return sets.filter(({ type }) => type === this.#type);
    const one = oneForAny(sets);
    if (one === undefined) return [];
    this.#steps.push(steps.any(name, one.type));
    return [one];
  }

  #answer(zone: ZoneData, set: RRset): void {
    this.#steps.push(steps.found(set.name, set.type, set.rdatas.length));
    if (set.type === RRType.DNAME && this.#hasDname(set.name)) return;
    const chosen = this.#selected(set);
    this.#answers.push(chosen);
    // Who asks for ANY is not to get more than was asked for.
    if (this.#type !== RRType.ANY) this.#beside.push(...additionalsFor(zone, chosen));
  }

  #selected(set: RRset): RRset {
    const choice = this.#options.select?.(set);
    if (choice === undefined) return set;
    this.#dynamic = true;
    this.#steps.push(steps.selected(set.name, choice.why));
    return choice.set;
  }

  /** The CNAME has the DNAME's TTL (RFC 6672, section 3.1). */
  #dname(dname: RRset, name: Name): Name | undefined {
    const { name: owner, class: rrClass, ttl } = dname;
    const rdata = dname.rdatas[0];
    const target = rdata === undefined ? undefined : name.substitute(owner, nameAt(rdata, 0));
    if (!this.#hasDname(owner)) this.#answers.push(dname);
    if (target === undefined) {
      this.#rcode = Rcode.YXDOMAIN;
      this.#steps.push(steps.tooLong(owner, name));
      return undefined;
    }
    this.#answers.push({ name, type: RRType.CNAME, class: rrClass, ttl, rdatas: [target.wire] });
    this.#steps.push(steps.dname(owner, name, target));
    // The CNAME is what was asked for (RFC 1034, section 4.3.2, step 3a).
    return this.#type === RRType.CNAME || this.#type === RRType.ANY ? undefined : target;
  }

  /** A chain may come by the same DNAME several times. */
  #hasDname(owner: Name): boolean {
    return this.#answers.some(({ name, type }) => type === RRType.DNAME && name.equals(owner));
  }

  #referral(zone: ZoneData, servers: RRset): undefined {
    if (this.#answers.length === 0) this.#authoritative = false;
    this.#authorities.push(servers);
    this.#beside.push(...glueFor(zone, servers));
    this.#steps.push(steps.delegated(servers.name));
  }

  #noData(zone: ZoneData, name: Name, sets: readonly RRset[]): undefined {
    const others = sets.map(({ type }) => type);
    this.#steps.push(others.length === 0 ? steps.emptyNonTerminal(name) : steps.noData(name, this.#type, others));
    this.#negative(zone);
  }

  #noName(zone: ZoneData, name: Name, encloser: Name): undefined {
    this.#rcode = Rcode.NXDOMAIN;
    this.#steps.push(steps.noName(name, encloser));
    this.#negative(zone);
  }

  #negative(zone: ZoneData): void {
    const soa = negativeSoa(zone);
    if (soa !== undefined) this.#authorities.push(soa);
  }

  /** Each set once, and none that the answer has already. */
  #additionals(): RRset[] {
    if (this.#beside.length === 0) return [];
    const idOf = ({ name, type }: RRset) => `${type} ${name.key}`;
    const there = new Set(this.#answers.map(idOf));
    const additionals: RRset[] = [];
    for (const set of this.#beside) {
      const id = idOf(set);
      if (there.has(id)) continue;
      there.add(id);
      additionals.push(this.#selected(set));
    }
    return additionals;
  }
}
