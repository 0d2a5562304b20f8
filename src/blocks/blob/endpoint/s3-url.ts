/**
 * The URL of an S3 server.
 *
 *     s3+https://HOST[:PORT][/][?region=REGION]      as https://…; s3+http://…, http://… without TLS
 */
import { blobErrors } from '../errors.js';

export interface S3Endpoint {
  /** `https://HOST[:PORT]`, without a path. */
  readonly endpoint: string;
  /** As the URL says it, in its query or by an Amazon host; undefined where it says none. */
  readonly region: string | undefined;
  /** Of this machine: its daemon's credentials are looked for in `$DS_HOME`. */
  readonly loopback: boolean;
  /** Amazon's own: buckets are names of hosts there, and the machine that asks may have a role. */
  readonly amazon: boolean;
}

const HINT = 'one like s3+https://HOST[:PORT][?region=REGION], or s3+http://127.0.0.1:9000';

/** Error: `blob.bad_url`, which never repeats what may be a secret. */
export function readS3Url(text: string): S3Endpoint {
  const plain = text.replace(/^s3\+(?=https?:)/i, '');
  const url = /^https?:/i.test(plain) ? parseUrl(plain) : undefined;
  if (url === undefined) throw badUrl('the URL is none of an S3 server');
  if (url.username !== '' || url.password !== '') {
    throw blobErrors.error('blob.bad_url', 'the URL has credentials in it, which every list of processes would show', {
      hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
    });
  }
  if (url.pathname !== '/') throw badUrl('the URL has a path: a bucket is named by the arguments');
  if (url.hash !== '') throw badUrl('the URL has a fragment');
  const unknown = [...url.searchParams.keys()].find((name) => name !== 'region');
  if (unknown !== undefined)
    throw badUrl(`the URL has a parameter ${JSON.stringify(unknown)}, of which nothing is known`);
  const amazon = /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(url.hostname);
  return {
    endpoint: url.origin,
    region: url.searchParams.get('region') || (amazon ? regionOfHost(url.hostname) : undefined),
    loopback: /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname) || url.hostname.endsWith('.localhost'),
    amazon,
  };
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** `s3.eu-central-1.amazonaws.com`, `s3-eu-west-1.…`, `s3.dualstack.eu-west-1.…` */
function regionOfHost(host: string): string | undefined {
  return /^s3[.-](?:dualstack\.|fips\.)?([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(host)?.[1];
}

function badUrl(why: string) {
  return blobErrors.error('blob.bad_url', why, { hint: HINT });
}
