import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  algorithmOfHeader,
  CHECKSUM_ALGORITHMS,
  checksumHeader,
  checksumType,
  readAlgorithm,
  readChecksumValue,
} from '../../../../src/blocks/blob/checksum/algorithms.js';
import { compositeChecksum, createChecksum } from '../../../../src/blocks/blob/checksum/checksum.js';
import { combineCrc, isCrc } from '../../../../src/blocks/blob/checksum/combine.js';
import { readDeclaredChecksum } from '../../../../src/blocks/blob/checksum/declared.js';
import type { ChecksumAlgorithm } from '../../../../src/blocks/blob/object-types.js';

function checksumOf(algorithm: ChecksumAlgorithm, ...pieces: readonly Uint8Array[]): Buffer {
  const checksum = createChecksum(algorithm);
  for (const piece of pieces) checksum.update(piece);
  return checksum.digest();
}

/** Bit by bit, from the definition. */
function slowCrc(width: number, polynomial: bigint, bytes: Uint8Array): Buffer {
  const ones = (1n << BigInt(width)) - 1n;
  let remainder = ones;
  for (const byte of bytes) {
    remainder ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1n ? (remainder >> 1n) ^ polynomial : remainder >> 1n;
  }
  return Buffer.from((remainder ^ ones).toString(16).padStart(width / 4, '0'), 'hex');
}

const CRCS = [
  ['CRC32', 32, 0xedb88320n],
  ['CRC32C', 32, 0x82f63b78n],
  ['CRC64NVME', 64, 0x9a6c9329ac4bc9b5n],
] as const;
const anyBytes = fc.uint8Array({ maxLength: 200 });

/** Check values of the catalogue of CRCs, and of FIPS 180-4 by sha1sum and sha256sum. */
test.each<[ChecksumAlgorithm, string]>([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
  ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
])('%s of 123456789', (algorithm, value) => {
  expect(checksumOf(algorithm, Buffer.from('123456789')).toString('hex')).toBe(value);
});

test.each(CRCS)(
  '%s is what its definition says, in whatever pieces and wherever in memory',
  (algorithm, width, polynomial) => {
    fc.assert(
      fc.property(fc.array(anyBytes, { maxLength: 4 }), fc.nat(8), (pieces, offset) => {
        const placed = pieces.map((piece) => {
          const room = Buffer.alloc(piece.length + offset);
          room.set(piece, offset);
          return room.subarray(offset);
        });
        const whole = Buffer.concat(pieces);
        expect(checksumOf(algorithm, ...placed)).toEqual(slowCrc(width, polynomial, whole));
      }),
    );
  },
);

test.each(CRCS)('%s of two pieces comes from those of each', (algorithm) => {
  fc.assert(
    fc.property(anyBytes, anyBytes, (one, other) => {
      const [first, second] = [checksumOf(algorithm, one), checksumOf(algorithm, other)];
      expect(combineCrc(algorithm, first, second, other.length)).toEqual(checksumOf(algorithm, one, other));
    }),
  );
});

test.each(CRCS)('%s of pieces of terabytes: the order of putting them together does not matter', (algorithm) => {
  const [a, b, c] = ['a', 'b', 'c'].map((text) => checksumOf(algorithm, Buffer.from(text)));
  if (a === undefined || b === undefined || c === undefined) throw new Error('three checksums were made');
  const [lengthOfB, lengthOfC] = [5 * 1024 ** 4 + 3, 5 * 1024 ** 3 - 1];
  const leftFirst = combineCrc(algorithm, combineCrc(algorithm, a, b, lengthOfB), c, lengthOfC);
  const rightFirst = combineCrc(algorithm, a, combineCrc(algorithm, b, c, lengthOfC), lengthOfB + lengthOfC);
  expect(leftFirst).toEqual(rightFirst);
  expect(combineCrc(algorithm, a, b, 2 ** 32)).not.toEqual(combineCrc(algorithm, a, b, 0));
});

test('of parts there is the checksum of their checksums, with their number', () => {
  const parts = ['a', 'b'].map((text) => checksumOf('SHA256', Buffer.from(text)));
  expect(compositeChecksum('SHA256', parts)).toBe(`${checksumOf('SHA256', ...parts).toString('base64')}-2`);
});

describe('algorithms', () => {
  test('have names, headers and lengths', () => {
    for (const algorithm of CHECKSUM_ALGORITHMS) {
      expect(algorithmOfHeader(checksumHeader(algorithm))).toBe(algorithm);
      expect(readAlgorithm(algorithm.toLowerCase())).toBe(algorithm);
      const value = checksumOf(algorithm).toString('base64');
      expect(readChecksumValue(algorithm, value)).toEqual(checksumOf(algorithm));
      for (const wrong of ['', `${value}A`, ` ${value}`, value.slice(0, -4), `${value}-1`]) {
        expect(readChecksumValue(algorithm, wrong)).toBeUndefined();
      }
    }
    expect(CHECKSUM_ALGORITHMS.filter(isCrc)).toEqual(CRCS.map(([name]) => name));
    expect(() => readAlgorithm('MD5')).toThrow('no checksum algorithm "MD5"');
  });

  test('have the types that S3 has', () => {
    const typesOf = (asked: string | undefined) =>
      CHECKSUM_ALGORITHMS.map((algorithm) => {
        try {
          return checksumType(algorithm, asked);
        } catch (error) {
          return error;
        }
      });
    const refused = expect.objectContaining({ code: 'blob.invalid_request' });
    expect(typesOf(undefined)).toEqual(['COMPOSITE', 'COMPOSITE', 'FULL_OBJECT', 'COMPOSITE', 'COMPOSITE']);
    expect(typesOf('FULL_OBJECT')).toEqual(['FULL_OBJECT', 'FULL_OBJECT', 'FULL_OBJECT', refused, refused]);
    expect(typesOf('composite')).toEqual(['COMPOSITE', 'COMPOSITE', refused, 'COMPOSITE', 'COMPOSITE']);
    expect(typesOf('HALF')).toEqual(new Array(5).fill(refused));
  });
});

describe('what a request declares', () => {
  const read = (...headers: readonly (readonly [string, string])[]) => readDeclaredChecksum(new Map(headers));
  const MD5 = 'CY9rzUYh03PK3k6DJie09g==';

  test('is a value, a trailer, an MD5, or nothing', () => {
    expect(read()).toEqual({});
    expect(read(['x-amz-checksum-crc32', 'AAAAAA=='], ['content-md5', MD5])).toEqual({
      algorithm: 'CRC32',
      value: Buffer.alloc(4),
      md5: '098f6bcd4621d373cade4e832627b4f6',
    });
    expect(read(['x-amz-trailer', 'X-Amz-Checksum-Crc64nvme'], ['x-amz-sdk-checksum-algorithm', 'crc64nvme'])).toEqual({
      algorithm: 'CRC64NVME',
      trailer: 'x-amz-checksum-crc64nvme',
    });
    expect(
      read(['x-amz-checksum-mode', 'ENABLED'], ['x-amz-checksum-type', 'COMPOSITE'], ['x-amz-trailer', '']),
    ).toEqual({});
  });

  test.each<readonly [string, string, readonly (readonly [string, string])[]]>([
    [
      'two values',
      'invalid_request',
      [
        ['x-amz-checksum-crc32', 'AAAAAA=='],
        ['x-amz-checksum-crc32c', 'AAAAAA=='],
      ],
    ],
    [
      'a value and a trailer',
      'invalid_request',
      [
        ['x-amz-checksum-crc32', 'AAAAAA=='],
        ['x-amz-trailer', 'x-amz-checksum-crc32'],
      ],
    ],
    ['two trailers', 'invalid_request', [['x-amz-trailer', 'x-amz-checksum-crc32, x-amz-checksum-sha1']]],
    ['a value twice', 'invalid_request', [['x-amz-checksum-crc32', 'AAAAAA==,AAAAAA==']]],
    ['a value of another length', 'invalid_request', [['x-amz-checksum-sha256', 'AAAAAA==']]],
    ['a value that is no base64', 'invalid_request', [['x-amz-checksum-crc32', 'AAA*AA==']]],
    ['an algorithm without a value', 'invalid_request', [['x-amz-sdk-checksum-algorithm', 'CRC32']]],
    [
      'another algorithm than its value',
      'invalid_request',
      [
        ['x-amz-sdk-checksum-algorithm', 'SHA1'],
        ['x-amz-checksum-crc32', 'AAAAAA=='],
      ],
    ],
    ['an algorithm that is none', 'invalid_request', [['x-amz-sdk-checksum-algorithm', 'MD4']]],
    ['a value of an algorithm that is not here', 'not_implemented', [['x-amz-checksum-xxhash64', 'AAAAAA==']]],
    ['a trailer that is no checksum', 'not_implemented', [['x-amz-trailer', 'x-amz-meta-a']]],
    ['a short Content-MD5', 'invalid_digest', [['content-md5', 'AAAAAA==']]],
    ['a Content-MD5 that is no base64', 'invalid_digest', [['content-md5', MD5.replace('C', '-')]]],
  ])('is refused: %s', (_what, code, headers) => {
    expect(() => read(...headers)).toThrow(expect.objectContaining({ code: `blob.${code}` }));
  });
});
