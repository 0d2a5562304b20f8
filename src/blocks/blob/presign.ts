/** URLs that do one thing for some time, for whoever has them: signed here, and the server is not asked. */
import type { Clock } from '../../platform/clock.js';
import type { ObjectPlace } from './blob-store.js';
import { blobErrors } from './errors.js';
import { findAccess, type RemoteContext, type S3Access } from './remote/index.js';
import { escapeKey, escapeText, presign } from './sigv4/sign.js';

export interface PresignRequest {
  /** GET, PUT, HEAD or DELETE. */
  readonly method: string;
  readonly place: ObjectPlace;
  readonly expiresSeconds: number;
}

/** Errors: `blob.bad_url`, `blob.bad_credentials_file`, `blob.access_denied` where there are no credentials, `blob.invalid_argument`. */
export async function presignUrl(
  url: string,
  { method, place, expiresSeconds }: PresignRequest,
  context: RemoteContext,
): Promise<string> {
  const access = await findAccess(url, context);
  const credentials = await credentialsOf(access, context.clock);
  if (credentials === undefined) {
    throw blobErrors.error('blob.access_denied', 'there are no credentials to sign a URL with', {
      hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
    });
  }
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const { origin, host, path } = addressOf(access.endpoint, place);
  const query = [
    ...(place.versionId === undefined ? [] : [`versionId=${escapeText(place.versionId)}`]),
    ...(sessionToken === undefined ? [] : [`X-Amz-Security-Token=${escapeText(sessionToken)}`]),
  ].join('&');
  const signer = { accessKeyId, secret: secretAccessKey, region: access.region, nowMs: context.clock.now() };
  const signed = presign({ method, path, query, headers: new Map([['host', host]]) }, expiresSeconds, signer);
  return `${origin}${path}?${signed}`;
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The SDK is loaded only to look where it alone knows to look. */
async function credentialsOf(access: S3Access, clock: Clock): Promise<Keys | undefined> {
  const { signing } = access;
  if (signing === 'none') return undefined;
  if (typeof signing === 'function') return signing();
  if (signing !== 'chain') return signing;
  const { makeSender } = await import('./remote/client.js');
  const { client } = await makeSender({ ...access, clock });
  return client.config.credentials().finally(() => client.destroy());
}

/** Amazon's buckets are names of hosts, unless a dot in them would be a host's of which no certificate tells. */
function addressOf(
  { endpoint, amazon }: { readonly endpoint: string; readonly amazon: boolean },
  { bucket, key }: ObjectPlace,
) {
  const { protocol, host } = new URL(endpoint);
  const ofBucket = amazon && !bucket.includes('.');
  const name = ofBucket ? `${bucket}.${host}` : host;
  const path = ofBucket ? `/${escapeKey(key)}` : `/${escapeText(bucket)}/${escapeKey(key)}`;
  return { origin: `${protocol}//${name}`, host: name, path };
}
