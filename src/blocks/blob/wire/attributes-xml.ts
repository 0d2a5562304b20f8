/** GetObjectAttributes: which of an object's attributes are asked for, and the answer. */

import { blobErrors } from '../errors.js';
import type { ObjectChecksum, ObjectStat } from '../object-types.js';
import type { PartLayout } from '../store/contents.js';
import { checksumElements } from './common-xml.js';
import { document, element, parent } from './xml-writer.js';

const NAMES = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const;

export type AttributeName = (typeof NAMES)[number];

/** A page of an object's parts. */
export interface PartList {
  readonly total: number;
  readonly after: number;
  readonly limit: number;
  readonly parts: readonly PartLayout[];
  readonly isTruncated: boolean;
}

/** Error: `blob.invalid_argument`. */
export function readAttributeNames(header: string | undefined): ReadonlySet<AttributeName> {
  const names = (header ?? '').split(',').map((name) => name.trim());
  return new Set(
    names.map((name) => {
      const known = NAMES.find((candidate) => candidate === name);
      if (known !== undefined) return known;
      throw blobErrors.error(
        'blob.invalid_argument',
        `x-amz-object-attributes has ${JSON.stringify(name.slice(0, 50))}, none of ${NAMES.join(', ')}`,
      );
    }),
  );
}

export function attributesXml(
  stat: ObjectStat,
  names: ReadonlySet<AttributeName>,
  parts: PartList | undefined,
): string {
  const checksum = names.has('Checksum') ? checksumElements(stat.checksum) : '';
  return document(
    'GetObjectAttributesResponse',
    names.has('ETag') ? element('ETag', stat.etag) : '',
    checksum === '' ? '' : parent('Checksum', checksum),
    parts === undefined ? '' : partsXml(parts, stat.checksum),
    names.has('StorageClass') ? element('StorageClass', 'STANDARD') : '',
    names.has('ObjectSize') ? element('ObjectSize', stat.size) : '',
  );
}

function partsXml({ total, after, limit, parts, isTruncated }: PartList, checksum: ObjectChecksum | undefined): string {
  return parent(
    'ObjectParts',
    element('PartsCount', total),
    element('PartNumberMarker', after),
    element('NextPartNumberMarker', parts.at(-1)?.number ?? after),
    element('MaxParts', limit),
    element('IsTruncated', isTruncated),
    ...parts.map((part) =>
      parent(
        'Part',
        element('PartNumber', part.number),
        element('Size', part.size),
        checksum === undefined ? '' : element(`Checksum${checksum.algorithm}`, part.checksum),
      ),
    ),
  );
}
