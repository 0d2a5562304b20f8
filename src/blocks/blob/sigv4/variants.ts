/** What clients, and proxies between, are known to get wrong: each as the canonical request, or the key, that would come of it. */
import {
  canonicalPath,
  canonicalQuery,
  canonicalRequest,
  normalizedPath,
  type QueryPair,
  queryPairs,
} from './canonical.js';
import type { SignatureEvidence } from './evidence.js';
import { EMPTY_SHA256, UNSIGNED_PAYLOAD } from './payload.js';
import type { Scope } from './signature.js';

export interface Variant {
  /** What the client seems to have done. */
  readonly what: string;
  readonly canonicalRequest: string;
  /** Where it differs from the credential. */
  readonly scope?: Scope;
  readonly secret?: string;
}

/** Lines of a canonical request. */
interface Draft {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

type Change = readonly [what: string, draft: Partial<Draft>];

/** All that differ from what the server computed. `secret` is the right one. */
export function variantsOf(evidence: SignatureEvidence, secret: string): readonly Variant[] {
  const draft: Draft = {
    method: evidence.method,
    path: canonicalPath(evidence.path),
    query: canonicalQuery(queryPairs(evidence.query)),
    headers: new Map(evidence.headers),
    signedHeaders: evidence.signedHeaders,
    payloadHash: evidence.payloadHash,
  };
  const changes = [
    ...methodChanges(draft),
    ...pathChanges(evidence.path),
    ...queryChanges(evidence.query),
    ...headerChanges(draft),
    ...PAYLOAD_CHANGES,
  ];
  const ours = evidence.canonicalRequest;
  const variants = [
    ...changes.map(([what, change]): Variant => ({ what, canonicalRequest: written({ ...draft, ...change }) })),
    { what: 'a line feed at the end of the canonical request', canonicalRequest: `${ours}\n` },
    { what: 'no empty line after the headers', canonicalRequest: ours.replace('\n\n', '\n') },
  ].filter((variant) => variant.canonicalRequest !== ours);
  return [...variants, ...keyVariants(evidence, secret)];
}

/** As canonicalRequest(), of a path and a query that are written already. */
function written({ method, path, query, headers, signedHeaders, payloadHash }: Draft): string {
  const rest = canonicalRequest({ method: '', path: '', headers }, { pairs: [], signedHeaders, payloadHash });
  return `${method}\n${path}\n${query}\n${rest.slice(3)}`;
}

const METHODS = ['GET', 'PUT', 'HEAD', 'DELETE', 'POST'];

/** A presigned URL is for one method, and HEAD is asked by the URL of a GET. */
function methodChanges({ method: came }: Draft): readonly Change[] {
  return METHODS.map((method) => [`the method ${method}, for a request that came as ${came}`, { method }]);
}

function pathChanges(wire: string): readonly Change[] {
  const path = canonicalPath(wire);
  const decoded = path.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const withoutBucket = path.replace(/^\/[^/]*/, '');
  return [
    ['the path escaped twice', { path: path.replaceAll('%', '%25') }],
    ['the path without escapes', { path: decoded }],
    ['the path as it was sent, with other escapes than S3 writes', { path: wire }],
    ['the path with %2F as a slash', { path: path.replaceAll('%2F', '/') }],
    ['the path with a slash as %2F', { path: `/${path.slice(1).replaceAll('/', '%2F')}` }],
    ['the path with + as a blank', { path: path.replaceAll('%2B', '%20') }],
    ['the path with .. and // resolved, which S3 does not', { path: normalizedPath(path) }],
    ['the path without its first part, as where the bucket is in the host name', { path: withoutBucket || '/' }],
    ['the path without the slash at its end', { path: path.replace(/\/$/, '') }],
    ['the path with a slash at its end', { path: `${path}/` }],
  ];
}

function queryChanges(wire: string): readonly Change[] {
  const pairs = queryPairs(wire);
  const inOrder = pairs.map(([name, value]) => `${name}=${value}`).join('&');
  const sorted = [...pairs].sort((a, b) => (`${a[0]}=${a[1]}` < `${b[0]}=${b[1]}` ? -1 : 1));
  const join = (list: readonly QueryPair[]) => list.map(([name, value]) => `${name}=${value}`).join('&');
  const bare = (list: readonly QueryPair[]) =>
    list.map(([name, value]) => (value ? `${name}=${value}` : name)).join('&');
  return [
    ['the query in the order it was sent in, not sorted', { query: inOrder }],
    ['the query sorted by whole parameters instead of by names', { query: join(sorted) }],
    ['parameters without = where they have no value', { query: bare(sorted) }],
    ['the query with + for blanks', { query: canonicalQuery(pairs).replaceAll('%20', '+') }],
    ['the query with %2B for +', { query: canonicalQuery(queryPairs(wire.replaceAll('+', '%2B'))) }],
    ['the query escaped twice', { query: canonicalQuery(pairs).replaceAll('%', '%25') }],
    ['the query as it was sent', { query: wire }],
    ['no query', { query: '' }],
  ];
}

function headerChanges({ headers, signedHeaders }: Draft): readonly Change[] {
  const host = headers.get('host') ?? '';
  const name = host.replace(/:\d+$/, '');
  const hosts: readonly (readonly [string, string | undefined])[] = [
    ['the host without its port', name],
    ['the host with port 80', `${name}:80`],
    ['the host with port 443', `${name}:443`],
    ['the host of X-Forwarded-Host: a proxy changed Host', headers.get('x-forwarded-host')],
    ['the host localhost in place of 127.0.0.1', host.replace('127.0.0.1', 'localhost')],
    ['the host 127.0.0.1 in place of localhost', host.replace('localhost', '127.0.0.1')],
  ];
  return [
    ...hosts.flatMap(([what, value]): Change[] =>
      value === undefined ? [] : [[what, { headers: new Map([...headers, ['host', value]]) }]],
    ),
    ['the signed headers in another order than by name', { signedHeaders: [...signedHeaders].sort() }],
    [
      'Accept-Encoding as "identity": something between changed it',
      { headers: new Map([...headers, ['accept-encoding', 'identity']]) },
    ],
  ];
}

const PAYLOAD_CHANGES: readonly Change[] = [
  ['UNSIGNED-PAYLOAD in place of the hash of the body', { payloadHash: UNSIGNED_PAYLOAD }],
  ['the hash of an empty body', { payloadHash: EMPTY_SHA256 }],
  ['no hash of the body', { payloadHash: '' }],
];

function keyVariants({ canonicalRequest: ours, scope, accessKeyId }: SignatureEvidence, secret: string): Variant[] {
  const regions = ['us-east-1', 'auto', ''].filter((region) => region !== scope.region);
  const secrets: readonly (readonly [string, string])[] = [
    ['a secret with a line feed at its end', `${secret}\n`],
    ['a secret with a blank at its end', `${secret} `],
    ['a secret with a carriage return at its end', `${secret}\r`],
    ['the access key in place of the secret', accessKeyId],
    ['an empty secret', ''],
  ];
  return [
    ...regions.map((region) => ({
      what: `the region ${JSON.stringify(region)} in its key, and ${JSON.stringify(scope.region)} in its credential`,
      canonicalRequest: ours,
      scope: { ...scope, region },
    })),
    ...secrets.map(([what, wrong]) => ({ what, canonicalRequest: ours, secret: wrong })),
  ];
}
