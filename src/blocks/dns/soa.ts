/**
 * The data of SOA records (RFC 1035, section 3.3.13):
 *
 *     primary server │ mailbox │ serial │ refresh │ retry │ expire │ minimum
 *     name             name      4 octets each, at the end: 20 in all
 */
import type { Name } from './name.js';
import { nameAt } from './rdata/index.js';
import { OctetWriter, readUint32 } from './wire/octets.js';

const NUMBERS = 20;

export interface Soa {
  readonly primaryServer: Name;
  /** `hostmaster.example.` for hostmaster@example. */
  readonly mailbox: Name;
  readonly serial: number;
  /** Seconds, as are the following. How often a secondary asks. */
  readonly refresh: number;
  /** How soon it asks again after a failure. */
  readonly retry: number;
  /** After how long without an answer it no longer serves the zone. */
  readonly expire: number;
  /** For how long at most it is remembered that something does not exist (RFC 2308, section 4). */
  readonly minimum: number;
}

/** `rdata` is checked already, as for all that follow. */
export function readSoa(rdata: Uint8Array): Soa {
  const primaryServer = nameAt(rdata, 0);
  const mailbox = nameAt(rdata, primaryServer.wire.length);
  const at = rdata.length - NUMBERS;
  return {
    primaryServer,
    mailbox,
    serial: readUint32(rdata, at),
    refresh: readUint32(rdata, at + 4),
    retry: readUint32(rdata, at + 8),
    expire: readUint32(rdata, at + 12),
    minimum: readUint32(rdata, at + 16),
  };
}

export function soaData(soa: Soa): Uint8Array {
  const out = new OctetWriter();
  out.octets(soa.primaryServer.wire);
  out.octets(soa.mailbox.wire);
  for (const number of [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum]) out.uint32(number);
  return out.take();
}

export function soaSerial(rdata: Uint8Array): number {
  return readUint32(rdata, rdata.length - NUMBERS);
}

export function soaMinimum(rdata: Uint8Array): number {
  return readUint32(rdata, rdata.length - 4);
}

/** A copy under another serial. */
export function withSerial(rdata: Uint8Array, serial: number): Uint8Array {
  const copy = Uint8Array.from(rdata);
  new DataView(copy.buffer).setUint32(copy.length - NUMBERS, serial);
  return copy;
}
