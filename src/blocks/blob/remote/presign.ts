/** URLs that do one thing for some time, for whoever has them: signed here, and the server is not asked. */

import { objectAddress } from '../endpoint/object-address.js';
import { blobErrors } from '../errors.js';
import type { ObjectPlace } from '../object-types.js';
import { escapeText, presign } from '../sigv4/sign.js';
import { findKeys, findLogin, type RemoteContext } from './index.js';

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
  const login = await findLogin(url, context);
  const credentials = await findKeys(login, context.clock);
  if (credentials === undefined) {
    throw blobErrors.error('blob.access_denied', 'there are no credentials to sign a URL with', {
      hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
    });
  }
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const { origin, host, path } = objectAddress(login.endpoint, place);
  const query = [
    ...(place.versionId === undefined ? [] : [`versionId=${escapeText(place.versionId)}`]),
    ...(sessionToken === undefined ? [] : [`X-Amz-Security-Token=${escapeText(sessionToken)}`]),
  ].join('&');
  const signer = { accessKeyId, secret: secretAccessKey, region: login.region, nowMs: context.clock.now() };
  const signed = presign({ method, path, query, headers: new Map([['host', host]]) }, expiresSeconds, signer);
  return `${origin}${path}?${signed}`;
}
