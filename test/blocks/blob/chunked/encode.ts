/** Bodies in aws-chunked, as a client writes them. */
import { SignatureChain } from '../../../../src/blocks/blob/chunked/chain.js';
import type { ChunkSigning } from '../../../../src/blocks/blob/sigv4/payload.js';

export interface EncodeOptions {
  readonly signing?: ChunkSigning;
  readonly trailer?: readonly [name: string, value: string];
}

export function encodeAwsChunked(chunks: readonly Uint8Array[], { signing, trailer }: EncodeOptions = {}): Buffer {
  const chain = signing === undefined ? undefined : new SignatureChain(signing);
  const head = (chunk: Uint8Array) => {
    chain?.add(chunk);
    const signature = chain === undefined ? '' : `;chunk-signature=${chain.endChunk().signature}`;
    return `${chunk.length.toString(16)}${signature}\r\n`;
  };
  const pieces: (string | Uint8Array)[] = [];
  for (const chunk of chunks) pieces.push(head(chunk), chunk, '\r\n');
  pieces.push(head(Buffer.alloc(0)));
  if (trailer !== undefined) {
    pieces.push(`${trailer[0]}:${trailer[1]}\r\n`);
    if (chain !== undefined) {
      pieces.push(`x-amz-trailer-signature:${chain.signTrailers(`${trailer[0]}:${trailer[1]}\n`)}\r\n`);
    }
  }
  pieces.push('\r\n');
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}
