import { describe, expect, test } from 'vitest';
import { authenticate } from '../../../../src/blocks/blob/sigv4/authenticate.js';
import { compareLines } from '../../../../src/blocks/blob/sigv4/compare-lines.js';
import { evidenceOf, type SignatureEvidence } from '../../../../src/blocks/blob/sigv4/evidence.js';
import { type Explanation, explainRefusal } from '../../../../src/blocks/blob/sigv4/explain.js';
import { requestHead } from '../../../../src/blocks/blob/sigv4/head.js';
import { signingKey, signText, stringToSign } from '../../../../src/blocks/blob/sigv4/signature.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const SCOPE = { day: '20130524', region: 'us-east-1', service: 's3' };
const DATE = '20130524T000000Z';
const URL = '/bucket/a%20b/../%C3%A9?uploads&prefix=a+b&a-b=1&a=1';
const NAMES = 'host;x-amz-content-sha256;x-amz-date';
const RIGHT = [
  ...['PUT', '/bucket/a%20b/../%C3%A9', 'a=1&a-b=1&prefix=a%20b&uploads='],
  ...[
    'host:127.0.0.1:9000',
    'x-amz-content-sha256:UNSIGNED-PAYLOAD',
    `x-amz-date:${DATE}`,
    '',
    NAMES,
    'UNSIGNED-PAYLOAD',
  ],
].join('\n');

/** What is on record of a client that signs this text, with this secret and region. */
function refused(canonical: string, { secret = SECRET, region = 'us-east-1' } = {}): SignatureEvidence {
  const key = signingKey(secret, { ...SCOPE, region });
  const signature = signText(key, stringToSign(DATE, SCOPE, canonical));
  const fields = ['Host', '127.0.0.1:9000', 'X-Amz-Date', DATE, 'X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'];
  const credential = 'Credential=AKIA/20130524/us-east-1/s3/aws4_request';
  fields.push('Authorization', `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${NAMES}, Signature=${signature}`);
  fields.push('X-Forwarded-Host', 's3.example.com');
  try {
    const nowMs = Date.parse('2013-05-24T00:00:00Z');
    authenticate(requestHead('PUT', URL, fields), { secretOf: () => SECRET, region: 'us-east-1', nowMs });
  } catch (error) {
    const evidence = evidenceOf(error);
    // As it comes back from where it was kept.
    if (evidence !== undefined) return JSON.parse(JSON.stringify(evidence));
  }
  throw new Error('the request was not refused with evidence');
}

const changed = ({ lines }: Explanation) =>
  lines.flatMap(({ mark, text }) => (mark === 'both' ? [] : [`${mark === 'server' ? '-' : '+'}${text}`]));

test.each([
  ['the method GET, for a request that came as PUT', /^PUT/, 'GET'],
  ['the path escaped twice', '%20b/../%C3%A9', '%2520b/../%25C3%25A9'],
  ['the path without escapes', '/bucket/a%20b/../%C3%A9', '/bucket/a b/../\u00c3\u00a9'],
  ['the path with .. and // resolved, which S3 does not', '/a%20b/..', ''],
  ['the path without its first part', '/bucket', ''],
  ['the query sorted by whole parameters instead of by names', 'a=1&a-b=1', 'a-b=1&a=1'],
  ['the query in the order it was sent in, not sorted', /a=1.*/, 'uploads=&prefix=a%20b&a-b=1&a=1'],
  ['the query with + for blanks', 'prefix=a%20b', 'prefix=a+b'],
  ['the query with %2B for +', 'prefix=a%20b', 'prefix=a%2Bb'],
  ['no query', /a=1.*/, ''],
  ['the host without its port', '127.0.0.1:9000', '127.0.0.1'],
  ['the host with port 443', '127.0.0.1:9000', '127.0.0.1:443'],
  ['the host of X-Forwarded-Host: a proxy changed Host', '127.0.0.1:9000', 's3.example.com'],
  ['the host localhost in place of 127.0.0.1', '127.0.0.1', 'localhost'],
  [
    'the hash of an empty body',
    /UNSIGNED-PAYLOAD$/,
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  ],
  ['a line feed at the end of the canonical request', /$/, '\n'],
  ['no empty line after the headers', '\n\n', '\n'],
])('a client is found out that signs %s', (what, from, to) => {
  const explanation = explainRefusal(refused(RIGHT.replace(from, to)), { secret: SECRET });
  expect(explanation).toMatchObject({
    verdict: 'found',
    message: expect.stringContaining(`the client signed with ${what}`),
  });
  expect(changed(explanation).length).toBeGreaterThan(0);
});

test.each([
  ['the region "auto" in its key', { region: 'auto' }],
  ['a secret with a line feed at its end', { secret: `${SECRET}\n` }],
  ['the access key in place of the secret', { secret: 'AKIA' }],
])('a client is found out that signs with %s', (what, key) => {
  expect(explainRefusal(refused(RIGHT, key), { secret: SECRET })).toMatchObject({
    verdict: 'found',
    message: expect.stringContaining(what),
  });
});

describe('without a variant that fits', () => {
  test('the secret differs', () => {
    const explanation = explainRefusal(refused(RIGHT, { secret: 'another' }), { secret: SECRET });
    expect(explanation.verdict).toBe('secret');
    expect(explanation.lines.map(({ text }) => text).join('\n')).toBe(RIGHT);
  });

  test('the secret was another one then', () => {
    const evidence = refused(RIGHT, { secret: 'new' });
    expect(explainRefusal(evidence, { secret: 'new' }).verdict).toBe('right');
  });

  test('nothing is tried that cannot be', () => {
    const evidence = refused(RIGHT, { secret: 'another' });
    expect(explainRefusal(evidence)).toMatchObject({ verdict: 'untried', message: expect.stringContaining('secret') });
    const { wrongSignature: _, ...unsigned } = evidence;
    expect(explainRefusal(unsigned, { secret: SECRET })).toMatchObject({
      verdict: 'untried',
      message: 'the signature is not why: another one would have been refused, too',
    });
  });
});

describe("the client's own text", () => {
  const evidence = refused(RIGHT.replace('b/../', ''));

  test('is compared line by line', () => {
    const theirs = RIGHT.replace('b/../%C3%A9', 'b/é').replace('x-amz-date:', 'x-amz-acl:private\nx-amz-date:');
    const explanation = explainRefusal(evidence, { theirs: `${theirs}\n` });
    expect(explanation).toMatchObject({ verdict: 'differs', message: 'the canonical requests differ' });
    expect(changed(explanation)).toEqual(['-/bucket/a%20b/../%C3%A9', '+/bucket/a%20b/é', '+x-amz-acl:private']);
  });

  test('may be the string to sign', () => {
    const theirs = evidence.stringToSign.replace('us-east-1', 'eu-west-1');
    expect(changed(explainRefusal(evidence, { theirs }))).toEqual([
      '-20130524/us-east-1/s3/aws4_request',
      '+20130524/eu-west-1/s3/aws4_request',
    ]);
  });

  test('may be the same', () => {
    expect(explainRefusal(evidence, { theirs: RIGHT.replaceAll('\n', '\r\n') }).verdict).toBe('secret');
    expect(() => explainRefusal(evidence, { theirs: 'x'.repeat(70_000) })).toThrow('70000 characters');
  });

  test('is compared in time however many lines it has', () => {
    const many = (text: string) => new Array(30_000).fill(text);
    const lines = compareLines(['a', ...many('b')], ['a', ...many('c')]);
    expect(lines.filter(({ mark }) => mark === 'both').map(({ text }) => text)).toEqual(['a']);
    const all = (mark: string) => lines.flatMap((line) => (line.mark === mark ? [line.text] : [])).join('\n');
    expect(all('client').split('\n')).toHaveLength(30_000);
  });
});
