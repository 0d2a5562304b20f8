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
import { dnsErrors } from './errors.js';

export const LONGEST_NAME = 255;
export const LONGEST_LABEL = 63;

const DOT = 0x2e;
const BACKSLASH = 0x5c;

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
      throw badName(labels.map(labelToText).join('.'), `it has ${length} octets, not at most 255`);
    const wire = new Uint8Array(length);
    let offset = 0;
    for (const label of labels) {
      if (label.length === 0 || label.length > LONGEST_LABEL)
        throw badName(labelToText(label), `a label has ${label.length} octets, not 1 to 63`);
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
    return parseText(text, origin);
  }

  /** Equal for equal names, whatever the case (RFC 4343). */
  get key(): string {
    this.#key ??= lowerKey(this.wire, 0, this.wire.length);
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
    return this.wire.subarray(start + 1, start + 1 + (this.wire[start] ?? 0));
  }

  labels(): Uint8Array[] {
    return this.#starts.map((_, index) => this.label(index));
  }

  equals(other: Name): boolean {
    return this === other || this.key === other.key;
  }

  /** Without the leftmost `count` labels; the root has the root as parent. */
  parent(count = 1): Name {
    const start = this.#starts[count];
    return start === undefined ? Name.root : new Name(this.wire.subarray(start));
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
      if (lowered(wire[start + i] ?? 0) !== lowered(ancestor.wire[i] ?? 0)) return false;
    }
    return true;
  }

  /** Labels that the two have in common, from the root. */
  commonLabels(other: Name): number {
    const most = Math.min(this.labelCount, other.labelCount);
    for (let count = most; count > 0; count--) if (this.suffix(count).equals(other.suffix(count))) return count;
    return 0;
  }

  /** `label` in front of this name. Error: `dns.bad_name`. */
  child(label: Uint8Array): Name {
    return Name.fromLabels([label, ...this.labels()]);
  }

  wildcardChild(): Name {
    return this.child(Uint8Array.of(0x2a));
  }

  /** The part above `from` replaced by `to` (DNAME, RFC 6672). Undefined when the result is longer than 255 octets. */
  substitute(from: Name, to: Name): Name | undefined {
    const kept = this.wire.length - from.wire.length;
    if (kept + to.wire.length > LONGEST_NAME) return undefined;
    const wire = new Uint8Array(kept + to.wire.length);
    wire.set(this.wire.subarray(0, kept));
    wire.set(to.wire, kept);
    return Name.fromValidWire(wire);
  }

  lowerCase(): Name {
    const lowered = Uint8Array.from(this.key, (character) => character.charCodeAt(0));
    return Name.fromValidWire(lowered);
  }

  /**
   * Octets whose order, byte by byte, is the canonical order of names (RFC 4034, section 6.1): labels from the root on,
   * lowered, each ended by 00; within a label 00 is written 01 01 and 01 is written 01 02, so that the end sorts first.
   * What is below a name is what begins with its key.
   *
   *     www.example.com.  ──▶  c o m 00  e x a m p l e 00  w w w 00
   */
  sortKey(): Uint8Array {
    const { key } = this;
    const starts = this.#starts;
    let extra = 0;
    for (let i = 0; i < key.length - 1; i++) if (key.charCodeAt(i) <= 1) extra++;
    const bytes = new Uint8Array(key.length - 1 + extra);
    let at = 0;
    for (let index = starts.length - 1; index >= 0; index--) {
      const start = starts[index] ?? 0;
      const end = start + 1 + key.charCodeAt(start);
      for (let i = start + 1; i < end; i++) {
        const octet = key.charCodeAt(i);
        if (octet <= 1) {
          bytes[at++] = 1;
          bytes[at++] = octet + 1;
        } else bytes[at++] = octet;
      }
      bytes[at++] = 0;
    }
    return at === bytes.length ? bytes : bytes.slice(0, at);
  }

  /** The lowered name that a sortKey was made of. */
  static fromSortKey(key: Uint8Array): Name {
    const labels: Uint8Array[] = [];
    let label: number[] = [];
    for (let i = 0; i < key.length; i++) {
      const octet = key[i] ?? 0;
      if (octet === 0) {
        labels.unshift(Uint8Array.from(label));
        label = [];
      } else if (octet === 1) label.push((key[++i] ?? 1) - 1);
      else label.push(octet);
    }
    return Name.fromLabels(labels);
  }

  /** Canonical order (RFC 4034, section 6.1). */
  compare(other: Name): number {
    return Buffer.compare(this.sortKey(), other.sortKey());
  }

  /** Absolute, with the dot at the end: what is not printable ASCII is escaped (RFC 4343, section 2.1). */
  toString(): string {
    return this.isRoot ? '.' : `${this.labels().map(labelToText).join('.')}.`;
  }

  get #starts(): readonly number[] {
    if (this.#labelStarts === undefined) {
      const starts: number[] = [];
      for (let offset = 0; (this.wire[offset] ?? 0) > 0; offset += (this.wire[offset] ?? 0) + 1) starts.push(offset);
      this.#labelStarts = starts;
    }
    return this.#labelStarts;
  }
}

/** One character an octet, A–Z lowered. Length octets are below 64, where no letter is. */
export function lowerKey(bytes: Uint8Array, start: number, end: number): string {
  let key = '';
  for (let i = start; i < end; i++) {
    const octet = bytes[i] ?? 0;
    key += String.fromCharCode(lowered(octet));
  }
  return key;
}

const lowered = (octet: number) => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet);

/** A label as it stands in a master file. */
function labelToText(label: Uint8Array): string {
  let text = '';
  for (const octet of label) {
    if (octet <= 0x20 || octet >= 0x7f) text += `\\${String(octet).padStart(3, '0')}`;
    else if ('"().;\\@$'.includes(String.fromCharCode(octet))) text += `\\${String.fromCharCode(octet)}`;
    else text += String.fromCharCode(octet);
  }
  return text;
}

/** Where a name is put together: a zone of a million records is read in two thirds of the time. */
const scratch = new Uint8Array(LONGEST_NAME);

function parseText(text: string, origin: Name): Name {
  let labelAt = 0;
  let at = 1;
  for (let i = 0; i < text.length; i++) {
    let octet = text.charCodeAt(i);
    if (octet === DOT) {
      endLabel(text, labelAt, at);
      labelAt = at++;
      if (at > LONGEST_NAME) throw badName(text, 'it has more than 255 octets');
      continue;
    }
    if (octet === BACKSLASH) {
      const escaped = readEscape(text, i);
      if (escaped === undefined) throw badName(text, 'it has a broken escape: write \\DDD or \\ and a character');
      octet = escaped.octet;
      i = escaped.last;
    }
    if (octet > 0xff) throw badName(text, 'it has a character beyond one octet');
    // The octet after the last label is the root's zero.
    if (at >= LONGEST_NAME) throw badName(text, 'it has more than 255 octets');
    scratch[at++] = octet;
  }
  const isAbsolute = at - labelAt === 1 && labelAt > 0;
  if (isAbsolute) {
    scratch[labelAt] = 0;
    return Name.fromValidWire(scratch.slice(0, at));
  }
  endLabel(text, labelAt, at);
  if (at + origin.wire.length > LONGEST_NAME) throw badName(text, 'with its origin it has more than 255 octets');
  const wire = new Uint8Array(at + origin.wire.length);
  for (let i = 0; i < at; i++) wire[i] = scratch[i] ?? 0;
  wire.set(origin.wire, at);
  return Name.fromValidWire(wire);
}

function endLabel(text: string, labelAt: number, at: number): void {
  const length = at - labelAt - 1;
  if (length === 0) throw badName(text, 'a label is empty');
  if (length > LONGEST_LABEL) throw badName(text, `a label has ${length} octets, not 1 to 63`);
  scratch[labelAt] = length;
}

/** The escape that begins at `start`: its octet, and the index of its last character. Undefined when it is broken. */
export function readEscape(text: string, start: number): { readonly octet: number; readonly last: number } | undefined {
  const digits = /^\d{1,3}/.exec(text.slice(start + 1, start + 4))?.[0];
  if (digits !== undefined) {
    const octet = Number(digits);
    return digits.length === 3 && octet <= 0xff ? { octet, last: start + 3 } : undefined;
  }
  return start + 1 < text.length ? { octet: text.charCodeAt(start + 1), last: start + 1 } : undefined;
}

function badName(text: string, why: string) {
  const shown = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return dnsErrors.error('dns.bad_name', `"${shown}" is no domain name: ${why}`, { details: { name: shown } });
}
