/**
 * The SDK's client, set up for any S3. The SDK is loaded here and nowhere else at run time, when a URL is used: it takes a tenth of a second.
 *
 * All else goes through {@link S3Sender.send}, which turns what the SDK throws into errors of this block.
 */
import type * as Sdk from '@aws-sdk/client-s3';
import type { Clock } from '../../../platform/clock.js';
import type { S3Endpoint } from '../endpoint/s3-url.js';
import { boundAnswers } from './bounded-answers.js';
import type { Signing } from './credentials.js';
import { translateFailure } from './failures.js';

/** Milliseconds until a connection is given up that is not made. */
const CONNECT_MS = 10_000;
/** Milliseconds without a byte in either direction until a request is given up. */
const SILENT_MS = 60_000;

export interface S3Sender {
  readonly sdk: typeof Sdk;
  readonly client: Sdk.S3Client;
  readonly clock: Clock;
  readonly endpoint: string;
  readonly signal: AbortSignal | undefined;
  /**
   * @param place what it is about, for messages
   * @param signal in place of that of all requests
   */
  send<Input extends Sdk.ServiceInputTypes, Output extends Sdk.ServiceOutputTypes>(
    command: S3Command<Input, Output>,
    place: string,
    signal?: AbortSignal,
  ): Promise<Output>;
}

export type S3Command<Input extends Sdk.ServiceInputTypes, Output extends Sdk.ServiceOutputTypes> = Sdk.$Command<
  Input,
  Output,
  Sdk.S3ClientResolvedConfig,
  Sdk.ServiceInputTypes,
  Sdk.ServiceOutputTypes
>;

export interface ClientOptions {
  readonly endpoint: S3Endpoint;
  readonly region: string;
  readonly signing: Signing;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

export async function makeSender({ endpoint, region, signing, clock, signal }: ClientOptions): Promise<S3Sender> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    endpoint: endpoint.endpoint,
    region,
    forcePathStyle: !endpoint.amazon,
    followRegionRedirects: endpoint.amazon,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
    // What it would print.
    logger: silent,
    ...signingConfig(signing),
  });
  boundAnswers(client);
  return {
    sdk,
    client,
    clock,
    endpoint: endpoint.endpoint,
    signal,
    async send(command, place, ownSignal = signal) {
      try {
        return await client.send(command, ownSignal === undefined ? {} : { abortSignal: ownSignal });
      } catch (error) {
        throw translateFailure(error, { endpoint: endpoint.endpoint, place, input: command.input, signal: ownSignal });
      }
    },
  };
}

const ignore = () => undefined;
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function signingConfig(signing: Signing): Partial<Sdk.S3ClientConfig> {
  if (signing === 'chain') return {};
  if (signing !== 'none') return { credentials: signing };
  return {
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    signer: { sign: async (request) => request },
  };
}
