/**
 * The canonical form of a request, which both sides make by themselves and sign
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html):
 *
 *     PUT                                  method
 *     /bucket/a%20b                        path: escapes as S3 writes them; neither `..` nor `//` is resolved
 *     partNumber=1&uploadId=x              query: sorted by name, then by value
 *     host:127.0.0.1:9000                  signed headers, one a line, sorted by name
 *     x-amz-date:20130524T000000Z
 *                                          an empty line
 *     host;x-amz-date                      their names
 *     UNSIGNED-PAYLOAD                     SHA-256 of the body in hex, or a word in place of it
 */
import type { RequestHead } from './head.js';

/** A name and a value of a query, with canonical escapes. */
export type QueryPair = readonly [name: string, value: string];

/** What is never escaped (RFC 3986, 2.3). */
const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/;
const PATH_PIECES = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~/]/g;
const QUERY_PIECES = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~]/g;

/**
 * Escapes each byte once: what is escaped stays so (`%2f` as `%2F`), what need not be is not (`%7E` is `~`), what should have been is (`(`
 * is `%28`). `%2F` stays apart from `/`.
 */
export function canonicalPath(path: string): string {
  return PLAIN_PATH.test(path) ? path : path.replace(PATH_PIECES, canonicalPiece);
}

function canonicalPiece(piece: string): string {
  const byte = piece.length === 3 ? Number.parseInt(piece.slice(1), 16) : piece.charCodeAt(0);
  const character = String.fromCharCode(byte);
  if (piece.length === 3 && UNRESERVED.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** In a query `+` is a blank. */
function canonicalQueryText(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return text.replace(QUERY_PIECES, (piece) => (piece === '+' ? '%20' : canonicalPiece(piece)));
}

/** In the order of the wire. */
export function queryPairs(query: string): QueryPair[] {
  if (query === '') return [];
  const pairs: QueryPair[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    pairs.push(
      equals < 0
        ? [canonicalQueryText(part), '']
        : [canonicalQueryText(part.slice(0, equals)), canonicalQueryText(part.slice(equals + 1))],
    );
  }
  return pairs;
}

/** Sorted by name, then by value, whatever order it was sent in. */
export function canonicalQuery(pairs: readonly QueryPair[]): string {
  const sorted = pairs.length < 2 ? pairs : [...pairs].sort(byNameThenValue);
  return sorted.map(([name, value]) => `${name}=${value}`).join('&');
}

function byNameThenValue(a: QueryPair, b: QueryPair): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  if (a[1] === b[1]) return 0;
  return a[1] < b[1] ? -1 : 1;
}

const BLANKS = /[ \t\r\n\f\v]+/g;
/** Most values are as they should be: to see that is faster than to replace nothing. */
const UNEVEN = /^ | {2}| $|[\t\r\n\f\v]/;

/** Without blanks at the ends, and one for each run within. Only ASCII ones: the byte A0 is a part of letters in UTF-8. */
function canonicalHeaderValue(value: string): string {
  if (!UNEVEN.test(value)) return value;
  return value.replace(BLANKS, ' ').replace(/^ | $/g, '');
}

/** What of a request is signed beside its head. */
export interface CanonicalParts {
  readonly pairs: readonly QueryPair[];
  /** In lower case and in order. */
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

/** A signed header that the request does not have counts as empty. */
export function canonicalRequest(
  head: Pick<RequestHead, 'method' | 'path' | 'headers'>,
  parts: CanonicalParts,
): string {
  let text = `${head.method}\n${canonicalPath(head.path)}\n${canonicalQuery(parts.pairs)}\n`;
  for (const name of parts.signedHeaders) text += `${name}:${canonicalHeaderValue(head.headers.get(name) ?? '')}\n`;
  return `${text}\n${parts.signedHeaders.join(';')}\n${parts.payloadHash}`;
}

/** As services other than S3 have it: `.`, `..` and empty segments resolved (RFC 3986, 5.2.4). */
export function normalizedPath(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/');
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  const open = kept.length > 0 && (last === '' || last === '.' || last === '..');
  return `/${kept.join('/')}${open ? '/' : ''}`;
}
