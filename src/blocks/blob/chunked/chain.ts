/**
 * The chain of signatures in a body whose chunks are signed: the first one is over the signature of the head, each next one over the one
 * before, so that no chunk can be changed, left out or moved
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html).
 */
import { createHash, type Hash } from 'node:crypto';
import type { ChunkSigning } from '../sigv4/payload.js';
import { EMPTY_SHA256 } from '../sigv4/payload.js';
import { ALGORITHM, sha256Hex, signText } from '../sigv4/signature.js';

export class SignatureChain {
  readonly #signing: ChunkSigning;
  #previous: string;
  #hash: Hash | undefined;

  constructor(signing: ChunkSigning) {
    this.#signing = signing;
    this.#previous = signing.seed;
  }

  /** Bytes of the chunk that is next, in pieces. */
  add(bytes: Uint8Array): void {
    this.#hash ??= createHash('sha256');
    this.#hash.update(bytes);
  }

  /** Of the chunk that was added, both in hex. */
  endChunk(): { readonly signature: string; readonly sha256: string } {
    const sha256 = this.#hash?.digest('hex') ?? EMPTY_SHA256;
    this.#hash = undefined;
    return { signature: this.#next('PAYLOAD', `${EMPTY_SHA256}\n${sha256}`), sha256 };
  }

  /** The signature of the trailers, written `name:value\n` each. After the last chunk, which is empty. */
  signTrailers(text: string): string {
    return this.#next('TRAILER', sha256Hex(text));
  }

  #next(kind: string, what: string): string {
    const { key, dateTime, scope } = this.#signing;
    this.#previous = signText(key, `${ALGORITHM}-${kind}\n${dateTime}\n${scope}\n${this.#previous}\n${what}`);
    return this.#previous;
  }
}
