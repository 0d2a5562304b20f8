/** Where an object is on a server, for requests that are made here and not by the SDK. */
import type { KeyPlace } from '../object-types.js';
import { escapeKey, escapeText } from '../sigv4/sign.js';
import type { S3Endpoint } from './s3-url.js';

export interface ObjectAddress {
  /** `https://HOST[:PORT]`. */
  readonly origin: string;
  /** For the Host header. */
  readonly host: string;
  readonly path: string;
}

/** Amazon's buckets are names of hosts, unless a dot in them would be a host's of which no certificate tells. */
export function objectAddress(
  { endpoint, amazon }: Pick<S3Endpoint, 'endpoint' | 'amazon'>,
  { bucket, key }: KeyPlace,
): ObjectAddress {
  const { protocol, host } = new URL(endpoint);
  const ofBucket = amazon && !bucket.includes('.');
  const name = ofBucket ? `${bucket}.${host}` : host;
  const path = ofBucket ? `/${escapeKey(key)}` : `/${escapeText(bucket)}/${escapeKey(key)}`;
  return { origin: `${protocol}//${name}`, host: name, path };
}
