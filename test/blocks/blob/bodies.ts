/** Bodies, and short words for what the tests of blob stores do all the time. */
import type { BlobStore } from '../../../src/blocks/blob/blob-store.js';
import type { Body } from '../../../src/blocks/blob/object-types.js';
import { DsError } from '../../../src/platform/errors.js';

export const MD5_OF_HELLO = '5d41402abc4b2a76b9719d911017c592';

export async function* bodyOf(...pieces: readonly (string | Uint8Array)[]): Body {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

export async function* failing(first: string, error: Error): Body {
  yield Buffer.from(first);
  throw error;
}

export async function bytes(body: Body): Promise<Buffer> {
  const pieces: Buffer[] = [];
  // A piece is valid only until the next one is asked for.
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

export async function text(body: Body): Promise<string> {
  return (await bytes(body)).toString();
}

export function put(store: BlobStore, bucket: string, key: string, body: string) {
  return store.putObject({ bucket, key }, bodyOf(body));
}

export async function read(store: BlobStore, bucket: string, key: string, versionId?: string): Promise<string> {
  const place = { bucket, key, ...(versionId === undefined ? {} : { versionId }) };
  return text((await store.getObject(place)).body);
}

/** Of the error that a promise is rejected with; undefined where it is not. */
export async function code(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof DsError) return error.code;
    throw error;
  }
}
