/** Any S3 server, by its URL. Loaded when a URL is used. */
import type { Clock } from '../../../platform/clock.js';
import type { Environment } from '../../../platform/paths.js';
import type { BlobStore } from '../blob-store.js';
import { readS3Url, type S3Endpoint } from '../endpoint/s3-url.js';
import { makeSender } from './client.js';
import { findCredentials, type Signing } from './credentials.js';
import { s3BlobStore } from './store.js';

export interface RemoteContext {
  readonly clock: Clock;
  /** Of it AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_REGION and their kind are read. */
  readonly env: Environment;
  /** `$DS_HOME`. */
  readonly home: string;
  /** Breaks off whatever is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** Connects to nobody yet. Errors: `blob.bad_url`, `blob.bad_credentials_file`. */
export async function openRemoteBlobStore(url: string, context: RemoteContext): Promise<BlobStore> {
  const { clock, signal } = context;
  const { endpoint, region, signing } = await findLogin(url, context);
  return s3BlobStore(await makeSender({ endpoint, region, signing, clock, signal }));
}

/** What requests to a server are signed with, for presigned URLs, too. */
export interface S3Login {
  readonly endpoint: S3Endpoint;
  readonly region: string;
  readonly signing: Signing;
}

/** Errors: `blob.bad_url`, `blob.bad_credentials_file`. */
export async function findLogin(url: string, { env, home }: Pick<RemoteContext, 'env' | 'home'>): Promise<S3Login> {
  const endpoint = readS3Url(url);
  const region = endpoint.region ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1');
  return { endpoint, region, signing: await findCredentials(endpoint, { env, home }) };
}

/** As a signature by our own hand takes them. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Undefined where requests are not signed. The SDK is asked only where it alone knows to look. */
export async function findKeys(login: S3Login, clock: Clock): Promise<S3Keys | undefined> {
  const { signing } = login;
  if (signing === 'none') return undefined;
  if (typeof signing === 'function') return signing();
  if (signing !== 'chain') return signing;
  const { client } = await makeSender({ ...login, clock });
  return client.config.credentials().finally(() => client.destroy());
}
