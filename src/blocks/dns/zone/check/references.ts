/** Where records of a zone lead, as far as the zone itself knows: name servers, mail exchangers, services, aliases. */
import type { Name } from '../../name.js';
import { nameAt } from '../../rdata/index.js';
import type { RRset } from '../../record.js';
import { RRType, typeName } from '../../wire/mnemonics.js';
import { placeOf, setOf } from '../place.js';
import type { ZoneData } from '../zone-data.js';
import type { FindingCode, Tell } from './findings.js';
import { addressBefore, isHostName, OriginTwice } from './host-names.js';
import type { Owner } from './owner.js';

/** What a name in data turns out to be. */
type Target =
  | 'not of this zone'
  | 'addressed'
  | 'alias'
  | 'without address'
  | 'missing'
  /** Delegated, and without an address here. */
  | { readonly cut: Name };

/** Octets in front of the name in the data. */
const TARGETS: ReadonlyMap<number, number> = new Map([
  [RRType.NS, 0],
  [RRType.MX, 2],
  [RRType.SRV, 6],
]);

/** Targets that are remembered: many records lead to the same few. */
const REMEMBERED = 4_096;
/** Names above targets whose records are kept: the origin first of all, else each target costs a read more. */
const ANCESTORS = 256;
/** CNAME records that are followed: chains beyond are no loop that begins here. */
const LONGEST_CHAIN = 16;

export class References {
  readonly #zone: ZoneData;
  readonly #tell: Tell;
  readonly #originTwice: OriginTwice;
  readonly #remembered = new Map<string, Target>();
  readonly #ancestors = new Map<string, readonly RRset[]>();

  constructor(zone: ZoneData, tell: Tell) {
    this.#zone = zone;
    this.#tell = tell;
    this.#originTwice = new OriginTwice(zone.origin);
  }

  /** Of a name that is not below a cut. */
  check({ name, data }: Owner): void {
    if (this.#originTwice.matches(name)) {
      this.#tell('origin_twice', name, `${name} ends in the origin twice: is a dot missing at its end?`);
    }
    for (const [type, skipped] of TARGETS) {
      for (const rdata of data.get(type) ?? []) this.#checkTarget(name, type, nameAt(rdata, skipped));
    }
    for (const rdata of data.get(RRType.CNAME) ?? []) this.#checkAlias(name, nameAt(rdata, 0));
  }

  #checkTarget(name: Name, type: number, target: Name): void {
    // "." is no target at all (RFC 7505, RFC 2782).
    if (target.isRoot) return;
    const what = `${name} ${typeName(type)} leads to ${target}`;
    const address = addressBefore(this.#zone.origin, target);
    if (address !== undefined) {
      this.#tell('target_is_address', name, `${what}: it takes the name of a host, not the address ${address}`);
    } else if (!isHostName(target)) {
      this.#tell('no_host_name', name, `${what}, which is no host name: letters, digits and hyphens`);
    }
    const found = this.#find(target);
    if (typeof found === 'object') this.#checkGlue(name, type, target, found.cut);
    else this.#tellOf(found, name, what, target);
  }

  #tellOf(found: Exclude<Target, object>, name: Name, what: string, target: Name): void {
    const told: Partial<Record<typeof found, readonly [FindingCode, string]>> = {
      alias: ['target_is_alias', 'which is an alias (RFC 2181, section 10.3)'],
      'without address': ['target_without_address', 'which has no address'],
      missing: ['target_without_address', `which does not exist${this.#originTwice.hint(target)}`],
    };
    const [code, message] = told[found] ?? [];
    if (code !== undefined) this.#tell(code, name, `${what}, ${message}`);
  }

  /** Only name servers need addresses from this zone when they are in a delegated one (RFC 1034, section 4.2.1). */
  #checkGlue(name: Name, type: number, target: Name, cut: Name): void {
    if (type !== RRType.NS) return;
    const where = cut.equals(name) ? 'the delegated zone itself' : `the zone ${cut}, delegated, too`;
    this.#tell('glue_missing', name, `${name} NS leads to ${target} in ${where}, and no address is here as glue`);
  }

  #checkAlias(name: Name, target: Name): void {
    const found = this.#find(target);
    if (found === 'alias' && this.#leadsBack(name, target)) {
      this.#tell('cname_loop', name, `${name} CNAME leads to ${target}, and from there back`);
    } else if (found === 'missing') {
      const hint = this.#originTwice.hint(target);
      this.#tell('cname_target_missing', name, `${name} CNAME leads to ${target}, which does not exist${hint}`);
    }
  }

  #leadsBack(name: Name, target: Name): boolean {
    let at = target;
    for (let step = 0; step < LONGEST_CHAIN && at.isWithin(this.#zone.origin); step++) {
      if (at.equals(name)) return true;
      const next = setOf(this.#zone.node(at), RRType.CNAME)?.rdatas[0];
      if (next === undefined) return false;
      at = nameAt(next, 0);
    }
    return false;
  }

  #find(target: Name): Target {
    if (!target.isWithin(this.#zone.origin)) return 'not of this zone';
    const remembered = this.#remembered.get(target.key);
    if (remembered !== undefined) return remembered;
    const found = this.#look(target);
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(target.key, found);
    return found;
  }

  #look(target: Name): Target {
    const { origin } = this.#zone;
    const closestEncloser = (name: Name) => this.#zone.closestEncloser(name);
    const node = (name: Name) => {
      return name.labelCount < target.labelCount ? this.#ancestor(name) : this.#zone.node(name);
    };
    const place = placeOf({ origin, node, closestEncloser }, target);
    if (place.at === 'nowhere') return 'missing';
    if (place.at === 'dname') return 'alias';
    if (place.at === 'cut') {
      const glue = this.#zone.node(target);
      return hasAddress(glue) ? 'addressed' : { cut: place.servers.name };
    }
    if (hasAddress(place.sets)) return 'addressed';
    return setOf(place.sets, RRType.CNAME) === undefined ? 'without address' : 'alias';
  }

  #ancestor(name: Name): readonly RRset[] {
    const known = this.#ancestors.get(name.key);
    if (known !== undefined) return known;
    const sets = this.#zone.node(name);
    if (this.#ancestors.size >= ANCESTORS) this.#ancestors.clear();
    this.#ancestors.set(name.key, sets);
    return sets;
  }
}

function hasAddress(sets: readonly { readonly type: number }[]): boolean {
  return sets.some(({ type }) => type === RRType.A || type === RRType.AAAA);
}
