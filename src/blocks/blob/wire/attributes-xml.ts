/** GetObjectAttributes: which of an object's attributes are asked for, and the answer. */
import type { ObjectStat } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import { checksumElements } from './common-xml.js';
import { document, element, parent } from './xml-writer.js';

const NAMES = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'] as const;

export type AttributeName = (typeof NAMES)[number];

export interface PartEntry {
  readonly partNumber: number;
  readonly size: number;
}

export interface PartList {
  readonly total: number;
  readonly after: number;
  readonly limit: number;
  readonly parts: readonly PartEntry[];
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
    parts === undefined ? '' : partsXml(parts),
    names.has('StorageClass') ? element('StorageClass', 'STANDARD') : '',
    names.has('ObjectSize') ? element('ObjectSize', stat.size) : '',
  );
}

function partsXml({ total, after, limit, parts }: PartList): string {
  const last = parts.at(-1)?.partNumber ?? after;
  return parent(
    'ObjectParts',
    element('TotalPartsCount', total),
    element('PartNumberMarker', after),
    element('NextPartNumberMarker', last),
    element('MaxParts', limit),
    element('IsTruncated', last < total),
    ...parts.map((part) => parent('Part', element('PartNumber', part.partNumber), element('Size', part.size))),
  );
}
