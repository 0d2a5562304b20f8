import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeLabels } from '../../../../src/blocks/log/labels.js';
import { redactCards } from '../../../../src/blocks/log/transform/redact/cards.js';
import { redactEmail } from '../../../../src/blocks/log/transform/redact/email.js';
import { KeyRedactor, redactTokens } from '../../../../src/blocks/log/transform/redact/tokens.js';
import { batchOf, fieldsOf, linesOf, NOW, step } from './batches.js';

function redacted(what: string, ...lines: (string | Uint8Array)[]): string[] {
  return linesOf(step(`redact=${what}`).apply(batchOf(...lines.map((line) => ({ line }))), NOW).batch);
}

const UNCHANGED = Symbol();

test.each([
  ['paid with 4111111111111111 today', 'paid with *** today'],
  ['4111 1111 1111 1111', '***'],
  ['card=4111-1111-1111-1111,cvc=123', 'card=***,cvc=123'],
  ['x4111111111111111y', 'x***y'],
  ['amex 3782 822463 10005 and 378282246310005', 'amex *** and ***'],
  ['5555555555554444 4012888888881881', '*** ***'],
  ['1700000000 4111111111111111', '1700000000 ***'],
  ['4222222222222', '***'],
  ['4111111111111112 fails the check', UNCHANGED],
  ['1531171074631000009 is a timestamp', UNCHANGED],
  ['blk_38865049064139660', UNCHANGED],
  ['2024-01-02 15:04:05.123456789', UNCHANGED],
])('cards: %s', (line, expected) => {
  expect(redacted('cards', line)).toEqual([expected === UNCHANGED ? line : expected]);
});

test.each([
  ['from=alice@example.com,to=<bob+x@mail.example.co.uk>.', 'from=***,to=<***>.'],
  ['"Müller"@x müller@exämple.de!', '"Müller"@x ***!'],
  ['https://x.example/?q=a.b@c.example&d', 'https://x.example/?q=***&d'],
  ['a@b@c.example', 'a@***'],
  ['user@localhost @mention x@ @x.y', UNCHANGED],
])('e-mail: %s', (line, expected) => {
  const [result] = redacted('email', line);
  expect(result).toBe(expected === UNCHANGED ? line : expected);
});

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4';

test.each([
  ['Authorization: Bearer abc.def-ghi_jkl', 'Authorization: Bearer ***'],
  ['authorization="Basic YWxhZGRpbjpvcGVu"', 'authorization="Basic ***"'],
  [`cookie session=${JWT}; path=/`, 'cookie session=***; path=/'],
  ['AKIAIOSFODNN7EXAMPLE uploaded', '*** uploaded'],
  ['key xAKIAIOSFODNN7EXAMPLE', 'key x***'],
  ['ghp_abcdefghijklmnopqrstuvwxyz0123456789 and glpat-abcdefghijklmnopqrst', '*** and ***'],
  ['postgres://app:s3cr3t@db/x?password=hunter2&y=1', 'postgres://***@db/x?password=***&y=1'],
  ['redis://:p@ss@cache:6379', 'redis://***@cache:6379'],
  ['{"password":"a \\"b\\" c","user":"x"}', '{"password":"***","user":"x"}'],
  ['{\\"api_key\\":\\"abcdef\\"}', '{\\"api_key\\":\\"***\\"}'],
  ["client_secret='it is long' token: 12345", "client_secret='***' token: ***"],
  ['{"pwd":12345}', '{"pwd":***}'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- after', '*** after'],
  ['a pass: the basic idea of a bearer of tokens', 'a pass: *** basic idea of a bearer of tokens'],
  ['2015-10-18 18:01:47,978 INFO org.apache.hadoop.mapreduce.v2.app.MRAppMaster: x', UNCHANGED],
  ['https://example.com:8080/a@b', UNCHANGED],
])('tokens: %s', (line, expected) => {
  expect(redacted('tokens', line)).toEqual([expected === UNCHANGED ? line : expected]);
});

test('a private key whose lines are entries of their own is gone, up to its end, also over batches', () => {
  const redact = step('redact=tokens');
  const first = redact.apply(batchOf('key:', '-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'), NOW);
  const other = makeLabels([['job', 'other']]);
  const second = redact.apply(
    batchOf(
      'AbCd==',
      { line: 'abcd', stream: other },
      'a line of somebody else',
      '-----END PRIVATE KEY----- x',
      'abcd',
    ),
    NOW,
  );
  expect(linesOf(first.batch)).toEqual(['key:', '***', '***']);
  expect(linesOf(second.batch)).toEqual(['***', 'abcd', 'a line of somebody else', '*** x', 'abcd']);
});

test('patterns of the user, commas and all, beside others; fields, too', () => {
  const redact = step('redact=email,regex:ID[0-9]{2,4}');
  const { batch } = redact.apply(
    batchOf({ line: 'ID123 é a@b.example', metadata: { id: 'ID99', password: 'x', n: '1' } }),
    NOW,
  );
  expect(linesOf(batch)).toEqual(['*** é ***']);
  expect(fieldsOf(batch)).toEqual({ id: '***', password: 'x', n: '1' });
  const tokens = step('redact=tokens').apply(
    batchOf({ line: 'x', metadata: { db_password: 'x', auth: 'Bearer abcdefgh', n: '1' } }),
    NOW,
  );
  expect(fieldsOf(tokens.batch)).toEqual({ db_password: '***', auth: 'Bearer ***', n: '1' });
});

test('bytes that are no UTF-8 stay as they are around what is replaced', () => {
  const { batch } = step('redact=cards').apply(
    batchOf({ line: Buffer.from('ff4111111111111111ff'.replace(/ff/g, '\xff'), 'latin1') }, 'x'),
    NOW,
  );
  expect(batch.bytes.subarray(batch.starts[0], batch.ends[0])).toEqual(Buffer.from('\xff***\xff', 'latin1'));
  expect(linesOf(batch)[1]).toBe('x');
});

test('what is passed over as harmless is harmless', () => {
  const piece = fc.constantFrom(
    ...[
      'password',
      'Pwd',
      'api-key',
      'APIKEY',
      'access_key',
      'private-key',
      'TOKEN',
      'secret',
      '=',
      ': ',
      '"',
      'x1',
      ' ',
      '://',
      '@',
      'a.b',
    ],
    ...[
      'Bearer ',
      'basic%20',
      'AKIA',
      'ghp_',
      'github_pat_',
      'xoxb-',
      'xapp-',
      'sk_live_',
      'sk-',
      'eyJ',
      '.',
      'AIza',
      'hf_',
      'npm_',
      'ya29.',
    ],
    ...['0123456789abcdefghij', 'ABCDEFGHIJKLMNOP', '4111', '-1111', '4111111111111111', '-----BEGIN PRIVATE KEY-----'],
  );
  const texts = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(texts, (text) => {
      expect(redacted('cards', text)).toEqual([redactCards(text, '***')]);
      expect(redacted('email', text)).toEqual([redactEmail(text, '***')]);
      expect(redacted('tokens', text)).toEqual([redactTokens(new KeyRedactor().redact(text, '***'), '***')]);
    }),
    { numRuns: 500 },
  );
});

test('hostile lines end quickly', () => {
  const hostile = [
    'eyJ'.repeat(80_000),
    'a@'.repeat(100_000),
    `${'a'.repeat(200_000)}@`,
    '4'.repeat(200_000),
    '4 '.repeat(100_000),
    'password="'.repeat(20_000),
    `bearer ${' '.repeat(200_000)}`,
    '://a:'.repeat(40_000),
    '-----BEGIN '.repeat(20_000),
    'AKIA'.repeat(50_000),
  ];
  const before = process.cpuUsage().user;
  redacted('cards,email,tokens', ...hostile);
  expect(process.cpuUsage().user - before).toBeLessThan(4_000_000);
});
