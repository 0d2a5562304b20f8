/** Header fields of answers about objects. */

import type { ObjectRead, PutResult } from '../blob-store.js';
import { checksumHeader } from '../checksum/algorithms.js';
import type { ObjectChecksum } from '../object-types.js';
import { CONTENT_HEADERS } from '../rules/content-headers.js';
import { quoted } from '../wire/common-xml.js';
import { encodeHeader, encodeMetadata, httpDate } from '../wire/http-values.js';
import { type HeaderField, optional } from './call.js';

function checksumFields(checksum: ObjectChecksum | undefined): readonly HeaderField[] {
  if (checksum === undefined) return [];
  return [
    [checksumHeader(checksum.algorithm), checksum.value],
    ['x-amz-checksum-type', checksum.type],
  ];
}

/** Of an object or a part that was stored. */
export function storedFields(result: Pick<PutResult, 'etag' | 'versionId' | 'checksum'>): readonly HeaderField[] {
  return [
    ['etag', quoted(result.etag)],
    ...optional('x-amz-version-id', result.versionId),
    ...checksumFields(result.checksum),
  ];
}

export interface ReadFieldsOptions {
  /** The client asked for checksums (x-amz-checksum-mode). */
  readonly checksums: boolean;
  /** A part was asked for. */
  readonly isPart: boolean;
  /** By header name: what a signed request wants to be told instead (response-content-type and its kind). */
  readonly overrides: ReadonlyMap<string, string>;
}

/** Of GET and HEAD. */
export function readFields(read: Omit<ObjectRead, 'body'>, options: ReadFieldsOptions): readonly HeaderField[] {
  const { stat, range } = read;
  const fields: HeaderField[] = [
    ['last-modified', httpDate(stat.modifiedAt)],
    ['etag', quoted(stat.etag)],
    ['accept-ranges', 'bytes'],
  ];
  for (const [header, name] of CONTENT_HEADERS) {
    const value = options.overrides.get(header) ?? stat.headers[name];
    if (value !== undefined) fields.push([header, encodeHeader(value)]);
  }
  for (const [name, value] of Object.entries(stat.metadata)) fields.push([`x-amz-meta-${name}`, encodeMetadata(value)]);
  fields.push(...optional('x-amz-version-id', stat.versionId));
  if (stat.tagCount > 0) fields.push(['x-amz-tagging-count', String(stat.tagCount)]);
  if (options.isPart && stat.partCount !== undefined) fields.push(['x-amz-mp-parts-count', String(stat.partCount)]);
  if (range !== undefined) fields.push(['content-range', `bytes ${range.first}-${range.last}/${stat.size}`]);
  if (options.checksums && isSummed(read)) fields.push(...checksumFields(stat.checksum));
  return fields;
}

/** Bytes that the body of the answer has. */
export function bodyLength({ stat, range }: Omit<ObjectRead, 'body'>): number {
  return range === undefined ? stat.size : range.last - range.first + 1;
}

/** The checksum is that of what is sent: the whole or a part, and not any range of it. */
function isSummed({ stat, range }: Omit<ObjectRead, 'body'>): boolean {
  return range === undefined || stat.part !== undefined || (range.first === 0 && range.last === stat.size - 1);
}
