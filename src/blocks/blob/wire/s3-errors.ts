/**
 * Errors on the wire: which of S3's codes each of ours is, and its HTTP status
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
 *
 * S3 has several codes for some of ours. The exact one is then in the error's details: `s3_code`.
 */
import { DsError, type ErrorDetail } from '../../../platform/errors.js';
import { blobErrors } from '../errors.js';
import { document, element } from './xml-writer.js';

type BlobErrorCode = keyof typeof blobErrors.definitions;

const STATUSES = {
  AccessControlListNotSupported: 400,
  AccessDenied: 403,
  AccessForbidden: 403,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  BadRequest: 400,
  BucketAlreadyExists: 409,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  ConditionalRequestConflict: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IllegalLocationConstraintException: 400,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketAclWithObjectOwnership: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidLocationConstraint: 400,
  InvalidPart: 400,
  InvalidPartNumber: 416,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidStorageClass: 400,
  InvalidTag: 400,
  InvalidToken: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedACLError: 400,
  MalformedXML: 400,
  MaxMessageLengthExceeded: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchConfiguration: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchObjectLockConfiguration: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  NoSuchWebsiteConfiguration: 404,
  NotImplemented: 501,
  NotModified: 304,
  ObjectLockConfigurationNotFoundError: 404,
  OwnershipControlsNotFoundError: 404,
  PreconditionFailed: 412,
  ReplicationConfigurationNotFoundError: 404,
  RequestHeaderSectionTooLarge: 400,
  RequestTimeout: 400,
  RequestTimeTooSkewed: 403,
  ServerSideEncryptionConfigurationNotFoundError: 404,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  UnresolvableGrantByEmailAddress: 400,
  XAmzContentSHA256Mismatch: 400,
  /** S3 is never full. MinIO's word, and a status that clients do not try again by themselves, as they do 503: it would pass by nothing. */
  XMinioStorageFull: 507,
} as const;

export type S3Code = keyof typeof STATUSES;

/** The one that S3 gives for it, or gives most often. Undefined: it has no place on the wire. */
const S3_CODES: Readonly<Record<BlobErrorCode, S3Code | undefined>> = {
  'blob.no_such_bucket': 'NoSuchBucket',
  'blob.no_such_key': 'NoSuchKey',
  'blob.no_such_version': 'NoSuchVersion',
  'blob.no_such_upload': 'NoSuchUpload',
  'blob.no_such_configuration': 'NoSuchConfiguration',
  'blob.bucket_exists': 'BucketAlreadyOwnedByYou',
  'blob.bucket_not_empty': 'BucketNotEmpty',
  'blob.read_only_bucket': 'AccessDenied',
  'blob.precondition_failed': 'PreconditionFailed',
  'blob.not_modified': 'NotModified',
  'blob.conflict': 'ConditionalRequestConflict',
  'blob.delete_marker': 'MethodNotAllowed',
  'blob.invalid_range': 'InvalidRange',
  'blob.invalid_bucket_name': 'InvalidBucketName',
  'blob.invalid_key': 'KeyTooLongError',
  'blob.invalid_argument': 'InvalidArgument',
  'blob.invalid_request': 'InvalidRequest',
  'blob.invalid_part': 'InvalidPart',
  'blob.invalid_part_order': 'InvalidPartOrder',
  'blob.entity_too_small': 'EntityTooSmall',
  'blob.entity_too_large': 'EntityTooLarge',
  'blob.metadata_too_large': 'MetadataTooLarge',
  'blob.invalid_tag': 'InvalidTag',
  'blob.bad_digest': 'BadDigest',
  'blob.invalid_digest': 'InvalidDigest',
  'blob.incomplete_body': 'IncompleteBody',
  'blob.malformed_xml': 'MalformedXML',
  'blob.missing_length': 'MissingContentLength',
  'blob.request_timeout': 'RequestTimeout',
  'blob.method_not_allowed': 'MethodNotAllowed',
  'blob.not_implemented': 'NotImplemented',
  'blob.access_denied': 'AccessDenied',
  'blob.signature_does_not_match': 'SignatureDoesNotMatch',
  'blob.invalid_access_key_id': 'InvalidAccessKeyId',
  'blob.invalid_token': 'InvalidToken',
  'blob.expired': 'AccessDenied',
  'blob.request_time_too_skewed': 'RequestTimeTooSkewed',
  'blob.authorization_malformed': 'AuthorizationHeaderMalformed',
  'blob.content_sha256_mismatch': 'XAmzContentSHA256Mismatch',
  'blob.corrupt': 'InternalError',
  'blob.bad_credentials_file': undefined,
  'blob.bad_url': undefined,
  'blob.bad_bench': undefined,
  'blob.unreachable': undefined,
  'blob.refused': undefined,
  'blob.unsafe_path': undefined,
  'blob.local_file': undefined,
  'blob.no_such_request': undefined,
  'blob.bad_sql': undefined,
  'blob.bad_archive': undefined,
};

/** What S3's codes mean here, where it is not plain from {@link S3_CODES}: those for which there is none, or more than one. */
const FURTHER_CODES: Readonly<Partial<Record<S3Code, BlobErrorCode>>> = {
  AccessControlListNotSupported: 'blob.invalid_request',
  AccessDenied: 'blob.access_denied',
  AuthorizationQueryParametersError: 'blob.authorization_malformed',
  BucketAlreadyExists: 'blob.bucket_exists',
  IllegalLocationConstraintException: 'blob.invalid_argument',
  InvalidBucketAclWithObjectOwnership: 'blob.invalid_request',
  InvalidLocationConstraint: 'blob.invalid_argument',
  InvalidPartNumber: 'blob.invalid_range',
  InvalidStorageClass: 'blob.invalid_argument',
  InvalidURI: 'blob.invalid_request',
  MalformedACLError: 'blob.malformed_xml',
  MaxMessageLengthExceeded: 'blob.entity_too_large',
  MethodNotAllowed: 'blob.method_not_allowed',
  NoSuchBucketPolicy: 'blob.no_such_configuration',
  NoSuchCORSConfiguration: 'blob.no_such_configuration',
  NoSuchLifecycleConfiguration: 'blob.no_such_configuration',
  NoSuchObjectLockConfiguration: 'blob.no_such_configuration',
  NoSuchPublicAccessBlockConfiguration: 'blob.no_such_configuration',
  NoSuchTagSet: 'blob.no_such_configuration',
  NoSuchWebsiteConfiguration: 'blob.no_such_configuration',
  ObjectLockConfigurationNotFoundError: 'blob.no_such_configuration',
  OwnershipControlsNotFoundError: 'blob.no_such_configuration',
  ReplicationConfigurationNotFoundError: 'blob.no_such_configuration',
  ServerSideEncryptionConfigurationNotFoundError: 'blob.no_such_configuration',
  UnresolvableGrantByEmailAddress: 'blob.invalid_argument',
};

const OWN_CODES: ReadonlyMap<string, BlobErrorCode> = new Map([
  ...Object.entries(S3_CODES).flatMap(([own, code]): [string, BlobErrorCode][] =>
    code !== undefined && isOwnCode(own) ? [[code, own]] : [],
  ),
  ...Object.entries(FURTHER_CODES),
]);

/** What the wire has of an error. */
export interface WireError {
  readonly code: S3Code;
  readonly status: number;
  readonly message: string;
}

/** An error that S3 has a code of its own for, one of several that are one of ours. */
export function s3Error(
  code: BlobErrorCode,
  s3Code: S3Code,
  message: string,
  details: Readonly<Record<string, ErrorDetail>> = {},
): DsError {
  return blobErrors.error(code, message, { details: { ...details, s3_code: s3Code } });
}

/** Any error as it goes over the wire. Of what nobody foresaw only that it happened: the log has the rest. */
export function wireErrorOf(error: unknown): WireError {
  if (!(error instanceof DsError)) return wireErrorFor('InternalError', 'the server met an unexpected problem');
  const exact = exactCode(error);
  if (exact !== undefined) return wireErrorFor(exact, error.message);
  if (isOwnCode(error.code)) return wireErrorFor(S3_CODES[error.code] ?? 'InternalError', error.message);
  if (error.code === 'storage.overloaded') return wireErrorFor('SlowDown', error.message);
  if (error.code === 'storage.full')
    return wireErrorFor(
      'XMinioStorageFull',
      'the disk of the store is full: nothing is stored until something is deleted',
    );
  return error.kind === 'storage'
    ? wireErrorFor('ServiceUnavailable', 'the store cannot be used now')
    : wireErrorFor('InternalError', 'the server met an unexpected problem');
}

const DOCUMENT_CODES: Readonly<Record<string, S3Code>> = {
  lifecycle: 'NoSuchLifecycleConfiguration',
  cors: 'NoSuchCORSConfiguration',
  tagging: 'NoSuchTagSet',
};

/** Where details tell which one of several it is. */
function exactCode({ code, details }: DsError): S3Code | undefined {
  const { s3_code: exact, document, form } = details;
  if (typeof exact === 'string' && isS3Code(exact)) return exact;
  if (code === 'blob.no_such_configuration') return DOCUMENT_CODES[String(document)];
  return form === 'query' ? 'AuthorizationQueryParametersError' : undefined;
}

/** Our code for one of S3's; undefined for one that has none here. */
export function ownCodeOf(s3Code: string): BlobErrorCode | undefined {
  return OWN_CODES.get(s3Code);
}

/** The document that S3 answers with. */
export function errorDocument({ code, message }: WireError, resource: string, requestId: string): string {
  return document(
    'Error',
    element('Code', code),
    element('Message', message),
    element('Resource', resource),
    element('RequestId', requestId),
  );
}

/** One of S3's as it goes over the wire. */
export function wireErrorFor(code: S3Code, message: string): WireError {
  return { code, status: STATUSES[code], message };
}

function isS3Code(text: string): text is S3Code {
  return Object.hasOwn(STATUSES, text);
}

function isOwnCode(text: string): text is BlobErrorCode {
  return Object.hasOwn(blobErrors.definitions, text);
}
