import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAwsChunked, readDecodedLength } from '../../../../src/blocks/blob/chunked/decode.js';
import type { ChunkedOptions } from '../../../../src/blocks/blob/chunked/decoder.js';
import type { Body } from '../../../../src/blocks/blob/object-types.js';
import type { ChunkSigning } from '../../../../src/blocks/blob/sigv4/payload.js';
import { signingKey } from '../../../../src/blocks/blob/sigv4/signature.js';
import { encodeAwsChunked } from './encode.js';

/** Of AWS's documentation, sigv4-streaming.html and sigv4-streaming-trailers.html. */
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const signingFrom = (seed: string): ChunkSigning => ({
  key: signingKey(SECRET, { day: '20130524', region: 'us-east-1', service: 's3' }),
  dateTime: '20130524T000000Z',
  scope: '20130524/us-east-1/s3/aws4_request',
  seed,
});
const SIGNING = signingFrom('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');
const SIGNED = { payload: { kind: 'chunked', signed: true, trailer: false, signing: SIGNING } } as const;
const UNSIGNED = { payload: { kind: 'chunked', signed: false, trailer: true } } as const;
const CRC = { ...UNSIGNED, trailer: 'x-amz-checksum-crc32' } as const;

/** One buffer for all pieces, wiped when the next one is asked for, as a body may have it. */
async function* inPieces(wire: Buffer, sizes: readonly number[]): Body {
  const shared = Buffer.alloc(wire.length);
  let at = 0;
  for (const size of [...sizes, wire.length]) {
    const end = Math.min(at + size, wire.length);
    if (end === at) continue;
    wire.copy(shared, 0, at, end);
    yield shared.subarray(0, end - at);
    shared.fill(0xee);
    at = end;
  }
}

async function decode(wire: Buffer | string, options: ChunkedOptions, sizes: readonly number[] = []) {
  const decoded = decodeAwsChunked(inPieces(Buffer.from(wire), sizes), options);
  const pieces: Buffer[] = [];
  for await (const piece of decoded.body) pieces.push(Buffer.from(piece));
  return { content: Buffer.concat(pieces), trailer: decoded.trailer() };
}

const letters = (length: number) => Buffer.alloc(length, 'a');

describe('the example of AWS', () => {
  const signatures = [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ];
  const wire = [
    `10000;chunk-signature=${signatures[0]}\r\n${letters(65536)}\r\n`,
    `400;chunk-signature=${signatures[1]}\r\n${letters(1024)}\r\n`,
    `0;chunk-signature=${signatures[2]}\r\n\r\n`,
  ].join('');

  test('has 65 KB in signed chunks', async () => {
    const { content } = await decode(wire, { ...SIGNED, decodedLength: 66560 }, [1, 100, 5000, 60000]);
    expect(content.equals(letters(66560))).toBe(true);
    expect(encodeAwsChunked([letters(65536), letters(1024)], { signing: SIGNING }).toString()).toBe(wire);
  });

  test.each([
    ['is changed', wire.replace('aaa\r\n', 'aab\r\n')],
    ['is left out', wire.slice(0, wire.indexOf('400;')) + wire.slice(wire.indexOf('0;chunk-signature=b6'))],
    ['has the signature of another', wire.replace(signatures[1] ?? '', signatures[0] ?? '')],
  ])('is refused where a chunk %s', async (_how, changed) => {
    await expect(decode(changed, SIGNED)).rejects.toMatchObject({
      code: 'blob.signature_does_not_match',
      message: expect.stringMatching(
        /^the signature of chunk \d of the body is wrong: \d+ bytes came, with the SHA-256 [0-9a-f]{64}$/,
      ),
    });
  });

  test('has a signed trailer, whose line ends twice', async () => {
    const signing = signingFrom('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e');
    const trailed = [
      `10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n${letters(65536)}\r\n`,
      `400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n${letters(1024)}\r\n`,
      '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n',
      'x-amz-checksum-crc32c:sOO8/Q==\n\r\n',
      'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
    ].join('');
    const options: ChunkedOptions = {
      payload: { kind: 'chunked', signed: true, trailer: true, signing },
      trailer: 'x-amz-checksum-crc32c',
    };
    expect((await decode(trailed, options)).trailer).toBe('sOO8/Q==');
    expect((await decode(trailed.replace('\n\r\n', '\r\n'), options)).trailer).toBe('sOO8/Q==');
    for (const changed of [trailed.replace('sOO8', 'sOO9'), trailed.replace(/x-amz-trailer-signature:\w+\r\n/, '')]) {
      await expect(decode(changed, options)).rejects.toMatchObject({ code: 'blob.signature_does_not_match' });
    }
  });
});

const anyBody = fc.record({
  chunks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }),
  sizes: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 60 }),
});
const optionsOf = (signed: boolean): ChunkedOptions => ({
  payload: { kind: 'chunked', signed, trailer: true, ...(signed && { signing: SIGNING }) },
  trailer: 'x-amz-checksum-crc32',
});
const encoded = (chunks: readonly Uint8Array[], signed: boolean) =>
  encodeAwsChunked(chunks, { ...(signed && { signing: SIGNING }), trailer: ['x-amz-checksum-crc32', 'AAAAAA=='] });

test.each([true, false])('however the wire is split, the content is the same (signed: %s)', async (signed) => {
  await fc.assert(
    fc.asyncProperty(anyBody, async ({ chunks, sizes }) => {
      const content = Buffer.concat(chunks);
      const decoded = await decode(
        encoded(chunks, signed),
        { ...optionsOf(signed), decodedLength: content.length },
        sizes,
      );
      expect(decoded.content.equals(content)).toBe(true);
      expect(decoded.trailer).toBe('AAAAAA==');
    }),
    { numRuns: 80 },
  );
});

test('a body with signatures is refused when any byte of it is changed, or it ends early', async () => {
  await fc.assert(
    fc.asyncProperty(anyBody, fc.nat(), fc.integer({ min: 1, max: 255 }), async ({ chunks, sizes }, at, flip) => {
      const wire = encoded(chunks, true);
      const place = at % wire.length;
      const short = decode(wire.subarray(0, place), optionsOf(true), sizes);
      await expect(short).rejects.toMatchObject({ code: 'blob.incomplete_body' });
      // Size, and names of trailers, may be in either case.
      fc.pre(!/[A-Za-z]/.test(String.fromCharCode(wire[place] ?? 0)) || flip !== 0x20);
      wire[place] = (wire[place] ?? 0) ^ flip;
      await expect(decode(wire, optionsOf(true), sizes)).rejects.toMatchObject({
        code: expect.stringMatching(/^blob\.(signature_does_not_match|invalid_request|incomplete_body)$/),
      });
    }),
    { numRuns: 100 },
  );
});

test.each<readonly [string, string, ChunkedOptions, string]>([
  ['fewer bytes than its length says', '3\r\nabc\r\n0\r\n\r\n', { ...UNSIGNED, decodedLength: 4 }, 'incomplete_body'],
  ['more bytes than its length says', '3\r\nabc\r\n0\r\n\r\n', { ...UNSIGNED, decodedLength: 2 }, 'incomplete_body'],
  ['a chunk that is longer than its size', '3\r\nabcd\r\n0\r\n\r\n', UNSIGNED, 'invalid_request'],
  ['a chunk that is shorter than its size', '4\r\nabc\r\n0\r\n\r\n', UNSIGNED, 'invalid_request'],
  ['no last chunk', '3\r\nabc\r\n', UNSIGNED, 'incomplete_body'],
  ['no last line', '3\r\nabc\r\n0\r\n', UNSIGNED, 'incomplete_body'],
  ['bytes after its end', '3\r\nabc\r\n0\r\n\r\n0', UNSIGNED, 'invalid_request'],
  ['line feeds only', '3\nabc\n0\n\n', UNSIGNED, 'incomplete_body'],
  ['a carriage return alone', '3\rabc', UNSIGNED, 'invalid_request'],
  ['a size that is none', '-1\r\n', UNSIGNED, 'invalid_request'],
  ['a size with a sign', '+3\r\nabc', UNSIGNED, 'invalid_request'],
  ['a size with a prefix', '0x3\r\nabc', UNSIGNED, 'invalid_request'],
  ['a size beyond all numbers', 'ffffffffffffffff\r\n', UNSIGNED, 'invalid_request'],
  ['sizes that overflow together', `1fffffffffffff\r\n`, { ...UNSIGNED, decodedLength: 5 }, 'incomplete_body'],
  ['an extension that does not end', `3;${'x'.repeat(5000)}`, UNSIGNED, 'invalid_request'],
  ['a size that does not end', '0'.repeat(5000), UNSIGNED, 'invalid_request'],
  ['chunks without signatures', '3\r\nabc\r\n0\r\n\r\n', SIGNED, 'invalid_request'],
  ['no chunks at all', '', UNSIGNED, 'incomplete_body'],
  ['no trailer that was announced', '3\r\nabc\r\n0\r\n\r\n', CRC, 'invalid_request'],
  ['a trailer that was not announced', '0\r\nx-amz-checksum-sha1:a\r\n\r\n', CRC, 'invalid_request'],
  ['a trailer where there is none', '0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', UNSIGNED, 'invalid_request'],
  ['a trailer twice', `0\r\n${'x-amz-checksum-crc32:AAAAAA==\r\n'.repeat(2)}\r\n`, CRC, 'invalid_request'],
  ['a trailer that does not end', `0\r\nx-amz-checksum-crc32:${'A'.repeat(5000)}`, CRC, 'invalid_request'],
  ['a trailer of another header', '0\r\nx-amz-acl:public-read\r\n\r\n', CRC, 'invalid_request'],
])('a body is refused that has %s', async (_what, wire, options, code) => {
  await expect(decode(wire, options)).rejects.toMatchObject({ code: `blob.${code}` });
  const bytewise = decode(wire, options, new Array(wire.length).fill(1));
  await expect(bytewise).rejects.toMatchObject({ code: `blob.${code}` });
});

test('nobody checks signatures of chunks where nobody signs, and extensions are read over', async () => {
  const wire = encodeAwsChunked([letters(10)], { signing: signingFrom('0'.repeat(64)) });
  const unchecked = { payload: { kind: 'chunked', signed: true, trailer: false } } as const;
  expect((await decode(wire, unchecked)).content.toString()).toBe('aaaaaaaaaa');
  expect((await decode('3;a=b\r\nabc\r\n0\r\n\r\n', UNSIGNED)).content.toString()).toBe('abc');
});

test('the length is a number of bytes', () => {
  const read = (text: string) => readDecodedLength(new Map([['x-amz-decoded-content-length', text]]));
  expect(read('66560')).toBe(66560);
  expect(readDecodedLength(new Map())).toBeUndefined();
  for (const wrong of ['-1', '1e3', '', '0x10', '9'.repeat(16)]) expect(() => read(wrong)).toThrow('is not a number');
});
