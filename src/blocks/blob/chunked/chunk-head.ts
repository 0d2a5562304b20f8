/** The line before a chunk: its size in hexadecimal digits, and its signature. */
import { blobErrors } from '../errors.js';

const SIZE = /^([0-9A-Fa-f]{1,16})(?:;.{0,200})?$/;
const SIGNED = /^([0-9A-Fa-f]{1,16});chunk-signature=([0-9a-f]{64})$/;

export interface ChunkHead {
  readonly size: number;
  /** In hex; empty where chunks are not signed. */
  readonly signature: string;
}

/** Other extensions of chunks that are not signed are read over (RFC 9112, 7.1.1). `blob.invalid_request`. */
export function readChunkHead(line: string, signed: boolean): ChunkHead {
  const [, digits, signature = ''] = (signed ? SIGNED : SIZE).exec(line) ?? [];
  const size = Number.parseInt(digits ?? '', 16);
  if (Number.isSafeInteger(size)) return { size, signature };
  const form = signed ? 'SIZE;chunk-signature=SIGNATURE' : 'SIZE';
  throw blobErrors.error(
    'blob.invalid_request',
    `the body is not aws-chunked: ${JSON.stringify(line.slice(0, 100))} is not ${form} in hexadecimal digits`,
  );
}
