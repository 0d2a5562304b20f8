/**
 * Error codes of the blob store. Each is one of S3's, in its own spelling on the wire (wire/s3-errors.ts), or of what only commands
 * and the store file can meet.
 */
import { defineErrors } from '../../platform/errors.js';

export const blobErrors = defineErrors({
  'blob.no_such_bucket': { kind: 'no', meaning: 'There is no bucket of this name.' },
  'blob.no_such_key': { kind: 'no', meaning: 'There is no object of this key in the bucket.' },
  'blob.no_such_version': { kind: 'no', meaning: 'The object has no version of this identifier.' },
  'blob.no_such_upload': {
    kind: 'no',
    meaning: 'There is no multipart upload of this identifier: it is complete, aborted, or never was.',
  },
  'blob.no_such_configuration': { kind: 'no', meaning: 'The bucket has no lifecycle, no CORS rules or no tags.' },
  'blob.bucket_exists': { kind: 'no', meaning: 'There is a bucket of this name already.' },
  'blob.bucket_not_empty': {
    kind: 'no',
    meaning: 'The bucket has objects, older versions or delete markers, and cannot be deleted.',
  },
  'blob.read_only_bucket': { kind: 'no', meaning: 'The bucket is a snapshot, and cannot be written to.' },
  'blob.precondition_failed': {
    kind: 'no',
    meaning: 'A condition on the object did not hold: If-Match, If-None-Match and their kind.',
  },
  'blob.not_modified': { kind: 'no', meaning: 'The object is still the one that the caller has.' },
  'blob.conflict': { kind: 'no', meaning: 'Another request changed the same object meanwhile; nothing was done.' },
  'blob.delete_marker': { kind: 'no', meaning: 'The version is a delete marker, which can be deleted and not read.' },
  'blob.invalid_range': { kind: 'usage', meaning: 'The object has no byte in the range that was asked for.' },
  'blob.invalid_bucket_name': { kind: 'usage', meaning: 'A bucket cannot be called so.' },
  'blob.invalid_key': {
    kind: 'usage',
    meaning: 'An object cannot be called so: its key is empty, too long, or not UTF-8.',
  },
  'blob.invalid_argument': { kind: 'usage', meaning: 'A parameter of a request has no such value.' },
  'blob.invalid_request': { kind: 'usage', meaning: 'A request contradicts itself, or cannot be read.' },
  'blob.invalid_part': {
    kind: 'usage',
    meaning: 'A part that the upload is to be completed with was not uploaded, or has another ETag.',
  },
  'blob.invalid_part_order': {
    kind: 'usage',
    meaning: 'The parts that an upload is to be completed with are not in rising order.',
  },
  'blob.entity_too_small': { kind: 'usage', meaning: 'A part other than the last one has less than 5 MiB.' },
  'blob.entity_too_large': { kind: 'usage', meaning: 'An object, a part or a document is larger than it may be.' },
  'blob.metadata_too_large': { kind: 'usage', meaning: 'The metadata of an object has more than 2 KB.' },
  'blob.invalid_tag': {
    kind: 'usage',
    meaning: 'A set of tags is too large, has a key twice, or characters that tags cannot have.',
  },
  'blob.bad_digest': {
    kind: 'usage',
    meaning: 'What arrived has another checksum than was announced; nothing was stored.',
  },
  'blob.invalid_digest': { kind: 'usage', meaning: 'An announced checksum is not one.' },
  'blob.incomplete_body': {
    kind: 'usage',
    meaning: 'A body has fewer or more bytes than were announced; nothing was stored.',
  },
  'blob.malformed_xml': {
    kind: 'usage',
    meaning: 'A document cannot be read: it is not well-formed, or not what S3 says.',
  },
  'blob.missing_length': { kind: 'usage', meaning: 'A request does not tell how long its body is.' },
  'blob.request_timeout': { kind: 'usage', meaning: 'A body came too slowly; nothing was stored.' },
  'blob.method_not_allowed': { kind: 'usage', meaning: 'There is nothing that can be done so.' },
  'blob.not_implemented': { kind: 'usage', meaning: 'S3 has it, and ds blob has it not.' },
  'blob.access_denied': { kind: 'peer', meaning: 'The request is not signed, or may not do what it asks for.' },
  'blob.signature_does_not_match': {
    kind: 'peer',
    meaning: 'The signature of a request is not that of its canonical form.',
  },
  'blob.invalid_access_key_id': { kind: 'peer', meaning: 'Nobody has this access key.' },
  'blob.invalid_token': { kind: 'peer', meaning: 'A session token was given, and there are none here.' },
  'blob.expired': { kind: 'peer', meaning: 'A presigned URL is past its time.' },
  'blob.request_time_too_skewed': {
    kind: 'peer',
    meaning: 'The clocks of client and server differ by more than 15 minutes.',
  },
  'blob.authorization_malformed': {
    kind: 'usage',
    meaning: 'The credentials of a request cannot be read, or are for another region or service.',
  },
  'blob.content_sha256_mismatch': {
    kind: 'usage',
    meaning: 'A body has another SHA-256 than was signed; nothing was stored.',
  },
  'blob.bad_credentials_file': { kind: 'usage', meaning: 'A file of credentials cannot be read, or has none.' },
  'blob.bad_url': { kind: 'usage', meaning: 'A URL is none of an S3 server.' },
  'blob.bad_bench': { kind: 'usage', meaning: 'No load can be measured that is as it was asked for.' },
  'blob.unreachable': { kind: 'peer', meaning: 'The S3 server behind --url could not be reached.' },
  'blob.refused': {
    kind: 'peer',
    meaning: 'The S3 server behind --url answered with an error that has no code here; the message has its words.',
  },
  'blob.unsafe_path': {
    kind: 'usage',
    meaning: 'A key would become a path outside the target folder, or one that cannot be.',
  },
  'blob.local_file': { kind: 'usage', meaning: 'A local file cannot be read or written.' },
  'blob.corrupt': {
    kind: 'storage',
    meaning:
      'Stored bytes are not those that were stored: a pack file was damaged or is missing. ds blob scrub tells which objects.',
  },
  'blob.no_such_request': { kind: 'no', meaning: 'No refused request of this identifier is on record.' },
  'blob.bad_sql': { kind: 'usage', meaning: 'A query cannot be run, or would change something.' },
  'blob.bad_archive': { kind: 'usage', meaning: 'An archive cannot be read.' },
});
