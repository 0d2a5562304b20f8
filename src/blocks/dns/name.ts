/**
 * Domain names as octets, not as text: labels may hold any octet, dots included (RFC 2181, section 11).
 *
 *     text   www.Example.com.
 *     wire   3 w w w  7 E x a m p l e  3 c o m  0          at most 255 octets, labels of 1 to 63 (RFC 1035, section 3.1)
 *     key    the wire form with A–Z lowered, one character an octet: equal names have equal keys (RFC 4343)
 *     order  com. example. www.  as octets that compare as names do (RFC 4034, section 6.1); see sortKey
 *
 * Text that comes in or goes out is «binary text»: one character an octet. UTF-8 from outside is turned into it with
 * Buffer.from(text).latin1Slice().
 */
import { badName, LONGEST_LABEL, LONGEST_NAME, labelText, nameText, parseNameText } from './name-text.js';
import { copyOctets, lowered } from './wire/octets.js';

export { LONGEST_LABEL, LONGEST_NAME, readEscape } from './name-text.js';

/**
 * Where keys are put together before they are copied: an array that is longer than 64 octets costs ten times a short one to
 * make, and so does a view of a short one.
 */
const scratch = Buffer.allocUnsafeSlow(2 * LONGEST_NAME);

export class Name {
  static readonly root = new Name(new Uint8Array(1));
  /** Uncompressed wire form, the root's zero included. Never changed. */
  readonly wire: Uint8Array;
  #key: string | undefined;
  #labelStarts: readonly number[] | undefined;

  private constructor(wire: Uint8Array) {
    this.wire = wire;
  }

  /** `wire` must be a whole, uncompressed, valid name and must never change; what reads messages has checked it. */
  static fromValidWire(wire: Uint8Array): Name {
    return wire.length === 1 ? Name.root : new Name(wire);
  }

  /** Error: `dns.bad_name`. */
  static fromLabels(labels: readonly Uint8Array[]): Name {
    const length = labels.reduce((sum, label) => sum + label.length + 1, 1);
    if (length > LONGEST_NAME)
      throw badName(labels.map(labelText).join('.'), `it has ${length} octets, not at most 255`);
    const wire = new Uint8Array(length);
    let offset = 0;
    for (const label of labels) {
      if (label.length === 0 || label.length > LONGEST_LABEL)
        throw badName(labelText(label), `a label has ${label.length} octets, not 1 to 63`);
      wire[offset] = label.length;
      wire.set(label, offset + 1);
      offset += label.length + 1;
    }
    return Name.fromValidWire(wire);
  }

  /**
   * Master file form (RFC 1035, section 5.1) in binary text: `\.` and `\DDD` are escapes, `@` is the origin, a name without
   * a dot at its end is relative to the origin. Without an origin every name is absolute. Error: `dns.bad_name`.
   */
  static parse(text: string, origin: Name = Name.root): Name {
    if (text === '@') return origin;
    if (text === '.') return Name.root;
    return Name.fromValidWire(parseNameText(text, origin.wire));
  }

  /** Equal for equal names, whatever the case (RFC 4343). */
  get key(): string {
    this.#key ??= keyOf(this.wire);
    return this.#key;
  }

  /** Labels without the root: `www.example.com.` has 3. */
  get labelCount(): number {
    return this.#starts.length;
  }

  get isRoot(): boolean {
    return this.wire.length === 1;
  }

  /** `*.example.` (RFC 4592, section 2.1.1). */
  get isWildcard(): boolean {
    return this.wire[0] === 1 && this.wire[1] === 0x2a;
  }

  /** The leftmost label is 0. */
  label(index: number): Uint8Array {
    const start = this.#starts[index] ?? this.wire.length - 1;
    return copyOctets(this.wire, start + 1, start + 1 + (this.wire[start] ?? 0));
  }

  labels(): Uint8Array[] {
    return this.#starts.map((_, index) => this.label(index));
  }

  equals(other: Name): boolean {
    const a = this.wire;
    const b = other.wire;
    if (a.length !== b.length) return false;
    if (a === b) return true;
    for (let i = 0; i < a.length; i++) if (lowered[a[i] ?? 0] !== lowered[b[i] ?? 0]) return false;
    return true;
  }

  /** Without the leftmost `count` labels; the root has the root as parent. */
  parent(count = 1): Name {
    const start = this.#starts[count];
    if (count <= 0) return this;
    return start === undefined ? Name.root : new Name(copyOctets(this.wire, start, this.wire.length));
  }

  /** The rightmost `count` labels. */
  suffix(count: number): Name {
    return this.parent(this.labelCount - count);
  }

  /** Whether it is the other name or below it. */
  isWithin(ancestor: Name): boolean {
    const { wire } = this;
    const start = wire.length - ancestor.wire.length;
    let labelAt = 0;
    while (labelAt < start) labelAt += (wire[labelAt] ?? 0) + 1;
    if (labelAt !== start) return false;
    for (let i = 0; i < ancestor.wire.length; i++) {
      if (lowered[wire[start + i] ?? 0] !== lowered[ancestor.wire[i] ?? 0]) return false;
    }
    return true;
  }

  /** Labels that the two have in common, from the root. */
  commonLabels(other: Name): number {
    const most = Math.min(this.labelCount, other.labelCount);
    let count = 0;
    while (count < most && this.#compareLabel(other, count + 1) === 0) count++;
    return count;
  }

  /** `label` in front of this name. Error: `dns.bad_name`. */
  child(label: Uint8Array): Name {
    if (label.length === 0 || label.length > LONGEST_LABEL || label.length + 1 + this.wire.length > LONGEST_NAME)
      return Name.fromLabels([label, ...this.labels()]);
    const wire = new Uint8Array(label.length + 1 + this.wire.length);
    wire[0] = label.length;
    wire.set(label, 1);
    wire.set(this.wire, label.length + 1);
    return new Name(wire);
  }

  wildcardChild(): Name {
    return this.child(Uint8Array.of(0x2a));
  }

  /** The part above `from` replaced by `to` (DNAME, RFC 6672). Undefined when the result is longer than 255 octets. */
  substitute(from: Name, to: Name): Name | undefined {
    const kept = this.wire.length - from.wire.length;
    if (kept + to.wire.length > LONGEST_NAME) return undefined;
    const wire = new Uint8Array(kept + to.wire.length);
    for (let i = 0; i < kept; i++) wire[i] = this.wire[i] ?? 0;
    wire.set(to.wire, kept);
    return Name.fromValidWire(wire);
  }

  lowerCase(): Name {
    // Length octets are below 64, where no letter is.
    return Name.fromValidWire(this.wire.map((octet) => lowered[octet] ?? 0));
  }

  /**
   * Octets whose order, byte by byte, is the canonical order of names (RFC 4034, section 6.1): labels from the root on,
   * lowered, each ended by 00; within a label 00 is written 01 01 and 01 is written 01 02, so that the end sorts first.
   * What is below a name is what begins with its key.
   *
   *     www.example.com.  ──▶  c o m 00  e x a m p l e 00  w w w 00
   */
  sortKey(): Uint8Array {
    const { wire } = this;
    const starts = this.#starts;
    let at = 0;
    for (let index = starts.length - 1; index >= 0; index--) {
      const start = starts[index] ?? 0;
      const end = start + 1 + (wire[start] ?? 0);
      for (let i = start + 1; i < end; i++) {
        const octet = lowered[wire[i] ?? 0] ?? 0;
        if (octet > 1) scratch[at++] = octet;
        else {
          scratch[at++] = 1;
          scratch[at++] = octet + 1;
        }
      }
      scratch[at++] = 0;
    }
    return copyOctets(scratch, 0, at);
  }

  /** The lowered name that a sortKey was made of. Error: `dns.bad_name`, when it is none. */
  static fromSortKey(key: Uint8Array): Name {
    // Labels come from the root on, so the wire form grows to the front.
    let start = LONGEST_NAME - 1;
    scratch[start] = 0;
    for (let from = 0; from < key.length; ) {
      const end = key.indexOf(0, from);
      let length = 0;
      for (let i = from; i < end; i++, length++) if (key[i] === 1) i++;
      if (length === 0 || length > LONGEST_LABEL || start - length - 1 < 0)
        throw badName(Buffer.from(key).toString('hex'), 'it is no key of one');
      start -= length + 1;
      scratch[start] = length;
      // What follows an 01 is one more than the octet was.
      for (let i = from, at = start + 1; i < end; i++, at++)
        scratch[at] = key[i] === 1 ? (key[++i] ?? 1) - 1 : (key[i] ?? 0);
      from = end + 1;
    }
    return Name.fromValidWire(copyOctets(scratch, start, LONGEST_NAME));
  }

  /** Canonical order (RFC 4034, section 6.1): negative when this name stands before the other one. */
  compare(other: Name): number {
    for (let fromRoot = 1; ; fromRoot++) {
      if (fromRoot > this.labelCount || fromRoot > other.labelCount) return this.labelCount - other.labelCount;
      const difference = this.#compareLabel(other, fromRoot);
      if (difference !== 0) return difference;
    }
  }

  /** The labels of both that are `fromRoot` away from the root; the last one is 1. */
  #compareLabel(other: Name, fromRoot: number): number {
    const a = this.wire;
    const b = other.wire;
    const startA = this.#starts[this.labelCount - fromRoot] ?? 0;
    const startB = other.#starts[other.labelCount - fromRoot] ?? 0;
    const lengthA = a[startA] ?? 0;
    const lengthB = b[startB] ?? 0;
    for (let i = 1; i <= lengthA && i <= lengthB; i++) {
      const difference = (lowered[a[startA + i] ?? 0] ?? 0) - (lowered[b[startB + i] ?? 0] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  /** Absolute, with the dot at the end: what is not printable ASCII is escaped (RFC 4343, section 2.1). */
  toString(): string {
    return nameText(this.wire);
  }

  get #starts(): readonly number[] {
    if (this.#labelStarts === undefined) {
      const starts: number[] = [];
      const { wire } = this;
      for (let offset = 0; (wire[offset] ?? 0) > 0; offset += (wire[offset] ?? 0) + 1) starts.push(offset);
      this.#labelStarts = starts;
    }
    return this.#labelStarts;
  }
}

/** One character an octet, A–Z lowered. Length octets are below 64, where no letter is. */
function keyOf(wire: Uint8Array): string {
  const { length } = wire;
  for (let i = 0; i < length; i++) scratch[i] = lowered[wire[i] ?? 0] ?? 0;
  return scratch.toString('latin1', 0, length);
}
