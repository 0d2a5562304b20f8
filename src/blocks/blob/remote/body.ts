/**
 * Bodies between this block, whose pieces are valid only until the next one, and the SDK, which takes a Buffer (then it can send it again, and
 * announces its checksum) or a stream of known length (then the checksum comes after it).
 */
import { Readable } from 'node:stream';
import { blobErrors } from '../errors.js';
import type { Body } from '../object-types.js';
import { type FailureContext, translateFailure } from './failures.js';

/** Bodies of up to so many bytes are sent as Buffers. */
export const MOST_BUFFERED = 8 * 1024 * 1024;
/** Bytes of a stream that are held. */
const STREAM_BYTES = 256 * 1024;

/** Reads a body bit by bit, each bit copied into a Buffer. */
export interface BodyReader {
  /** Up to `length` bytes; fewer only at the end of the body. */
  take(length: number): Promise<Buffer>;
  /** True once it has ended and all of it was taken. */
  readonly ended: boolean;
  /** To be called whatever happened: ends what makes the body. */
  close(): Promise<void>;
}

export function bodyReader(body: Body): BodyReader {
  const pieces = body[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let ended = false;
  const pull = async () => {
    while (rest.length === 0 && !ended) {
      const next = await pieces.next();
      if (next.done === true) ended = true;
      else rest = next.value;
    }
  };
  return {
    async take(length) {
      const parts: Buffer[] = [];
      let taken = 0;
      while (taken < length) {
        await pull();
        if (ended) break;
        const part = Buffer.from(rest.subarray(0, length - taken));
        rest = rest.subarray(part.length);
        parts.push(part);
        taken += part.length;
      }
      // Only now is it known whether this was the last bit.
      await pull();
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, taken);
    },
    get ended() {
      return ended;
    },
    async close() {
      if (!ended) await pieces.return?.();
    },
  };
}

/** The whole of a small body, copied. Error: `blob.incomplete_body` where it has not `size` bytes. */
export async function readWhole(body: Body, size: number): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(size);
  let done = 0;
  for await (const piece of body) {
    if (done + piece.length > size) throw incomplete(size, undefined);
    whole.set(piece, done);
    done += piece.length;
  }
  if (done < size) throw incomplete(size, done);
  return whole;
}

/**
 * Sends a body as a stream with copies of its pieces, a few at a time. A failure of the body, `blob.incomplete_body` where it has not `size`
 * bytes among them, breaks the request off and is thrown: the SDK listens to no error of its stream, and would send the end of a stream
 * that has ended as the end of the object.
 */
export async function withStream<T>(
  { body, size, signal }: { readonly body: Body; readonly size: number; readonly signal: AbortSignal | undefined },
  send: (stream: Readable, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const broken = new AbortController();
  const stream: Readable = Readable.from(copies(), { objectMode: false, highWaterMark: STREAM_BYTES });
  async function* copies() {
    try {
      yield* checkedCopies(body, size);
    } catch (error) {
      broken.abort(error);
      stream.destroy();
    }
  }
  try {
    return await send(stream, signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]));
  } finally {
    stream.destroy();
  }
}

async function* checkedCopies(body: Body, size: number): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const piece of body) {
    done += piece.length;
    if (done > size) throw incomplete(size, undefined);
    yield Buffer.from(piece);
  }
  if (done < size) throw incomplete(size, done);
}

function incomplete(size: number, done: number | undefined) {
  const came = done === undefined ? 'more' : String(done);
  return blobErrors.error('blob.incomplete_body', `the body was to have ${size} bytes, and has ${came}`, {
    details: { size_bytes: size, ...(done === undefined ? {} : { received_bytes: done }) },
  });
}

/** What a server sends, as a body. To be consumed or ended, as {@link Body} says, even where nobody has begun to. */
export function bodyOf(stream: Readable, size: number | undefined, context: FailureContext): Body {
  // A connection may break before anybody has begun to read: then the first piece tells.
  stream.on('error', () => undefined);
  const pieces: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
  let received = 0;
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      const piece = await pieces.next();
      if (piece.done !== true) received += piece.value.length;
      else if (size !== undefined && received < size) throw cutShort(received, size, context);
      return piece;
    } catch (error) {
      stream.destroy();
      throw translateFailure(error, context);
    }
  };
  const end = async (): Promise<IteratorResult<Uint8Array>> => {
    stream.destroy();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}

function cutShort(received: number, size: number, { endpoint }: FailureContext) {
  return blobErrors.error('blob.unreachable', `${endpoint} sent ${received} of ${size} bytes and ended`, {
    details: { endpoint },
  });
}
