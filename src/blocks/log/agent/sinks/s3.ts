/**
 * Objects in any S3: one a batch, named by the batch's id, so that one that is sent twice is written over by itself.
 *
 *     s3+https://host/bucket/prefix   →   prefix/2026/01/31/ID.ndjson.gz   (format=raw: ID.log.gz)
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { messageOf } from '../../../../platform/errors.js';
import type { Environment } from '../../../../platform/paths.js';
import type { EntryBatch } from '../../entry-batch.js';
import type { Delivery, Sink } from '../sink.js';
import { envelopes, isoNanos, rawLines } from './document.js';
import type { SinkContext } from './http-sender.js';
import { badSink, type SinkText } from './sink-text.js';

const FORMATS = ['ndjson', 'raw'] as const;
const CONNECT_MS = 10_000;
const compress = promisify(gzip);

/** Credentials are those of the environment and of ~/.aws, as of the AWS SDK. Error: `log.bad_sink`. */
export async function s3Sink({ name, place, settings }: SinkText, { env }: SinkContext): Promise<Sink> {
  const url = new URL(place);
  const [bucket = '', ...rest] = decodeURIComponent(url.pathname)
    .split('/')
    .filter((part) => part !== '');
  if (bucket === '') throw badSink(`${name} names no bucket`, `${name.replace(/\/+$/, '')}/logs`);
  const prefix = rest.length === 0 ? '' : `${rest.join('/')}/`;
  const format = settings.choice('format', FORMATS) ?? 'ndjson';
  const { PutObjectCommand, client } = await openClient(url, settings.text('region'), env);
  return {
    name,
    async deliver(batch: EntryBatch, id: string, signal: AbortSignal): Promise<Delivery> {
      const day = isoNanos(batch.timestamps[0] ?? 0n)
        .slice(0, 10)
        .replaceAll('-', '/');
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: `${prefix}${day}/${id}.${format === 'raw' ? 'log' : format}.gz`,
        Body: await compress(format === 'raw' ? rawLines(batch) : envelopes(batch)),
        ContentType: 'application/gzip',
      });
      try {
        await client.send(command, { abortSignal: signal });
        return { outcome: 'delivered' };
      } catch (error) {
        // Whatever it is (a bucket that is not there, keys that are refused), it is not about the entries.
        return { outcome: 'retry', reason: messageOf(error) };
      }
    },
    close: async () => client.destroy(),
  };
}

async function openClient(url: URL, region: string | undefined, env: Environment) {
  const { PutObjectCommand, S3Client: Client } = await import('@aws-sdk/client-s3');
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  const client: S3Client = new Client({
    endpoint: url.origin,
    region: region ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1'),
    forcePathStyle: !url.hostname.endsWith('.amazonaws.com'),
    // The pipeline repeats what fails, and says so.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_MS },
    ...(accessKeyId && secretAccessKey
      ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } }
      : {}),
  });
  return { PutObjectCommand, client };
}
