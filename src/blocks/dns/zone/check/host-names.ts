/** How names are written that people write wrongly. */
import { LONGEST_NAME, Name } from '../../name.js';

const ASTERISK = 0x2a;
const HYPHEN = 0x2d;

function isLetterOrDigit(octet: number): boolean {
  const lower = octet | 0x20;
  return (octet >= 0x30 && octet <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}

/**
 * Letters, digits and hyphens within, in every label; a wildcard stands for such names (RFC 952, RFC 1123, section 2.1, and
 * BIND's check-names).
 */
export function isHostName(name: Name): boolean {
  const { wire } = name;
  let at = name.isWildcard ? 2 : 0;
  for (let length = wire[at] ?? 0; length > 0; length = wire[at] ?? 0) {
    const end = at + 1 + length;
    for (let i = at + 1; i < end; i++) {
      const octet = wire[i] ?? 0;
      const isInner = i > at + 1 && i < end - 1;
      if (!isLetterOrDigit(octet) && !(octet === HYPHEN && isInner)) return false;
    }
    at = end;
  }
  return true;
}

/** A label other than the first is an asterisk. */
export function hasInnerAsterisk({ wire }: Name): boolean {
  let at = 0;
  for (let length = wire[at] ?? 0; length > 0; length = wire[at] ?? 0) {
    if (at > 0 && length === 1 && wire[at + 1] === ASTERISK) return true;
    at += length + 1;
  }
  return false;
}

/** Recognises names of the form x.origin.origin: a dot was left out at the end. For origins of one label that is usual. */
export class OriginTwice {
  readonly #twice: Name | undefined;

  constructor(origin: Name) {
    const fits = origin.wire.length * 2 - 1 <= LONGEST_NAME;
    this.#twice = origin.labelCount > 1 && fits ? origin.substitute(Name.root, origin) : undefined;
  }

  matches(name: Name): boolean {
    return this.#twice !== undefined && name.isWithin(this.#twice);
  }

  /** For the end of a message. */
  hint(name: Name): string {
    return this.matches(name) ? ': is a dot missing at its end?' : '';
  }
}

/** The dotted quad that stands before the origin: `MX 10 192.0.2.1`. */
export function addressBefore(origin: Name, name: Name): string | undefined {
  if (name.labelCount - origin.labelCount !== 4 && name.labelCount !== 4) return undefined;
  const text = name
    .labels()
    .slice(0, 4)
    .map((label) => Buffer.from(label).toString('latin1'));
  return text.every((label) => /^\d{1,3}$/.test(label)) ? text.join('.') : undefined;
}
