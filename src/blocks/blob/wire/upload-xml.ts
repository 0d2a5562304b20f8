/** Documents of uploads in parts, and of copies. */

import type { CompletedPart, PutResult } from '../blob-store.js';
import { CHECKSUM_ALGORITHMS } from '../checksum/algorithms.js';
import { blobErrors } from '../errors.js';
import type { UploadInfo } from '../object-types.js';
import { MOST_PARTS } from '../rules/multipart.js';
import { checksumElements, checksumValue, quoted } from './common-xml.js';
import { parseEtags } from './http-values.js';
import { allowOnly, childrenOf, malformed, readXml, requiredText, textOf, type XmlElement } from './xml-reader.js';
import { document, element, isoTime } from './xml-writer.js';

const CHECKSUM_ELEMENTS = CHECKSUM_ALGORITHMS.map((algorithm) => `Checksum${algorithm}`);

/** Errors: `blob.malformed_xml`, `blob.invalid_part`. */
export function readCompleteXml(bytes: Uint8Array): readonly CompletedPart[] {
  const root = readXml(bytes, 'CompleteMultipartUpload');
  allowOnly(root, ['Part']);
  const parts = childrenOf(root, 'Part');
  if (parts.length === 0) throw malformed('it names no part');
  if (parts.length > MOST_PARTS) throw malformed(`it names ${parts.length} parts; ${MOST_PARTS} are the most`);
  return parts.map(readPart);
}

function readPart(part: XmlElement): CompletedPart {
  allowOnly(part, ['PartNumber', 'ETag', ...CHECKSUM_ELEMENTS]);
  const number = requiredText(part, 'PartNumber').trim();
  if (!/^\d{1,6}$/.test(number)) throw malformed(`PartNumber is ${JSON.stringify(number.slice(0, 20))}`);
  const [etag = ''] = parseEtags(requiredText(part, 'ETag'));
  const checksums = CHECKSUM_ELEMENTS.flatMap((name) => textOf(part, name)?.trim() ?? []);
  if (checksums.length > 1) throw blobErrors.error('blob.invalid_part', `part ${number} has more than one checksum`);
  const [checksum] = checksums;
  return { partNumber: Number(number), etag, ...(checksum !== undefined && { checksum }) };
}

export function createUploadXml({ bucket, key, uploadId }: UploadInfo): string {
  return document(
    'InitiateMultipartUploadResult',
    element('Bucket', bucket),
    element('Key', key),
    element('UploadId', uploadId),
  );
}

export function completeUploadXml(
  place: { readonly bucket: string; readonly key: string; readonly location: string },
  result: PutResult,
): string {
  return document(
    'CompleteMultipartUploadResult',
    element('Location', place.location),
    element('Bucket', place.bucket),
    element('Key', place.key),
    element('ETag', quoted(result.etag)),
    checksumElements(result.checksum),
  );
}

/** `root`: `CopyObjectResult` or `CopyPartResult`. */
export function copyXml(
  root: 'CopyObjectResult' | 'CopyPartResult',
  result: Pick<PutResult, 'etag' | 'modifiedAt' | 'checksum'>,
): string {
  return document(
    root,
    element('LastModified', isoTime(result.modifiedAt)),
    element('ETag', quoted(result.etag)),
    root === 'CopyPartResult' ? checksumValue(result.checksum) : checksumElements(result.checksum),
  );
}
