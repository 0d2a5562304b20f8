/** The SOA of a zone as a row, and the serial that a change gets. */
import { isLaterSerial, nextSerial } from '../serial.js';
import { soaSerial, withSerial } from '../soa.js';
import { dataOf, type RecordRow, sameOctets } from './row.js';

export function serialOf(soa: RecordRow): number {
  return soaSerial(soa.rdata);
}

export function soaWithSerial(soa: RecordRow, serial: number): RecordRow {
  const rdata_case = soa.rdata_case === null ? null : withSerial(soa.rdata_case, serial);
  return { ...soa, rdata: withSerial(soa.rdata, serial), rdata_case };
}

/** Also in case and TTL. */
export function sameButSerial(a: RecordRow, b: RecordRow): boolean {
  if (a.ttl !== b.ttl || !sameOctets(a.owner_case, b.owner_case)) return false;
  return sameOctets(withSerial(dataOf(a), 0), withSerial(dataOf(b), 0));
}

/**
 * The serial that a primary zone gets: the one it is given when that is later (RFC 1982), the next one otherwise, so that
 * secondaries notice. `differs`: something else than the serial changes. Undefined: nothing does.
 */
export function bumpedSerial(stored: number, given: number, differs: boolean): number | undefined {
  if (isLaterSerial(given, stored)) return given;
  return differs ? nextSerial(stored) : undefined;
}
