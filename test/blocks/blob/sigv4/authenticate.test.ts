import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuthenticationContext, authenticate } from '../../../../src/blocks/blob/sigv4/authenticate.js';
import { evidenceOf } from '../../../../src/blocks/blob/sigv4/evidence.js';
import { type RequestHead, requestHead } from '../../../../src/blocks/blob/sigv4/head.js';
import { anonymousPayload } from '../../../../src/blocks/blob/sigv4/payload.js';
import { escapeKey, escapeText, presign, type Signer, signRequest } from '../../../../src/blocks/blob/sigv4/sign.js';

/** Of AWS's documentation: sig-v4-header-based-auth.html and sigv4-query-string-auth.html. */
const SIGNER: Signer = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  nowMs: Date.parse('2013-05-24T00:00:00Z'),
};
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const HOST = ['Host', 'examplebucket.s3.amazonaws.com'] as const;
const MINUTE = 60_000;

const contextAt = (nowMs: number): AuthenticationContext => ({
  secretOf: (accessKeyId) => (accessKeyId === SIGNER.accessKeyId ? SIGNER.secret : undefined),
  region: 'us-east-1',
  nowMs,
});
const CONTEXT = contextAt(SIGNER.nowMs);

type Fields = readonly string[];

/** The head that goes over the wire, and what was added to sign it. */
function signed(method: string, url: string, fields: Fields = [], payload = EMPTY, signer = SIGNER) {
  const { headers, chunks } = signRequest(requestHead(method, url, [...HOST, ...fields]), payload, signer);
  return { method, url, fields: [...HOST, ...fields, ...Object.entries(headers).flat()], headers, chunks };
}
const headOf = ({ method, url, fields }: { method: string; url: string; fields: Fields }) =>
  requestHead(method, url, fields);
const presigned = (url: string, fields: Fields = [], seconds = 86_400) => {
  const head = requestHead('GET', url, [...HOST, ...fields]);
  return { method: 'GET', url: `${head.path}?${presign(head, seconds, SIGNER)}`, fields: [...HOST, ...fields] };
};

function refusal(head: RequestHead, context = CONTEXT): unknown {
  try {
    authenticate(head, context);
  } catch (error) {
    return error;
  }
  throw new Error('the request was accepted');
}

describe('the examples of AWS', () => {
  test.each([
    [
      'GET',
      '/test.txt',
      ['Range', 'bytes=0-9'],
      EMPTY,
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PUT',
      '/test%24file.text',
      ['Date', 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class', 'REDUCED_REDUNDANCY'],
      '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    ['GET', '/?lifecycle', [], EMPTY, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['GET', '/?max-keys=2&prefix=J', [], EMPTY, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('%s %s', (method, url, fields, payload, signature) => {
    const request = signed(method, url, fields, payload);
    expect(request.chunks.seed).toBe(signature);
    expect(authenticate(headOf(request), CONTEXT)).toEqual({
      accessKeyId: SIGNER.accessKeyId,
      payload: { kind: 'signed', sha256: payload },
      presigned: false,
    });
  });

  test('a presigned URL', () => {
    const request = presigned('/test.txt');
    expect(request.url).toContain('&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
    const { payload } = authenticate(headOf(request), contextAt(SIGNER.nowMs + 86_400_000));
    expect(payload).toEqual({ kind: 'unsigned' });
  });

  test('a request whose chunks are signed', () => {
    const fields = [
      ...['Content-Encoding', 'aws-chunked', 'Content-Length', '66824', 'x-amz-decoded-content-length', '66560'],
      ...['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
    ];
    const { headers } = requestHead('PUT', '/', fields);
    const host = ['host', 's3.amazonaws.com'] as const;
    const { chunks } = signRequest(
      { method: 'PUT', path: '/examplebucket/chunkObject.txt', query: '', headers: new Map([...headers, host]) },
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      SIGNER,
    );
    expect(chunks.seed).toBe('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');
  });
});

test('whatever a request says, its signature is right, and only its own', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const bytes = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(text, fc.array(fc.tuple(text, text), { maxLength: 4 }), bytes, (key, query, value) => {
      const search = query.map(([name, content]) => `${escapeText(name)}=${escapeText(content)}`).join('&');
      const request = signed('PUT', `/bucket/${escapeKey(key)}?${search}`, ['x-amz-meta-a', value], 'UNSIGNED-PAYLOAD');
      expect(authenticate(headOf(request), CONTEXT).payload).toEqual({ kind: 'unsigned' });
      for (const changed of [
        { ...request, url: `/bucket/${escapeKey(`${key}x`)}?${search}` },
        { ...request, url: `${request.url}&a` },
        { ...request, method: 'GET' },
        { ...request, fields: [...request.fields, 'X-Amz-Meta-A', 'b'] },
      ]) {
        expect(refusal(headOf(changed))).toMatchObject({ code: 'blob.signature_does_not_match' });
      }
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['with escapes in lower case', '/b/a%2fb%c3%a9', '/b/a%2Fb%C3%A9'],
  ['with characters that need an escape', '/b/(a)!é', '/b/%28a%29%21%E9'],
  ['with an escape that is not needed', '/b/%7Ea', '/b/~a'],
  ['with a blank as + in the query', '/b?prefix=a+b', '/b?prefix=a%20b'],
  ['with parameters in another order', '/b?b=1&a=2&a=1', '/b?a=1&a=2&b=1'],
])('a path or query is the same %s', (_how, wire, canonical) => {
  const request = signed('GET', canonical);
  authenticate(headOf({ ...request, url: wire }), CONTEXT);
});

test.each([
  ['a slash and %2F', '/b/a/c', '/b/a%2Fc'],
  ['a path with .. and what it leads to', '/b/a', '/b/x/../a'],
  ['one slash and two', '/b/a', '/b//a'],
  ['a blank and + in a path', '/b/a%20b', '/b/a+b'],
])('%s are different paths', (_what, one, other) => {
  expect(refusal(headOf({ ...signed('GET', one), url: other }))).toMatchObject({
    code: 'blob.signature_does_not_match',
  });
});

describe('time', () => {
  const request = headOf(signed('GET', '/a'));
  test.each([-15, 15])('clocks may differ by %s minutes', (minutes) => {
    authenticate(request, contextAt(SIGNER.nowMs + minutes * MINUTE));
    expect(refusal(request, contextAt(SIGNER.nowMs + minutes * MINUTE + Math.sign(minutes)))).toMatchObject({
      code: 'blob.request_time_too_skewed',
      details: { request_time: '20130524T000000Z', max_allowed_skew_ms: 900_000 },
    });
  });

  test('Date counts where there is no x-amz-date', () => {
    const { fields, ...rest } = signed('GET', '/a', ['Date', 'Fri, 24 May 2013 00:00:00 GMT']);
    const at = fields.indexOf('x-amz-date');
    const without = headOf({ ...rest, fields: fields.filter((_, index) => index !== at && index !== at + 1) });
    // The header was signed, so that the signature is another one: but not for want of a date.
    expect(refusal(without)).toMatchObject({ code: 'blob.signature_does_not_match' });
    const { headers } = without;
    expect(refusal({ ...without, headers: new Map([...headers].filter(([name]) => name !== 'date')) })).toMatchObject({
      code: 'blob.access_denied',
    });
    for (const wrong of ['20130230T000000Z', '20130524', 'Fri, 24 Bla 2013 00:00:00 GMT']) {
      expect(refusal({ ...without, headers: new Map([...headers, ['date', wrong]]) })).toMatchObject({
        code: 'blob.authorization_malformed',
      });
    }
  });

  test('a presigned URL ends, and does not begin early', () => {
    const url = headOf(presigned('/a', [], 60));
    authenticate(url, contextAt(SIGNER.nowMs + MINUTE));
    expect(refusal(url, contextAt(SIGNER.nowMs + MINUTE + 1))).toMatchObject({
      code: 'blob.expired',
      details: { expires: '2013-05-24T00:01:00.000Z', x_amz_expires: 60 },
    });
    authenticate(url, contextAt(SIGNER.nowMs - 15 * MINUTE));
    expect(refusal(url, contextAt(SIGNER.nowMs - 16 * MINUTE))).toMatchObject({ code: 'blob.access_denied' });
  });
});

const request = signed('PUT', '/bucket/key', ['x-amz-meta-a', '1']);
const edited = (from: string | RegExp, to: string) =>
  headOf({ ...request, fields: request.fields.map((field) => field.replace(from, to)) });
const with_ = (...fields: string[]) => headOf({ ...request, fields: [...request.fields, ...fields] });
const url = presigned('/bucket/key');
const editedUrl = (from: string | RegExp, to: string) => headOf({ ...url, url: url.url.replace(from, to) });

const REFUSED: readonly (readonly [what: string, head: RequestHead, code: string, details?: object])[] = [
  ['an access key that nobody has', edited('Credential=AKIA', 'Credential=BKIA'), 'invalid_access_key_id'],
  [
    'a signature of another secret',
    headOf(signed('GET', '/', [], EMPTY, { ...SIGNER, secret: 'x' })),
    'signature_does_not_match',
  ],
  ['no signature', requestHead('GET', '/', HOST), 'access_denied'],
  [
    'another region',
    headOf(signed('GET', '/', [], EMPTY, { ...SIGNER, region: 'eu-west-1' })),
    'authorization_malformed',
    { region: 'us-east-1', form: 'header' },
  ],
  ['another service', edited('/s3/', '/sqs/'), 'authorization_malformed'],
  ['the credential of another day', edited('/20130524/', '/20130523/'), 'authorization_malformed'],
  ['a credential without its end', edited('/aws4_request', '/aws3_request'), 'authorization_malformed'],
  ['a host that is not signed', edited('SignedHeaders=host;', 'SignedHeaders='), 'authorization_malformed'],
  ['signed headers in capitals', edited('SignedHeaders=host', 'SignedHeaders=Host'), 'authorization_malformed'],
  ['a short signature', edited(/Signature=../, 'Signature='), 'authorization_malformed'],
  ['a signature twice', edited(/(,Signature=.*)/, '$1$1'), 'authorization_malformed'],
  ['no credential', edited(/Credential=[^,]*,/, ''), 'authorization_malformed'],
  ['two headers Authorization', with_('Authorization', 'AWS4-HMAC-SHA256 Credential=a'), 'authorization_malformed'],
  [
    'an x-amz- header that is not signed',
    with_('X-Amz-Acl', 'public-read'),
    'access_denied',
    { headers_not_signed: 'x-amz-acl' },
  ],
  ['a session token', with_('x-amz-security-token', 'a'), 'invalid_token'],
  ['a signature of version 2', edited('AWS4-HMAC-SHA256', 'AWS AKIA:abc='), 'invalid_request'],
  [
    'a signature of version 2 in the query',
    requestHead('GET', '/?AWSAccessKeyId=a&Signature=b', HOST),
    'invalid_request',
  ],
  ['an asymmetric signature', edited('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'), 'not_implemented'],
  ['a bearer token', edited(/^AWS4-HMAC-SHA256 .*/, 'Bearer abc'), 'invalid_argument'],
  ['credentials twice', headOf({ ...request, url: url.url }), 'invalid_argument'],
  ['no x-amz-content-sha256', edited(/^x-amz-content-sha256$/, 'content-sha256'), 'invalid_request'],
  [
    'a presigned URL for longer than a week',
    editedUrl('Expires=86400', 'Expires=604801'),
    'authorization_malformed',
    { form: 'query' },
  ],
  ['a presigned URL for no time', editedUrl('Expires=86400', 'Expires=0'), 'authorization_malformed'],
  ['a presigned URL for a negative time', editedUrl('Expires=86400', 'Expires=-1'), 'authorization_malformed'],
  ['a presigned URL with a parameter twice', editedUrl('?', '?X-Amz-Expires=1&'), 'authorization_malformed'],
  ['a presigned URL without a parameter', editedUrl(/X-Amz-Date=[^&]*&/, ''), 'authorization_malformed'],
  [
    'a presigned URL without the host',
    editedUrl('SignedHeaders=host', 'SignedHeaders=range'),
    'authorization_malformed',
  ],
  [
    'a presigned URL with a header that is not signed',
    headOf({ ...url, fields: [...url.fields, 'x-amz-acl', 'private'] }),
    'access_denied',
  ],
  ['a presigned URL with another key', editedUrl('/bucket/key', '/bucket/kex'), 'signature_does_not_match'],
  ['a presigned URL with another parameter', editedUrl('?', '?response-content-type=a&'), 'signature_does_not_match'],
  ['a presigned URL with a session token', editedUrl('?', '?X-Amz-Security-Token=a&'), 'invalid_token'],
];
for (const [what, head, code, details = {}] of REFUSED) {
  test(`a request is refused that has ${what}`, () => {
    expect(refusal(head)).toMatchObject({ code: `blob.${code}`, details });
  });
}

describe('what x-amz-content-sha256 says', () => {
  const payloadOf = (payload: string) => authenticate(headOf(signed('PUT', '/a', [], payload)), CONTEXT).payload;

  test('is how the body is to be read', () => {
    const { chunks } = signed('PUT', '/a', [], 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER');
    expect(payloadOf('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER')).toEqual({
      kind: 'chunked',
      signed: true,
      trailer: true,
      signing: chunks,
    });
    expect(payloadOf('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')).toMatchObject({ signed: true, trailer: false });
    expect(payloadOf('STREAMING-UNSIGNED-PAYLOAD-TRAILER')).toEqual({ kind: 'chunked', signed: false, trailer: true });
  });

  test.each([
    ['STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', 'blob.not_implemented'],
    ['STREAMING-SOMETHING', 'blob.not_implemented'],
    ['E3B0', 'blob.invalid_request'],
    ['', 'blob.invalid_request'],
  ])('%j is refused', (payload, code) => {
    expect(refusal(headOf(signed('PUT', '/a', [], payload)))).toMatchObject({ code });
  });

  test('counts in a presigned URL, too', () => {
    const request = presigned('/a', ['x-amz-content-sha256', EMPTY]);
    // presign() itself signs no body.
    expect(refusal(headOf(request))).toMatchObject({ code: 'blob.signature_does_not_match' });
    expect(authenticate(headOf(presigned('/a?X-Amz-Content-Sha256=UNSIGNED-PAYLOAD')), CONTEXT).payload).toEqual({
      kind: 'unsigned',
    });
  });

  test('counts without a signature', () => {
    const anonymous = (...fields: string[]) => anonymousPayload(requestHead('PUT', '/', fields));
    expect(anonymous()).toEqual({ kind: 'unsigned' });
    expect(anonymous('x-amz-content-sha256', EMPTY)).toEqual({ kind: 'signed', sha256: EMPTY });
    const mode = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
    expect(anonymous('x-amz-content-sha256', mode)).toEqual({ kind: 'chunked', signed: true, trailer: false });
  });
});

test('a URL cannot be signed for longer than a week', () => {
  for (const seconds of [0, 604_801, 1.5]) {
    expect(() => presign(requestHead('GET', '/', HOST), seconds, SIGNER)).toThrow('a presigned URL cannot last for');
  }
});

describe('evidence', () => {
  test('has what the server computed, and the wrong signature', () => {
    const evidence = evidenceOf(refusal(edited(/^1$/, '2')));
    expect(evidence).toMatchObject({
      accessKeyId: SIGNER.accessKeyId,
      canonicalRequest: expect.stringMatching(/^PUT\n\/bucket\/key\n\nhost:examplebucket/),
      stringToSign: expect.stringMatching(/^AWS4-HMAC-SHA256\n20130524T000000Z\n/),
      wrongSignature: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
  });

  test('has no signature that may be right, however it is written, and no secret', () => {
    for (const head of [
      with_('x-amz-acl', 'private'),
      headOf({ ...url, fields: [...url.fields, 'x-amz-acl', 'private', 'cookie', 'secret'] }),
      headOf({
        ...url,
        url: url.url.replace('X-Amz-Signature', 'X-Amz-Sign%61ture'),
        fields: [...url.fields, 'x-amz-acl', 'a'],
      }),
    ]) {
      const text = JSON.stringify(evidenceOf(refusal(head)));
      expect(text).not.toMatch(/Signature=|"wrongSignature"|"authorization"|"cookie"/i);
      expect(text).not.toContain(/X-Amz-Signature=(\w+)/.exec(url.url)?.[1]);
    }
    expect(evidenceOf(refusal(requestHead('GET', '/', HOST)))).toBeUndefined();
  });
});
