/**
 * Takes the content out of a body in aws-chunked, which AWS's SDKs send so that a signature or a checksum can come after what it is of:
 *
 *     10000;chunk-signature=ad80…\r\n     size in hex; the signature only where chunks are signed
 *     <65536 bytes>\r\n
 *     0;chunk-signature=b6c6…\r\n         the last chunk is empty
 *     x-amz-checksum-crc32c:sOO8/Q==\r\n  trailers, where there are any
 *     x-amz-trailer-signature:d81f…\r\n   and theirs, where they are signed
 *     \r\n
 *
 *             ┌───────── size > 0 ────────┐
 *     start → head ─ size 0 → trailers ─ empty line → ended
 *              ↑              data ← ─────┘
 *              └─ CRLF ← gap ←─┘
 *
 * Content is given on as it comes, in slices of what came in: that it is what was signed is known at the end of its chunk, and
 * that it is all at the end of the body. Whoever consumes it must not act on it before `end()` has returned.
 */
import { blobErrors } from '../errors.js';
import type { PayloadMode } from '../sigv4/payload.js';
import { sameSignature } from '../sigv4/signature.js';
import { SignatureChain } from './chain.js';
import { readChunkHead } from './chunk-head.js';
import { TrailerLines } from './trailer-lines.js';

type ChunkedPayload = Extract<PayloadMode, { readonly kind: 'chunked' }>;

export interface ChunkedOptions {
  readonly payload: ChunkedPayload;
  /** What x-amz-decoded-content-length says. */
  readonly decodedLength?: number;
  /** The trailer that x-amz-trailer announces, in lower case. */
  readonly trailer?: string;
}

/** Of a line: the longest head of a chunk, and the longest trailer. */
const LONGEST_LINE = 256;
const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

export class AwsChunkedDecoder {
  readonly #options: ChunkedOptions;
  readonly #chain: SignatureChain | undefined;
  readonly #trailers: TrailerLines;
  #state: 'head' | 'data' | 'gap' | 'trailers' | 'ended' = 'head';
  /** What has come of a line that is not at its end; with the carriage return. */
  #line = '';
  /** Of the chunk, still to come. */
  #left = 0;
  /** The chunk's, as the client has it. */
  #signature = '';
  /** Of the chunk. */
  #size = 0;
  /** Begun, the one that is under way among them. */
  #chunks = 0;
  #decoded = 0;

  constructor(options: ChunkedOptions) {
    const { signed, signing, trailer } = options.payload;
    this.#options = options;
    this.#chain = signed && signing !== undefined ? new SignatureChain(signing) : undefined;
    this.#trailers = new TrailerLines({ announced: trailer ? options.trailer : undefined, signed: signed && trailer });
  }

  /** The content within the next bytes of the body, as slices of them. Errors: of a malformed body, and as {@link end}. */
  *push(bytes: Buffer): Generator<Uint8Array, void, void> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'ended') throw refuse('there are bytes after its end');
      if (this.#state === 'data') {
        const slice = bytes.subarray(at, at + this.#left);
        at += slice.length;
        this.#take(slice);
        yield slice;
      } else {
        at = this.#readLine(bytes, at);
      }
    }
  }

  /** To be called once the body has ended. `blob.incomplete_body` where it is not whole. */
  end(): void {
    if (this.#state !== 'ended') throw incomplete('it breaks off');
    const { decodedLength } = this.#options;
    if (decodedLength === undefined || decodedLength === this.#decoded) return;
    throw incomplete(`it has ${this.#decoded} bytes of ${decodedLength}`);
  }

  /** The value of the trailer that was announced, after the end. */
  get trailer(): string | undefined {
    return this.#trailers.value;
  }

  #take(slice: Uint8Array): void {
    this.#chain?.add(slice);
    this.#left -= slice.length;
    if (this.#left > 0) return;
    this.#checkChunk();
    this.#state = 'gap';
  }

  /** Up to the end of a line, or of what is there. Where the bytes go on after it. */
  #readLine(bytes: Buffer, from: number): number {
    const halfEnded = this.#line.endsWith('\r');
    const room = from + LONGEST_LINE - this.#line.length;
    const found = halfEnded ? from : bytes.subarray(from, room).indexOf(CARRIAGE_RETURN) + from + 1;
    const hasEnd = halfEnded || found > from;
    const end = hasEnd ? found : Math.min(room, bytes.length);
    this.#line += bytes.toString('latin1', from, end);
    if (!hasEnd && this.#line.length >= LONGEST_LINE) throw refuse(`a line has more than ${LONGEST_LINE} bytes`);
    if (!hasEnd || end === bytes.length) return end;
    if (bytes[end] !== LINE_FEED) throw refuse('a line does not end with CRLF');
    const line = this.#line.slice(0, -1);
    this.#line = '';
    this.#takeLine(line);
    return end + 1;
  }

  #takeLine(line: string): void {
    if (this.#state === 'gap') {
      if (line !== '') throw refuse('a chunk is longer than its head says');
      this.#state = 'head';
    } else if (this.#state === 'head') {
      this.#beginChunk(line);
    } else if (line !== '') {
      this.#trailers.add(line);
    } else {
      this.#trailers.end(this.#chain);
      this.#state = 'ended';
    }
  }

  #beginChunk(line: string): void {
    const { size, signature } = readChunkHead(line, this.#options.payload.signed);
    this.#signature = signature;
    this.#left = size;
    this.#size = size;
    this.#chunks += 1;
    this.#decoded += size;
    const { decodedLength = Number.MAX_SAFE_INTEGER } = this.#options;
    if (this.#decoded > decodedLength) throw incomplete(`it has more than ${decodedLength} bytes`);
    this.#state = size > 0 ? 'data' : 'trailers';
    if (size === 0) this.#checkChunk();
  }

  #checkChunk(): void {
    if (this.#chain === undefined) return;
    const { signature, sha256 } = this.#chain.endChunk();
    if (sameSignature(signature, this.#signature)) return;
    // The string to sign has the signature before, which is right: it is told to nobody.
    throw blobErrors.error(
      'blob.signature_does_not_match',
      `the signature of chunk ${this.#chunks} of the body is wrong: ${this.#size} bytes came, with the SHA-256 ${sha256}`,
    );
  }
}

function refuse(why: string): Error {
  return blobErrors.error('blob.invalid_request', `the body is not aws-chunked: ${why}`);
}

function incomplete(why: string): Error {
  return blobErrors.error('blob.incomplete_body', `the body is not as long as was announced: ${why}`);
}
