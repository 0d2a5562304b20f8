/** Header fields that go with an error. */
import { DsError } from '../../../platform/errors.js';
import { quoted } from '../wire/common-xml.js';
import { httpDate } from '../wire/http-values.js';
import { type HeaderField, optional } from './call.js';

export function errorFields(error: unknown): readonly HeaderField[] {
  if (!(error instanceof DsError)) return [];
  const { details } = error;
  switch (error.code) {
    case 'blob.not_modified':
      return [
        ...optional('etag', typeof details['etag'] === 'string' ? quoted(details['etag']) : undefined),
        ...dateField(details['modified_at']),
      ];
    case 'blob.invalid_range':
      return optional(
        'content-range',
        typeof details['size_bytes'] === 'number' ? `bytes */${details['size_bytes']}` : undefined,
      );
    case 'blob.delete_marker':
      return [['allow', 'DELETE'], ...markerFields(details)];
    case 'blob.no_such_key':
      return markerFields(details);
    default:
      return [];
  }
}

function markerFields(details: DsError['details']): readonly HeaderField[] {
  if (details['delete_marker'] !== true) return [];
  const version = details['version_id'];
  return [
    ['x-amz-delete-marker', 'true'],
    ...optional('x-amz-version-id', typeof version === 'string' ? version : undefined),
    ...dateField(details['modified_at']),
  ];
}

function dateField(ms: unknown): readonly HeaderField[] {
  return optional('last-modified', typeof ms === 'number' ? httpDate(ms) : undefined);
}
