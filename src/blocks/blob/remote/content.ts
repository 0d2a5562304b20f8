/** Requests with a body. */
import type { Readable } from 'node:stream';
import type { PutOptions } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { Body, ObjectChecksum } from '../object-types.js';
import { MOST_BUFFERED, readWhole, withStream } from './body.js';
import type { S3Sender } from './client.js';
import { type ChecksumFields, checksumField, checksumOf } from './values.js';

/** Of a request with a body. */
interface ContentFields extends ChecksumFields {
  readonly Body: Buffer | Readable;
  readonly ContentLength: number;
}

interface Content {
  readonly body: Body;
  readonly size: number;
  readonly checksum: PutOptions['checksum'];
}

/**
 * A small body is read first: then its checksum is known before it is sent, and it can be sent again. A large one is a stream; what its
 * maker says of its checksum is compared with what the server says.
 */
export async function sendContent<Answer extends Parameters<typeof checksumOf>[0]>(
  { signal }: S3Sender,
  { body, size, checksum: checksumAfter }: Content,
  send: (fields: ContentFields, signal: AbortSignal | undefined) => Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly checksum: ObjectChecksum | undefined }> {
  if (size <= MOST_BUFFERED) {
    const content = await readWhole(body, size);
    const checksum = checksumAfter?.();
    const field = checksum === undefined ? {} : checksumField(checksum);
    return { answer: await send({ Body: content, ContentLength: size, ...field }, signal), checksum };
  }
  const answer = await withStream({ body, size, signal }, (stream, broken) =>
    send({ Body: stream, ContentLength: size }, broken),
  );
  const expected = checksumAfter?.();
  const stored = checksumOf(answer);
  if (expected !== undefined && stored?.algorithm === expected.algorithm && stored.value !== expected.value) {
    throw blobErrors.error('blob.bad_digest', `the server has another ${expected.algorithm} of what it was sent`, {
      details: { expected: expected.value, stored: stored.value },
    });
  }
  return { answer, checksum: stored };
}

export function md5Field(md5: string | undefined): { ContentMD5?: string } {
  return md5 === undefined ? {} : { ContentMD5: Buffer.from(md5, 'hex').toString('base64') };
}
