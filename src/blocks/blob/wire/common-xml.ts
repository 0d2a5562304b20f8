/** Pieces that several of S3's documents share. */
import type { Owner } from '../access/accounts.js';
import type { ChecksumAlgorithm, ChecksumType, ObjectChecksum } from '../object-types.js';
import { element, parent } from './xml-writer.js';

/** Who owns what is stored with the name of an account, or with none. */
export type OwnerOf = (stored: string | undefined) => Owner;

export function ownerElement({ id, name }: Owner, called = 'Owner'): string {
  return parent(called, element('ID', id), element('DisplayName', name));
}

/** ETags are sent with their quotes. */
export function quoted(etag: string): string {
  return `"${etag}"`;
}

/** `<ChecksumAlgorithm>` and `<ChecksumType>`, as lists have them. */
export function checksumKind(
  checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined,
): string {
  if (checksum === undefined) return '';
  return element('ChecksumAlgorithm', checksum.algorithm) + element('ChecksumType', checksum.type);
}

/** `<ChecksumCRC32>…`. */
export function checksumValue(checksum: ObjectChecksum | undefined): string {
  return checksum === undefined ? '' : element(`Checksum${checksum.algorithm}`, checksum.value);
}

/** The value and its type, as results of copies and completions have them. */
export function checksumElements(checksum: ObjectChecksum | undefined): string {
  return checksum === undefined ? '' : checksumValue(checksum) + element('ChecksumType', checksum.type);
}
