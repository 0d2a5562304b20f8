/** DeleteObjects: what is to be deleted, and what became of each. */
import type { DeleteResult, WriteConditions } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import { parseEtags, parseHttpDate } from './http-values.js';
import type { WireError } from './s3-errors.js';
import {
  allowOnly,
  childrenOf,
  countOf,
  malformed,
  readXml,
  requiredText,
  textOf,
  type XmlElement,
} from './xml-reader.js';
import { document, element, parent } from './xml-writer.js';

export interface DeleteEntry {
  readonly key: string;
  readonly versionId?: string;
  readonly conditions?: WriteConditions;
}

export interface DeleteRequest {
  /** Only what went wrong is to be told. */
  readonly quiet: boolean;
  readonly entries: readonly DeleteEntry[];
}

const MOST_ENTRIES = 1_000;

/** Error: `blob.malformed_xml`, also for more than 1,000 keys. */
export function readDeleteXml(bytes: Uint8Array): DeleteRequest {
  const root = readXml(bytes, 'Delete');
  allowOnly(root, ['Object', 'Quiet']);
  const objects = childrenOf(root, 'Object');
  if (objects.length === 0) throw malformed('it names no object');
  if (objects.length > MOST_ENTRIES)
    throw malformed(`it names ${objects.length} objects; ${MOST_ENTRIES} are the most`);
  return { quiet: textOf(root, 'Quiet')?.trim().toLowerCase() === 'true', entries: objects.map(readEntry) };
}

function readEntry(object: XmlElement): DeleteEntry {
  allowOnly(object, ['Key', 'VersionId', 'ETag', 'LastModifiedTime', 'Size']);
  const key = requiredText(object, 'Key');
  if (key === '') throw blobErrors.error('blob.malformed_xml', 'a key to be deleted is empty');
  const versionId = textOf(object, 'VersionId');
  const conditions = conditionsOf(object);
  return {
    key,
    ...(versionId !== undefined && versionId !== '' && { versionId }),
    ...(conditions !== undefined && { conditions }),
  };
}

function conditionsOf(object: XmlElement): WriteConditions | undefined {
  const etag = textOf(object, 'ETag');
  const modified = textOf(object, 'LastModifiedTime');
  const ifSize = countOf(object, 'Size');
  if (etag === undefined && modified === undefined && ifSize === undefined) return undefined;
  const ifModifiedAt = modified === undefined ? undefined : parseHttpDate(modified.trim());
  if (modified !== undefined && ifModifiedAt === undefined) throw malformed('LastModifiedTime is no time');
  return {
    ...(etag !== undefined && { ifMatch: parseEtags(etag) }),
    ...(ifModifiedAt !== undefined && { ifModifiedAt }),
    ...(ifSize !== undefined && { ifSize }),
  };
}

export type DeleteOutcome =
  | { readonly entry: DeleteEntry; readonly result: DeleteResult }
  | { readonly entry: DeleteEntry; readonly error: WireError };

/** @param quiet only what went wrong */
export function deleteResultXml(outcomes: readonly DeleteOutcome[], quiet: boolean): string {
  return document('DeleteResult', ...outcomes.map((outcome) => outcomeXml(outcome, quiet)));
}

function outcomeXml(outcome: DeleteOutcome, quiet: boolean): string {
  const { key, versionId } = outcome.entry;
  const named = element('Key', key) + element('VersionId', versionId);
  if ('error' in outcome) {
    return parent('Error', named, element('Code', outcome.error.code), element('Message', outcome.error.message));
  }
  if (quiet) return '';
  const { deleteMarker, versionId: touched } = outcome.result;
  const marker = deleteMarker ? element('DeleteMarker', true) + element('DeleteMarkerVersionId', touched) : '';
  return parent('Deleted', named, marker);
}
