/**
 * The SDK reads every answer whole before anything is made of it, but for objects, however long a server makes it. A step before that reads
 * it, up to a bound.
 */
import { Readable } from 'node:stream';
import type * as Sdk from '@aws-sdk/client-s3';
import { blobErrors } from '../errors.js';

/** Bytes of an answer that are read: a thousand keys of the longest kind, escaped, with all that is said of them. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What the SDK's steps hand on of an answer. */
export interface AnswerOnTheWire {
  statusCode: number;
  body: AsyncIterable<Uint8Array>;
}

/** From then on answers that are longer fail with `blob.refused`. */
export function boundAnswers(client: Sdk.S3Client): void {
  client.middlewareStack.add(
    (next, { commandName = 'a request' }) =>
      async (args) => {
        const result = await next(args);
        const response = result.response as AnswerOnTheWire;
        const isObject = commandName === 'GetObjectCommand' && response.statusCode < 300;
        if (!isObject)
          response.body = Readable.from([
            Buffer.from(await readBounded(response.body, commandName.replace(/Command$/, ''))),
          ]);
        return result;
      },
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  );
}

/** Its text. `what` it is about, for the message. Error: `blob.refused`. */
export async function readBounded(body: AsyncIterable<Uint8Array>, what: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) {
      throw blobErrors.error('blob.refused', `the answer about ${what} has more than ${MOST_BYTES} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
