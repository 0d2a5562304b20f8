import { describe, expect, test } from 'vitest';
import { createChecksum } from '../../../../src/blocks/blob/checksum/checksum.js';
import { type VerifiedBodyOptions, verifiedBody } from '../../../../src/blocks/blob/chunked/verified-body.js';
import { encodeAwsChunked } from './encode.js';

const CONTENT = Buffer.from('123456789');
const CRC = Buffer.from('cbf43926', 'hex');
const SHA256 = '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225';
const UNSIGNED = { kind: 'unsigned' } as const;
const CHUNKED = { kind: 'chunked', signed: false, trailer: true } as const;
const TRAILER = { algorithm: 'CRC32', trailer: 'x-amz-checksum-crc32' } as const;

async function read(wire: Uint8Array, options: VerifiedBodyOptions) {
  async function* source() {
    for (const byte of wire) yield Uint8Array.of(byte);
  }
  const { body, checksum } = verifiedBody(source(), options);
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return { content: Buffer.concat(pieces).toString(), checksum: checksum() };
}

const trailed = (value: string) => encodeAwsChunked([CONTENT], { trailer: [TRAILER.trailer, value] });

describe('a body that is what it says', () => {
  const right = { algorithm: 'CRC32', value: CRC.toString('base64'), type: 'FULL_OBJECT' };

  test.each<readonly [string, Uint8Array, VerifiedBodyOptions, object | undefined]>([
    ['nothing', CONTENT, { payload: UNSIGNED, declared: {} }, undefined],
    ['by its SHA-256', CONTENT, { payload: { kind: 'signed', sha256: SHA256 }, declared: {} }, undefined],
    ['by a header', CONTENT, { payload: UNSIGNED, declared: { algorithm: 'CRC32', value: CRC } }, right],
    ['by a trailer', trailed(right.value), { payload: CHUNKED, declared: TRAILER, decodedLength: 9 }, right],
    [
      'by a header, in chunks',
      encodeAwsChunked([CONTENT]),
      { payload: { ...CHUNKED, trailer: false }, declared: { algorithm: 'CRC32', value: CRC } },
      right,
    ],
  ])('%s', async (_how, wire, options, checksum) => {
    expect(await read(wire, options)).toEqual({ content: '123456789', checksum });
  });
});

describe('a body that is not', () => {
  const other = createChecksum('CRC32').digest();

  test.each<readonly [string, Uint8Array, VerifiedBodyOptions, string]>([
    [
      'its SHA-256',
      CONTENT,
      { payload: { kind: 'signed', sha256: SHA256.replace('1', '2') }, declared: {} },
      'content_sha256_mismatch',
    ],
    ['its header', CONTENT, { payload: UNSIGNED, declared: { algorithm: 'CRC32', value: other } }, 'bad_digest'],
    ['its trailer', trailed(other.toString('base64')), { payload: CHUNKED, declared: TRAILER }, 'bad_digest'],
    ['a checksum in its trailer', trailed('AAAA'), { payload: CHUNKED, declared: TRAILER }, 'invalid_request'],
    [
      'of its length',
      trailed(CRC.toString('base64')),
      { payload: CHUNKED, declared: TRAILER, decodedLength: 8 },
      'incomplete_body',
    ],
    ['in chunks, and has a trailer', CONTENT, { payload: UNSIGNED, declared: TRAILER }, 'invalid_request'],
    [
      'of a mode with trailers, and has one',
      trailed(CRC.toString('base64')),
      { payload: { ...CHUNKED, trailer: false }, declared: TRAILER },
      'invalid_request',
    ],
  ])('%s', async (_what, wire, options, code) => {
    await expect(read(wire, options)).rejects.toMatchObject({ code: `blob.${code}` });
  });
});
