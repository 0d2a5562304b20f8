/**
 * Which zone a master file is of:
 *
 *     the file tells by its first SOA record, under a full name or behind $ORIGIN       ──▶ that
 *     its names are relative to something it does not tell, and its own name is that
 *     of a zone: shop.test.zone, db.shop.test                                           ──▶ relative to that
 */
import { basename } from 'node:path';
import { DsError } from '../../../platform/errors.js';
import { dnsErrors } from '../errors.js';
import { Name } from '../name.js';
import { RRType } from '../wire.js';
import type { ZoneFileRecord } from '../zone/master-file/index.js';

export interface FileOrigin {
  /** The owner of its SOA record. */
  readonly zone: Name;
  /** What its first names are relative to; undefined where it says so itself. */
  readonly origin: Name | undefined;
}

/**
 * `read` begins to read the file. Reads as far as the first SOA record, as a rule the first of all. Errors: `dns.bad_zone`
 * without one, and what `read` throws.
 */
export function findFileOrigin(file: string, read: (origin: Name | undefined) => Iterable<ZoneFileRecord>): FileOrigin {
  const guess = guessOrigin(file);
  try {
    return { zone: firstSoaOwner(file, read(undefined)), origin: undefined };
  } catch (error) {
    const mayBeRelative = error instanceof DsError && error.code === 'dns.bad_zone_file';
    if (!mayBeRelative || guess === undefined) throw error;
    return { zone: firstSoaOwner(file, read(guess)), origin: guess };
  }
}

function firstSoaOwner(file: string, records: Iterable<ZoneFileRecord>): Name {
  for (const { type, name } of records) if (type === RRType.SOA) return name;
  throw dnsErrors.error('dns.bad_zone', `${file} has no SOA record`, {
    hint: 'begin it with $ORIGIN shop.test. and @ SOA ns1 hostmaster 1 7200 3600 1209600 300',
    details: { file },
  });
}

/** The zone that the file's name tells of, if it does. */
export function guessOrigin(path: string): Name | undefined {
  const name = basename(path).replace(/\.(txt|signed)$/i, '');
  const told = /^(?:(?:db|pri|master)\.(.+)|(.+)\.(?:zone|db|hosts))$/i.exec(name);
  const zone = told?.[1] ?? told?.[2] ?? (name.includes('.') ? name : undefined);
  if (zone === undefined) return undefined;
  try {
    return Name.parse(Buffer.from(zone, 'utf8').toString('latin1'));
  } catch (error) {
    if (error instanceof DsError) return undefined;
    throw error;
  }
}
