/**
 * Names as text, in the form of master files (RFC 1035, section 5.1): `\.` and `\DDD` are escapes. Binary text, see name.ts.
 */
import { dnsErrors } from './errors.js';
import { copyOctets } from './wire/octets.js';

export const LONGEST_NAME = 255;
export const LONGEST_LABEL = 63;

const DOT = 0x2e;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const TOO_LONG = 'it has more than 255 octets';

/**
 * Where names and texts are put together before they are copied. A name's text has at most 1,004 characters: 250 octets as
 * \DDD and 4 dots.
 */
const scratch = Buffer.allocUnsafeSlow(1024);

const Plain = 0;
const Escaped = 1;
const Decimal = 2;

/** By octet: how it stands in a master file. */
const styleOf = Uint8Array.from({ length: 256 }, (_, octet) => {
  if (octet <= 0x20 || octet >= 0x7f) return Decimal;
  return '"().;\\@$'.includes(String.fromCharCode(octet)) ? Escaped : Plain;
});

/** Absolute, with the dot at the end, in ASCII. */
export function nameText(wire: Uint8Array): string {
  if (wire.length === 1) return '.';
  let length = 0;
  for (let start = 0; (wire[start] ?? 0) > 0; start += 1 + (wire[start] ?? 0)) {
    length = writeLabelText(wire, start + 1, start + 1 + (wire[start] ?? 0), length);
    scratch[length++] = DOT;
  }
  return scratch.toString('latin1', 0, length);
}

/** Puts the text of a label into `scratch`, from `at` on; where it ends. */
function writeLabelText(octets: Uint8Array, start: number, end: number, at: number): number {
  let next = at;
  for (let i = start; i < end; i++) {
    const octet = octets[i] ?? 0;
    const style = styleOf[octet];
    if (style !== Plain) scratch[next++] = BACKSLASH;
    if (style === Decimal) {
      scratch[next++] = ZERO + Math.floor(octet / 100);
      scratch[next++] = ZERO + (Math.floor(octet / 10) % 10);
      scratch[next++] = ZERO + (octet % 10);
    } else scratch[next++] = octet;
  }
  return next;
}

/**
 * A name of a master file (RFC 1035, section 5.1) → wire form; a relative one gets `origin` behind it. Error: `dns.bad_name`.
 */
export function parseNameText(text: string, origin: Uint8Array): Uint8Array {
  const { length } = text;
  let labelAt = 0;
  let at = 1;
  for (let i = 0; i < length; i++) {
    let octet = text.charCodeAt(i);
    if (octet === DOT) {
      endLabel(text, labelAt, at);
      labelAt = at++;
      continue;
    }
    if (octet === BACKSLASH) {
      const escaped = readEscape(text, i);
      if (escaped === undefined) throw badName(text, 'it has a broken escape: write \\DDD or \\ and a character');
      octet = escaped.octet;
      i = escaped.last;
    }
    if (octet > 0xff) throw badName(text, 'it has a character beyond one octet');
    if (at >= LONGEST_NAME) throw badName(text, TOO_LONG);
    scratch[at++] = octet;
  }
  // Nothing behind the last dot: it is absolute, and the empty label is the root's.
  if (at - labelAt === 1 && labelAt > 0) {
    scratch[labelAt] = 0;
    return copyOctets(scratch, 0, at);
  }
  endLabel(text, labelAt, at);
  if (at + origin.length > LONGEST_NAME) throw badName(text, `with its origin ${TOO_LONG}`);
  for (let i = 0; i < origin.length; i++) scratch[at++] = origin[i] ?? 0;
  return copyOctets(scratch, 0, at);
}

/** The label that begins at `start` of `scratch` gets its length. */
function endLabel(text: string, start: number, end: number): void {
  const length = end - start - 1;
  if (length === 0) throw badName(text, 'a label is empty');
  if (length > LONGEST_LABEL) throw badName(text, `a label has ${length} octets, not 1 to 63`);
  // The root's zero has to follow.
  if (end >= LONGEST_NAME) throw badName(text, TOO_LONG);
  scratch[start] = length;
}

/** The escape that begins at `start`: its octet, and the index of its last character. Undefined when it is broken. */
export function readEscape(text: string, start: number): { readonly octet: number; readonly last: number } | undefined {
  if (start + 1 >= text.length) return undefined;
  const first = text.charCodeAt(start + 1);
  if (!isDigit(first)) return { octet: first, last: start + 1 };
  const second = text.charCodeAt(start + 2);
  const third = text.charCodeAt(start + 3);
  const octet = (first - ZERO) * 100 + (second - ZERO) * 10 + (third - ZERO);
  return isDigit(second) && isDigit(third) && octet <= 0xff ? { octet, last: start + 3 } : undefined;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}

/** Without a dot; cut where it is longer than any name. */
export function labelText(label: Uint8Array): string {
  return scratch.toString(
    'latin1',
    0,
    writeLabelText(label.subarray(0, LONGEST_NAME), 0, Math.min(label.length, LONGEST_NAME), 0),
  );
}

export function badName(text: string, why: string) {
  const shown = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  return dnsErrors.error('dns.bad_name', `"${shown}" is no domain name: ${why}`, { details: { name: shown } });
}
