/**
 * What x-amz-content-sha256 says of the body (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html):
 *
 *     64 hexadecimal digits                        its SHA-256, signed with the head
 *     UNSIGNED-PAYLOAD                             nothing
 *     STREAMING-AWS4-HMAC-SHA256-PAYLOAD           aws-chunked, each chunk signed
 *     STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER   the same, and a signed trailer
 *     STREAMING-UNSIGNED-PAYLOAD-TRAILER           aws-chunked with a trailer, nothing signed
 */
import { blobErrors } from '../errors.js';
import type { RequestHead } from './head.js';

/** What signatures of chunks begin with: the first one is over that of the head, each next one over the one before. */
export interface ChunkSigning {
  readonly key: Uint8Array;
  readonly dateTime: string;
  readonly scope: string;
  readonly seed: string;
}

export type PayloadMode =
  | { readonly kind: 'signed'; readonly sha256: string }
  | { readonly kind: 'unsigned' }
  | {
      readonly kind: 'chunked';
      /** Whether chunks (and the trailer) have signatures. */
      readonly signed: boolean;
      /** What to check them with; absent of an anonymous server, which checks nobody's. */
      readonly signing?: ChunkSigning;
      readonly trailer: boolean;
    };

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const STREAMING = new Map([
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', { signed: true, trailer: false }],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', { signed: true, trailer: true }],
  ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', { signed: false, trailer: true }],
]);

/** `blob.not_implemented` for a mode that only S3 has, `blob.invalid_request` for what is none. `signing` is asked for where it is needed. */
export function readPayloadMode(text: string, signing?: () => ChunkSigning): PayloadMode {
  if (text === UNSIGNED_PAYLOAD) return { kind: 'unsigned' };
  if (/^[0-9a-f]{64}$/.test(text)) return { kind: 'signed', sha256: text };
  const streaming = STREAMING.get(text);
  if (streaming !== undefined) {
    return { kind: 'chunked', ...streaming, ...(streaming.signed && signing && { signing: signing() }) };
  }
  const known = [UNSIGNED_PAYLOAD, ...STREAMING.keys()];
  throw blobErrors.error(
    text.startsWith('STREAMING-') ? 'blob.not_implemented' : 'blob.invalid_request',
    `x-amz-content-sha256 is ${JSON.stringify(text)}, which is not supported`,
    { hint: `send the SHA-256 of the body in hex, or ${known.join(', ')}` },
  );
}

/** Of a request whose signature is not asked for. Signatures of chunks are read over then, and the SHA-256 of a body still holds. */
export function anonymousPayload(head: RequestHead): PayloadMode {
  return readPayloadMode(head.headers.get('x-amz-content-sha256') ?? UNSIGNED_PAYLOAD);
}
