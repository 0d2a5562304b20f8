/**
 * What the first line of a request and its Host say: which bucket, which key, which parameters. Everything is decoded exactly once.
 *
 *     path style           GET /bucket/key?versionId=…     Host: 127.0.0.1:9000
 *     virtual-hosted style GET /key?versionId=…            Host: bucket.localhost:9000
 *
 * A host means a bucket only where it ends with one of the daemon's own domains; with any other host the path names the bucket.
 */
import { s3Error } from './s3-errors.js';

export interface RequestTarget {
  /** Undefined: the request is about the service. */
  readonly bucket: string | undefined;
  /** Undefined: it is about the bucket. Never empty. */
  readonly key: string | undefined;
  readonly query: Query;
}

/** Parameters of a query by name, the first value of each. One without a value is ''. */
export type Query = ReadonlyMap<string, string>;

const MOST_PARAMETERS = 200;

/** What a head says; `path` and `rawQuery` as on the wire. Error: `blob.invalid_request`. */
export function parseRequestTarget(
  { path, rawQuery, host }: { readonly path: string; readonly rawQuery: string; readonly host: string | undefined },
  domains: readonly string[],
): RequestTarget {
  if (!path.startsWith('/')) throw badUri(path);
  if (host?.includes(',')) throw s3Error('blob.invalid_request', 'BadRequest', 'the request has more than one Host');
  const query = parseQuery(rawQuery);
  const hosted = bucketOfHost(host, domains);
  const rest = path.slice(1);
  if (hosted !== undefined) return { bucket: hosted, key: rest === '' ? undefined : decodePercent(rest), query };
  const slash = rest.indexOf('/');
  const bucket = slash === -1 ? rest : rest.slice(0, slash);
  const key = slash === -1 ? '' : rest.slice(slash + 1);
  return {
    bucket: rest === '' ? undefined : decodePercent(bucket),
    key: key === '' ? undefined : decodePercent(key),
    query,
  };
}

/** Without scheme and host, which are there where a proxy is asked (RFC 9112, section 3.2.2). */
export function originForm(url: string): string {
  const origin = /^https?:\/\/[^/?]*/i.exec(url)?.[0].length ?? 0;
  if (origin === 0) return url;
  return url[origin] === '/' ? url.slice(origin) : `/${url.slice(origin)}`;
}

/**
 * Percent-decoding, once; `+` stays what it is. Error: `blob.invalid_request` for an escape that is none, and for what is not UTF-8
 * once decoded.
 */
export function decodePercent(text: string): string {
  if (!text.includes('%')) {
    if (isAscii(text)) return text;
    // Sent without escapes: Node hands the bytes on as Latin-1.
    return decodeUtf8(Buffer.from(text, 'latin1'), text);
  }
  try {
    return decodeURIComponent(isAscii(text) ? text : escapeBytes(text));
  } catch {
    throw badUri(text);
  }
}

function parseQuery(raw: string): Query {
  const query = new Map<string, string>();
  if (raw === '') return query;
  const pairs = raw.split('&', MOST_PARAMETERS + 1);
  if (pairs.length > MOST_PARAMETERS) {
    throw s3Error('blob.invalid_request', 'InvalidURI', `the query has more than ${MOST_PARAMETERS} parameters`);
  }
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeParameter(equals === -1 ? pair : pair.slice(0, equals));
    if (!query.has(name)) query.set(name, equals === -1 ? '' : decodeParameter(pair.slice(equals + 1)));
  }
  return query;
}

/** In queries, and only there, S3 has `+` for a blank. */
function decodeParameter(text: string): string {
  return decodePercent(text.replaceAll('+', '%20'));
}

/** The bucket, where the host names one. */
function bucketOfHost(host: string | undefined, domains: readonly string[]): string | undefined {
  const name = host?.replace(/:\d*$/, '').toLowerCase() ?? '';
  const domain = domains
    .filter((candidate) => name.endsWith(`.${candidate}`) || name === candidate)
    .sort((a, b) => b.length - a.length)[0];
  return domain === undefined || domain === name ? undefined : name.slice(0, -domain.length - 1);
}

function decodeUtf8(bytes: Uint8Array, text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badUri(text);
  }
}

function escapeBytes(text: string): string {
  return text.replace(/[\u0080-\u00ff]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

function isAscii(text: string): boolean {
  return !/\P{ASCII}/u.test(text);
}

function badUri(text: string) {
  return s3Error(
    'blob.invalid_request',
    'InvalidURI',
    `the URI cannot be decoded: ${JSON.stringify(text.slice(0, 200))}`,
  );
}
