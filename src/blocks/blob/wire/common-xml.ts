/** Pieces that several of S3's documents share. */
import type { ChecksumAlgorithm, ChecksumType, ObjectChecksum } from '../blob-store.js';
import { element, parent } from './xml-writer.js';

/** The one owner of everything: an identifier of S3's form, which says nothing. */
export const OWNER_ID = '7b87b5b681dee622cba0c71bfd0964fa5b8e8fce25563442fb44d3a97ef68978';
const OWNER_NAME = 'ds';

export function ownerElement(name = 'Owner'): string {
  return parent(name, element('ID', OWNER_ID), element('DisplayName', OWNER_NAME));
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
