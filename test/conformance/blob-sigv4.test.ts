/**
 * AWS's own vectors of Signature Version 4 (awslabs/aws-c-auth): what is canonical, what is signed, and the signature, in the header and in
 * the query. They are of services in general, which resolve `..` in paths; S3 does not, and vectors say which they are.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { canonicalRequest, normalizedPath } from '../../src/blocks/blob/sigv4/canonical.js';
import { type Claim, readClaim } from '../../src/blocks/blob/sigv4/claim.js';
import { parseDate } from '../../src/blocks/blob/sigv4/dates.js';
import { type RequestHead, requestHead } from '../../src/blocks/blob/sigv4/head.js';
import { sha256Hex, signingKey, signText, stringToSign } from '../../src/blocks/blob/sigv4/signature.js';

const DATA = fileURLToPath(new URL('../../../shared/data/sigv4-vectors.ndjson.gz', import.meta.url));

type Form = 'header' | 'query';
type Texts = Readonly<
  Record<`${Form}_${'canonical_request' | 'string_to_sign' | 'signature' | 'signed_request'}`, string>
>;

interface Vector extends Texts {
  readonly name: string;
  readonly context: {
    readonly credentials: { readonly access_key_id: string; readonly secret_access_key: string };
    readonly expiration_in_seconds: number;
    readonly normalize: boolean;
    readonly region: string;
    readonly service: string;
    readonly timestamp: string;
    /** The session token was added after signing. */
    readonly omit_session_token?: boolean;
  };
}

const vectors = existsSync(DATA)
  ? gunzipSync(readFileSync(DATA))
      .toString()
      .trim()
      .split('\n')
      .map((line): Vector => JSON.parse(line))
  : [];

/** As a server would get it: the signed request's text, taken apart. Lines that begin with blanks go on with the one before. */
function parseRequest(text: string): { readonly head: RequestHead; readonly body: string } {
  const end = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, end < 0 ? undefined : end).split('\n');
  const [, method = '', url = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? [];
  const headers: string[] = [];
  for (const line of lines) {
    if (/^\s/.test(line)) headers[headers.length - 1] += line;
    else headers.push(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1));
  }
  return { head: requestHead(method, url, headers), body: end < 0 ? '' : text.slice(end + 2) };
}

const cases = vectors.flatMap((vector) => (['header', 'query'] as const).map((form) => ({ ...vector, form })));

const signedPairs = (claim: Claim, omitsToken: boolean) =>
  claim.pairs.filter(([name]) => !(omitsToken && name === 'X-Amz-Security-Token'));

describe.skipIf(vectors.length === 0)('signatures of AWS', () => {
  test('there are as many as there should be', () => expect(vectors).toHaveLength(38));

  test.each(cases)('$name, in the $form', (vector) => {
    const { form, context } = vector;
    const onTheWire = Buffer.from(vector[`${form}_signed_request`]).toString('latin1');
    const { head, body } = parseRequest(onTheWire);
    const claim = readClaim(head);
    if (claim === undefined) throw new Error('not signed');
    const dateTime = context.timestamp.replace(/[-:]/g, '');
    expect(claim).toMatchObject({
      form,
      accessKeyId: context.credentials.access_key_id,
      scope: { day: dateTime.slice(0, 8), region: context.region, service: context.service },
      dateTime,
      signature: vector[`${form}_signature`],
    });
    expect(parseDate(claim.dateTime)).toBe(Date.parse(context.timestamp));
    expect(claim.expiresSeconds).toBe(form === 'query' ? context.expiration_in_seconds : undefined);

    const canonical = canonicalRequest(
      { ...head, path: context.normalize ? normalizedPath(head.path) : head.path },
      {
        pairs: signedPairs(claim, context.omit_session_token === true),
        signedHeaders: claim.signedHeaders,
        payloadHash: sha256Hex(body),
      },
    );
    expect(canonical).toBe(vector[`${form}_canonical_request`]);
    const text = stringToSign(claim.dateTime, claim.scope, canonical);
    expect(text).toBe(vector[`${form}_string_to_sign`]);
    expect(signText(signingKey(context.credentials.secret_access_key, claim.scope), text)).toBe(claim.signature);
  });
});
