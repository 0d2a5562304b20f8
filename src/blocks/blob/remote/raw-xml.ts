/**
 * The XML of requests and answers as it is, beside what the SDK makes of it: a step is put into the SDK's sequence for one command.
 *
 *     serialize ▶ build: the document in place of the SDK's, before it is measured, hashed and signed ▶ … ▶ network
 *     parse     ◀ deserialize: the answer's text is kept                                              ◀ … ◀
 */
import { Readable } from 'node:stream';
import type * as Sdk from '@aws-sdk/client-s3';
import { blobErrors } from '../errors.js';
import type { S3Command, S3Sender } from './client.js';

/** Bytes of an answer that are read: a thousand keys of the longest kind, escaped, with all that is said of them. */
const MOST_BYTES = 16 * 1024 * 1024;

interface MutableRequest {
  body?: unknown;
  headers: Record<string, string>;
}

interface Answer {
  statusCode: number;
  body: AsyncIterable<Uint8Array>;
}

/** The answer both as the SDK has it and as text. */
export async function sendForXml<Input extends Sdk.ServiceInputTypes, Output extends Sdk.ServiceOutputTypes>(
  { send }: S3Sender,
  command: S3Command<Input, Output>,
  place: string,
): Promise<{ readonly answer: Output; readonly xml: string }> {
  let xml = '';
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as Answer;
      if (response.statusCode === 200) {
        xml = await readText(response.body, place);
        response.body = Readable.from([Buffer.from(xml)]);
      }
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'keepXml' },
  );
  const answer = await send(command, place);
  return { answer, xml };
}

/** Sends the text in place of the document that the SDK has made of the command's input. */
export async function sendXml<Input extends Sdk.ServiceInputTypes, Output extends Sdk.ServiceOutputTypes>(
  { send }: S3Sender,
  command: S3Command<Input, Output>,
  place: string,
  xml: string,
): Promise<void> {
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as MutableRequest;
      request.body = xml;
      request.headers['content-length'] = String(Buffer.byteLength(xml));
      return next(args);
    },
    { step: 'build', priority: 'high', name: 'giveXml' },
  );
  await send(command, place);
}

async function readText(body: AsyncIterable<Uint8Array>, place: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) {
      throw blobErrors.error('blob.refused', `the answer about ${place} has more than ${MOST_BYTES} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
