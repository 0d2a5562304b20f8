/** Bodies in aws-chunked, as the rest of the block has bodies. */

import { blobErrors } from '../errors.js';
import type { Body } from '../object-types.js';
import { AwsChunkedDecoder, type ChunkedOptions } from './decoder.js';

export interface DecodedBody {
  /**
   * The content. It fails where the body is not what was signed or announced, at the latest at its end: nothing of it may count before it
   * has ended.
   */
  readonly body: Body;
  /** The value of the trailer, once the body has ended. */
  readonly trailer: () => string | undefined;
}

/** `blob.invalid_request`, `blob.incomplete_body`, `blob.signature_does_not_match`, when the body is read. */
export function decodeAwsChunked(source: Body, options: ChunkedOptions): DecodedBody {
  const decoder = new AwsChunkedDecoder(options);
  return { body: content(source, decoder), trailer: () => decoder.trailer };
}

async function* content(source: Body, decoder: AwsChunkedDecoder): AsyncGenerator<Uint8Array, void, void> {
  for await (const bytes of source) {
    yield* decoder.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
  decoder.end();
}

/** Undefined where the header is missing. `blob.invalid_request`. */
export function readDecodedLength(headers: ReadonlyMap<string, string>): number | undefined {
  const text = headers.get('x-amz-decoded-content-length');
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw blobErrors.error(
    'blob.invalid_request',
    `x-amz-decoded-content-length is not a number of bytes: ${JSON.stringify(text)}`,
  );
}
