/**
 * What lies at and below a cut, where the zone does not answer:
 *
 *     sub      NS   ns.sub        a delegation: the name itself keeps NS and DS; A and AAAA at or below it are glue when some
 *     ns.sub   A    192.0.2.1     NS record of the zone leads to them; all else is occluded
 *
 *     old      DNAME  new         a redirection: whatever is below it is never found
 */
import type { Name } from '../../name.js';
import { nameAt } from '../../rdata/index.js';
import { RRType, typeName } from '../../wire/mnemonics.js';
import type { Tell } from './findings.js';
import type { Owner } from './owner.js';

interface Cut {
  readonly owner: Name;
  readonly isDelegation: boolean;
  /** Keys of names that its NS records lead to. */
  readonly servers: ReadonlySet<string>;
}

/** Types with a meaning at the cut itself (RFC 4035, section 2.2 to 2.4). */
const AT_DELEGATION: ReadonlySet<number> = new Set([RRType.NS, RRType.DS, RRType.RRSIG, RRType.NSEC]);
const ADDRESSES: ReadonlySet<number> = new Set([RRType.A, RRType.AAAA]);

export class Cuts {
  readonly #origin: Name;
  readonly #tell: Tell;
  #cut: Cut | undefined;
  /** Names of this zone that NS records lead to beside their own delegation: what is glue for them. */
  readonly #elsewhere = new Set<string>();
  /** Addresses below a delegation that it has no use for. */
  #unused: { readonly name: Name; readonly cut: Name }[] = [];

  constructor(origin: Name, tell: Tell) {
    this.#origin = origin;
    this.#tell = tell;
  }

  /** To be called for all owners, in canonical order. Whether the name is below a cut. */
  isBelow(owner: Owner): boolean {
    const { name } = owner;
    if (this.#cut !== undefined && !name.isWithin(this.#cut.owner)) this.#cut = undefined;
    if (this.#cut !== undefined) {
      this.#checkBelow(owner, this.#cut);
      return true;
    }
    this.#cut = this.#cutAt(owner);
    return false;
  }

  /** After the last owner. */
  finish(): void {
    for (const { name, cut } of this.#unused) {
      if (this.#elsewhere.has(name.key)) continue;
      this.#tell('occluded', name, `${name} has an address below the delegation of ${cut} that no NS record needs`);
    }
    this.#unused = [];
  }

  #cutAt({ name, data }: Owner): Cut | undefined {
    const isDelegation = data.has(RRType.NS) && !name.equals(this.#origin);
    if (!isDelegation) {
      if (data.has(RRType.DS) && !name.equals(this.#origin)) {
        this.#tell('ds_without_delegation', name, `${name} has a DS record, and no NS record to go with it`);
      }
      this.#noteServers(data, undefined);
      return data.has(RRType.DNAME) ? { owner: name, isDelegation, servers: new Set() } : undefined;
    }
    const servers = this.#noteServers(data, name);
    const useless = [...data.keys()].filter((type) => {
      return !AT_DELEGATION.has(type) && !(ADDRESSES.has(type) && servers.has(name.key)) && type !== RRType.DNAME;
    });
    if (useless.length > 0) {
      this.#tell(
        'occluded',
        name,
        `${name} is delegated: its ${useless.map(typeName).join(', ')} records are never answered`,
      );
    }
    return { owner: name, isDelegation, servers };
  }

  /** Keys of the names that NS records lead to. */
  #noteServers(data: Owner['data'], delegation: Name | undefined): ReadonlySet<string> {
    const targets = (data.get(RRType.NS) ?? []).map((rdata) => nameAt(rdata, 0));
    for (const target of targets) {
      const isOwn = delegation !== undefined && target.isWithin(delegation);
      if (!isOwn && target.isWithin(this.#origin)) this.#elsewhere.add(target.key);
    }
    return new Set(targets.map(({ key }) => key));
  }

  #checkBelow({ name, data }: Owner, { owner, isDelegation, servers }: Cut): void {
    const types = [...data.keys()];
    if (!isDelegation) {
      this.#tell('below_dname', name, `${name} has records below the DNAME of ${owner}, where none can be`);
      return;
    }
    const others = types.filter((type) => !ADDRESSES.has(type));
    if (others.length > 0) {
      const what = others.map(typeName).join(', ');
      this.#tell(
        'occluded',
        name,
        `${name} is below the delegation of ${owner}: its ${what} records are never answered`,
      );
    } else if (!servers.has(name.key)) this.#unused.push({ name, cut: owner });
  }
}
