/**
 * Which records of an answer follow from its question:
 *
 *     www.shop.test. A ?   www.shop.test.  CNAME web.shop.test.   follows: the question's name
 *                          web.shop.test.  A     192.0.2.7        follows: the alias leads there
 *                          bank.test.      A     203.0.113.66     does not: left out, whoever sent it
 *
 * A DNAME makes aliases of all names below it (RFC 6672). The alias itself is made here, and the server's must say the same.
 */
import type { Name } from '../name.js';
import { nameAt } from '../rdata/index.js';
import type { Question, ResourceRecord } from '../record.js';
import { RRType } from '../wire/mnemonics.js';
import { readUint16 } from '../wire/octets.js';

/** Aliases that are followed; BIND has the same bound. */
const MOST_LINKS = 16;

export interface Chain {
  /** What follows, in order. Signatures among it only when they were asked for. */
  readonly records: readonly ResourceRecord[];
  /** The question's name, and the one that each alias leads to. */
  readonly names: readonly Name[];
  /** The last of them: what the answer is about. */
  readonly end: Name;
  /** Whether records of the type that was asked for stand there. */
  readonly found: boolean;
  /** A DNAME would make a name of more than 255 octets (YXDOMAIN; RFC 6672, section 2.2). */
  readonly tooLong: boolean;
}

/** A text says why the answer cannot be used. */
export function followChain(question: Question, answers: readonly ResourceRecord[], dnssecOk: boolean): Chain | string {
  return new Follower(question, answers, dnssecOk).follow();
}

class Follower {
  readonly #question: Question;
  readonly #signed: boolean;
  readonly #byName = new Map<string, ResourceRecord[]>();
  readonly #hasDname: boolean;
  readonly #records: ResourceRecord[] = [];
  readonly #names: Name[] = [];

  constructor(question: Question, answers: readonly ResourceRecord[], dnssecOk: boolean) {
    this.#question = question;
    this.#signed = dnssecOk || question.type === RRType.RRSIG || question.type === RRType.ANY;
    for (const record of answers) {
      if (record.class !== question.class) continue;
      const { key } = record.name;
      const there = this.#byName.get(key);
      if (there === undefined) this.#byName.set(key, [record]);
      else there.push(record);
    }
    this.#hasDname = answers.some(({ type }) => type === RRType.DNAME);
  }

  follow(): Chain | string {
    let { name } = this.#question;
    for (let links = 0; ; links++) {
      if (this.#names.some((earlier) => earlier.equals(name))) return `its aliases lead back to ${name}`;
      if (links > MOST_LINKS) return `its chain of aliases is longer than ${MOST_LINKS}`;
      this.#names.push(name);
      const dname = this.#hasDname ? this.#dnameAbove(name) : undefined;
      const next = dname === undefined ? this.#stepByCname(name) : this.#stepByDname(name, dname);
      if (typeof next === 'string') return next;
      if (!('next' in next)) return this.#chain(name, next.found, next.tooLong ?? false);
      name = next.next;
    }
  }

  #chain(end: Name, found: boolean, tooLong: boolean): Chain {
    return { records: this.#records, names: this.#names, end, found, tooLong };
  }

  #stepByCname(name: Name): Step | string {
    const { type } = this.#question;
    const there = this.#byName.get(name.key) ?? [];
    const asked = there.filter((record) => type === RRType.ANY || record.type === type);
    if (asked.length > 0) {
      this.#take(asked);
      if (type !== RRType.ANY && type !== RRType.RRSIG) this.#takeSignatures(there, type);
      return { found: true };
    }
    const target = this.#onlyTarget(there, RRType.CNAME);
    if (target === 'many') return `${name} is an alias of two names`;
    if (target === undefined) return { found: false };
    this.#take(there.filter((record) => record.type === RRType.CNAME));
    this.#takeSignatures(there, RRType.CNAME);
    return { next: target };
  }

  #stepByDname(name: Name, owner: Name): Step | string {
    const there = this.#byName.get(owner.key) ?? [];
    const target = this.#onlyTarget(there, RRType.DNAME);
    if (target === 'many' || target === undefined) return `${owner} has two DNAMEs`;
    const dnames = there.filter((record) => record.type === RRType.DNAME);
    this.#take(dnames);
    this.#takeSignatures(there, RRType.DNAME);
    const next = name.substitute(owner, target);
    if (next === undefined) return { found: false, tooLong: true };
    const told = this.#onlyTarget(this.#byName.get(name.key) ?? [], RRType.CNAME);
    if (told !== undefined && (told === 'many' || !told.equals(next))) {
      return `the alias of ${name} does not follow from the DNAME at ${owner}`;
    }
    // RFC 6672, section 3.1: the TTL is that of the DNAME.
    const ttl = Math.min(...dnames.map((record) => record.ttl));
    this.#take([{ name, type: RRType.CNAME, class: this.#question.class, ttl, rdata: next.wire }]);
    return { next };
  }

  /** The nearest owner of a DNAME above the name. */
  #dnameAbove(name: Name): Name | undefined {
    for (let count = 1; count <= name.labelCount; count++) {
      const ancestor = name.parent(count);
      if (this.#byName.get(ancestor.key)?.some(({ type }) => type === RRType.DNAME)) return ancestor;
    }
    return undefined;
  }

  #onlyTarget(records: readonly ResourceRecord[], type: number): Name | 'many' | undefined {
    const targets = records.filter((record) => record.type === type).map(({ rdata }) => nameAt(rdata, 0));
    const [first] = targets;
    return first === undefined || targets.every((target) => target.equals(first)) ? first : 'many';
  }

  #take(records: readonly ResourceRecord[]): void {
    this.#records.push(...records);
  }

  #takeSignatures(records: readonly ResourceRecord[], type: number): void {
    if (this.#signed) this.#take(records.filter((record) => coveredType(record) === type));
  }
}

type Step = { readonly next: Name } | { readonly found: boolean; readonly tooLong?: boolean };

/** Which type a signature is for (RFC 4034, section 3.1.1); undefined for other records. */
export function coveredType({ type, rdata }: ResourceRecord): number | undefined {
  return type === RRType.RRSIG ? readUint16(rdata, 0) : undefined;
}

/** Whose zone a signature is of (RFC 4034, section 3.1.7). */
export function signerOf({ rdata }: ResourceRecord): Name {
  return nameAt(rdata, 18);
}
