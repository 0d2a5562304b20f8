/**
 * The XML of requests and answers as it is, beside what the SDK makes of it: a step is put into the SDK's sequence for one command.
 *
 *     serialize ▶ build: the document in place of the SDK's, before it is measured, hashed and signed ▶ … ▶ network
 *     parse     ◀ deserialize: the answer's text is kept                                              ◀ … ◀
 */
import { Readable } from 'node:stream';
import type * as Sdk from '@aws-sdk/client-s3';
import { type AnswerOnTheWire, readBounded } from './bounded-answers.js';
import type { S3Command, S3Sender } from './client.js';

interface MutableRequest {
  body?: unknown;
  headers: Record<string, string>;
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
      const response = result.response as AnswerOnTheWire;
      if (response.statusCode === 200) {
        xml = await readBounded(response.body, place);
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
