/**
 * Reads bodies, with a bound on each and on all that are in memory at once: they count as they arrive, not as they announce themselves.
 *
 *     read ──▶ a turn (few are unpacked at a time) ──▶ unpacked ──▶ the call ends ──▶ its bytes are free again
 */
import type { IncomingMessage } from 'node:http';
import { httpErrors } from '../../../platform/protocol/errors.js';
import { logErrors } from '../errors.js';
import { tooLarge } from '../wire/bad-body.js';
import { LARGEST_UNPACKED } from '../wire/limits.js';
import { unpackBody } from '../wire/unpack.js';

/** Bytes as they are sent. Agents send batches of 1 to 8 MB. */
const LARGEST_BODY = 16 * 1024 * 1024;
/** Of all bodies together. */
const MOST_HELD = 192 * 1024 * 1024;
/** Each may become {@link LARGEST_UNPACKED}. */
const MOST_UNPACKING = 4;

/** Of a body that is refused: so much is read on and thrown away, so that the peer comes to read why. */
const MOST_DRAINED = 64 * 1024 * 1024;

/** What one call holds; it is let go of at the call's end. */
export interface Hold {
  bytes: number;
}

export class Bodies {
  #held = 0;
  #unpacking = 0;
  readonly #turns: (() => void)[] = [];

  get held(): number {
    return this.#held;
  }

  /** Errors: `log.too_large`, `log.overloaded`, `http.bad_request` where the peer went away. */
  async read(request: IncomingMessage, hold: Hold): Promise<Buffer> {
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > LARGEST_BODY) throw tooBig(length);
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      // A refusal must not cut the connection: the peer would see that, and not the reason.
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > LARGEST_BODY) throw tooBig(size);
        this.#take(hold, chunk.length);
        chunks.push(chunk);
      }
    } catch (error) {
      if (request.errored === null || request.errored === undefined) throw error;
      throw httpErrors.error('http.bad_request', 'the connection ended within the body', { cause: error });
    }
    return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
  }

  /** Errors: those of unpackBody, `log.overloaded`. */
  async unpack(body: Buffer, encoding: string | undefined, hold: Hold): Promise<Buffer> {
    if (encoding === undefined) return unpackBody(body, encoding);
    while (this.#unpacking >= MOST_UNPACKING) await new Promise<void>((resolve) => this.#turns.push(resolve));
    this.#unpacking++;
    try {
      const unpacked = await unpackBody(body, encoding, LARGEST_UNPACKED);
      this.#take(hold, unpacked.length);
      return unpacked;
    } finally {
      this.#unpacking--;
      this.#turns.shift()?.();
    }
  }

  letGo(hold: Hold): void {
    this.#held -= hold.bytes;
    hold.bytes = 0;
  }

  #take(hold: Hold, bytes: number): void {
    if (this.#held + bytes > MOST_HELD) {
      const waiting = `${this.#held} bytes of requests are in memory`;
      throw logErrors.error('log.overloaded', waiting, { details: { retry_after_ms: 1000 } });
    }
    this.#held += bytes;
    hold.bytes += bytes;
  }
}

/** Resolves when nothing more comes of the body, or when that is so much that it is not worth the wait. */
export function drained(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.complete || request.destroyed) return resolve();
    if (Number(request.headers['content-length'] ?? 0) > MOST_DRAINED) return resolve();
    let left = MOST_DRAINED;
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) resolve();
    });
    request.once('end', resolve);
    request.once('close', resolve);
    request.resume();
  });
}

function tooBig(size: number) {
  return tooLarge(`the body has ${size} bytes, more than ${LARGEST_BODY}`);
}
