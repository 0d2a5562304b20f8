/** The body of a request as handlers have it: decoded, and checked against everything that was said of it. */
import { createHash } from 'node:crypto';
import { readDeclaredChecksum } from '../checksum/declared.js';
import { readDecodedLength } from '../chunked/decode.js';
import { verifiedBody } from '../chunked/verified-body.js';
import { blobErrors } from '../errors.js';
import type { Body, ObjectChecksum } from '../object-types.js';
import { LARGEST_BODY } from '../rules/multipart.js';
import type { PayloadMode } from '../sigv4/payload.js';
import type { Headers } from '../wire/http-values.js';
import { s3Error } from '../wire/s3-errors.js';
import type { BodySource } from './body-source.js';

export interface Received {
  readonly body: Body;
  /** Bytes that it will have. */
  readonly size: number;
  /** Content-MD5, in hex, for the store to check. */
  readonly md5?: string;
  /** After the end of the body: what is to be stored. */
  readonly checksum: () => ObjectChecksum | undefined;
}

export interface ReceiveOptions {
  readonly headers: Headers;
  readonly payload: PayloadMode;
}

/** Errors at once: `blob.missing_length`, `blob.entity_too_large`, `blob.invalid_request`, `blob.invalid_digest`. */
export function receive(source: BodySource, { headers, payload }: ReceiveOptions): Received {
  const size = readLength(headers, payload);
  if (size > LARGEST_BODY) {
    throw blobErrors.error('blob.entity_too_large', `a body has at most ${LARGEST_BODY} bytes, and this one ${size}`);
  }
  const declared = readDeclaredChecksum(headers);
  const { body, checksum } = verifiedBody(source.pieces(), {
    payload,
    declared,
    decodedLength: readDecodedLength(headers),
  });
  return { body, size, checksum, ...(declared.md5 !== undefined && { md5: declared.md5 }) };
}

/** Of the content, without the framing of aws-chunked. */
function readLength(headers: Headers, payload: PayloadMode): number {
  const decoded = readDecodedLength(headers);
  if (payload.kind === 'chunked') {
    if (decoded !== undefined) return decoded;
    throw blobErrors.error('blob.missing_length', 'a body in aws-chunked needs x-amz-decoded-content-length');
  }
  if (decoded !== undefined) {
    throw blobErrors.error(
      'blob.invalid_request',
      'x-amz-decoded-content-length is given, and x-amz-content-sha256 does not say that the body is in aws-chunked',
    );
  }
  const length = headers.get('content-length');
  if (length === undefined) throw blobErrors.error('blob.missing_length', 'the request has no Content-Length');
  return Number(length);
}

/** Bytes that a document is given room for before it comes. */
const FIRST_ROOM = 16 * 1024;

export interface DocumentOptions extends ReceiveOptions {
  readonly largest: number;
  /** The x-amz-checksum- headers are of something else than this document. */
  readonly othersChecksum: boolean;
}

/** A document, whole and checked. Errors: `blob.entity_too_large`, `blob.bad_digest`, and what the body throws. */
export async function receiveDocument(source: BodySource, options: DocumentOptions): Promise<Buffer> {
  const { headers, payload, largest, othersChecksum } = options;
  const { md5, ...declared } = othersChecksum ? { md5: undefined } : readDeclaredChecksum(headers);
  const { body } = verifiedBody(source.pieces(), { payload, declared, decodedLength: readDecodedLength(headers) });
  // It may come byte by byte: pieces that were kept would take hundreds of times its size.
  let room = Buffer.alloc(FIRST_ROOM);
  let size = 0;
  for await (const piece of body) {
    const end = size + piece.length;
    if (end > largest) {
      throw s3Error('blob.entity_too_large', 'MaxMessageLengthExceeded', `the document has more than ${largest} bytes`);
    }
    if (end > room.length) room = Buffer.concat([room], Math.max(end, 2 * room.length));
    room.set(piece, size);
    size = end;
  }
  const document = room.subarray(0, size);
  if (md5 !== undefined && createHash('md5').update(document).digest('hex') !== md5) {
    throw blobErrors.error('blob.bad_digest', 'the document has another MD5 than Content-MD5 says');
  }
  return document;
}
