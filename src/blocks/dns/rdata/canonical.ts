/**
 * Record data as it is compared. Domain names within it count without their case in the types that RFC 3597, section 7,
 * names (those of RFC 1035, and some that were compressed once); in all newer ones every octet counts (section 6). In this
 * form data sorts as RFC 4034, section 6.3, has it.
 */

import { RRClass } from '../wire/mnemonics.js';
import { lowered } from '../wire/octets.js';
import type { Field } from './field.js';
import { layoutOf } from './schema.js';

const hasFoldedNames = ({ compression }: Field) => compression === 'both' || compression === 'read';

/** `rdata`, which is checked already, with the case of such names lowered: a copy where there is something to lower. */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  if (!hasCapital(rdata)) return rdata;
  const layout = layoutOf(type, RRClass.IN);
  if (layout === undefined || !layout.mayPoint) return rdata;
  const folded = Uint8Array.from(rdata);
  let at = 0;
  for (const field of layout.fields) {
    const end = field.end(rdata, at, rdata.length);
    // Lengths of labels are below the letters.
    if (hasFoldedNames(field)) for (let i = at; i < end; i++) folded[i] = lowered[rdata[i] ?? 0] ?? 0;
    at = end;
  }
  return folded;
}

function hasCapital(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== lowered[bytes[i] ?? 0]) return true;
  return false;
}
