import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type IdBatch,
  type IdFormat,
  idFormats,
  idsToIntegers,
  idsToStrings,
  idToString,
  renderBulkStrings,
  renderLines,
} from '../../../src/blocks/seq/batch.js';
import { decodeId } from '../../../src/blocks/seq/decode.js';
import { BASE62_DIGITS, CROCKFORD_DIGITS, HEX_DIGITS, toDigits } from '../../../src/blocks/seq/encoding/alphabet.js';
import { bytesToInteger } from '../../../src/blocks/seq/encoding/bytes.js';
import { resolveLayout } from '../../../src/blocks/seq/index.js';

const textFormats = idFormats.filter((format): format is Exclude<IdFormat, 'binary'> => format !== 'binary');
const NOW = Date.UTC(2026, 0, 1);

const anyInteger = fc.constantFrom('discord', 'mastodon', 'ts:40,seq:24');
const anyBytes = fc.constantFrom('uuid7', 'ulid', 'ksuid', 'xid');

/** What the writers must agree with, one ID at a time. */
function reference(value: bigint, format: IdFormat): string {
  if (format === 'hex') return toDigits(value, HEX_DIGITS, 16);
  if (format === 'base32') return toDigits(value, CROCKFORD_DIGITS, 13);
  if (format === 'base62') return toDigits(value, BASE62_DIGITS, 11);
  return value.toString();
}

function runBatch(first: bigint, count: number, stride: bigint): IdBatch {
  const layout = resolveLayout('discord');
  if (layout.family !== 'integer') throw new Error('not an integer layout');
  return { family: 'integer', layout, count, runs: [{ first, count }], stride };
}

describe('runs of 64-bit IDs', () => {
  const runs = fc.record({
    first: fc.oneof(
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.bigInt(0n, 10n ** 10n),
      fc.constantFrom(99_999_999n, 9_999_999_999n),
    ),
    count: fc.integer({ min: 1, max: 300 }),
    stride: fc.constantFrom(1n, 2n ** 16n, 2n ** 22n, 99_999_999n, 2n ** 40n),
  });

  it('are written as each ID would be', () => {
    fc.assert(
      fc.property(runs, fc.constantFrom(...textFormats), ({ first, count, stride }, format) => {
        const fitting = Number((2n ** 64n - 1n - first) / stride) + 1;
        const batch = runBatch(first, Math.min(count, fitting), stride);
        const expected = Array.from({ length: batch.count }, (_, i) => reference(first + stride * BigInt(i), format));
        expect(idsToStrings(batch, format)).toEqual(expected);
        expect(idsToIntegers(batch).map((id) => reference(id, format))).toEqual(expected);
        expect(renderLines(batch, format).toString()).toBe(`${expected.join('\n')}\n`);
        const bulk = expected.map((text) => `$${text.length}\r\n${text}\r\n`).join('');
        expect(renderBulkStrings(batch, format).toString()).toBe(bulk);
      }),
    );
  });

  it('are big-endian bytes in binary', () => {
    fc.assert(
      fc.property(runs, ({ first, count, stride }) => {
        const fitting = Number((2n ** 64n - 1n - first) / stride) + 1;
        const batch = runBatch(first, Math.min(count, fitting), stride);
        const bytes = renderLines(batch, 'binary');
        expect(bytes).toHaveLength(batch.count * 8);
        for (let i = 0; i < batch.count; i++) expect(bytes.readBigUInt64BE(i * 8)).toBe(first + stride * BigInt(i));
      }),
    );
  });
});

describe('texts', () => {
  it('read back as the ID that was written, in every format', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyInteger, anyBytes),
        fc.bigInt(0n, 2n ** 160n - 1n),
        fc.constantFrom(...textFormats),
        (name, wide, format) => {
          const layout = resolveLayout(name);
          let value = wide & ((1n << BigInt(layout.bits)) - 1n);
          if (name === 'uuid7') value = (value & ~((15n << 76n) | (3n << 62n))) | (7n << 76n) | (2n << 62n);
          const text = idToString(layout, value, format);
          const ids = decodeId(text, layout, NOW).map((decoded) => decoded.id);
          expect(ids).toContain(idToString(layout, value, 'canonical'));
        },
      ),
    );
  });

  it.each(['hex', 'base32', 'base62'] as const)('in %s sort as the IDs do', (format) => {
    const layout = resolveLayout('discord');
    const id = fc.bigInt(0n, 2n ** 64n - 1n);
    fc.assert(
      fc.property(id, id, (a, b) => {
        const [textA, textB] = [idToString(layout, a, format), idToString(layout, b, format)];
        expect(textA < textB).toBe(a < b);
        expect(textA).toHaveLength(textB.length);
      }),
    );
  });

  it('of the byte kinds agree with arithmetic on the whole number', () => {
    const width = { uuid7: [26, 22], ulid: [26, 22], ksuid: [32, 27], xid: [20, 17] } as const;
    fc.assert(
      fc.property(
        fc.constantFrom('uuid7', 'ulid', 'ksuid', 'xid'),
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        (name, random) => {
          const layout = resolveLayout(name);
          const value = bytesToInteger(random.subarray(0, layout.byteLength));
          const [base32, base62] = width[name];
          expect(idToString(layout, value, 'base32')).toBe(toDigits(value, CROCKFORD_DIGITS, base32));
          expect(idToString(layout, value, 'base62')).toBe(toDigits(value, BASE62_DIGITS, base62));
          expect(idToString(layout, value, 'hex')).toBe(value.toString(16).padStart(layout.bits / 4, '0'));
          expect(idToString(layout, value, 'dec')).toBe(value.toString());
        },
      ),
    );
  });
});

describe('examples of the originals', () => {
  it('RFC 9562 appendix A.6: a UUIDv7', () => {
    const [decoded] = decodeId('017F22E2-79B0-7CC3-98C4-DC0C0C07398F', undefined, NOW);
    expect(decoded).toMatchObject({ layout: 'uuid7', id: '017f22e2-79b0-7cc3-98c4-dc0c0c07398f' });
    expect(decoded?.time).toBe(Date.parse('2022-02-22T19:22:22.000Z'));
    expect(decoded?.fields).toMatchObject({ version: 7, variant: 2, rand_a: 'cc3', rand_b: '18c4dc0c0c07398f' });
  });

  it('ulid/spec: 01ARZ3NDEKTSV4RRFFQ69G5FAV', () => {
    const [decoded] = decodeId('01ARZ3NDEKTSV4RRFFQ69G5FAV', undefined, NOW);
    expect(decoded).toMatchObject({ layout: 'ulid', time: 1469922850259 });
    expect(decodeId('01arz3ndektsv4rrffq69g5fav', undefined, NOW)[0]?.id).toBe('01ARZ3NDEKTSV4RRFFQ69G5FAV');
  });

  it('segmentio/ksuid README: 0ujtsYcgvSTl8PAuAdqWYSMnLOv', () => {
    const [decoded] = decodeId('0ujtsYcgvSTl8PAuAdqWYSMnLOv', undefined, NOW);
    expect(decoded?.fields).toEqual({ timestamp: 107608047, payload: 'b5a1cd34b5f99d1154fb6853345c9735' });
    expect(decoded?.time).toBe(Date.parse('2017-10-10T04:00:47.000Z'));
    const raw = BigInt('0x0669F7EFB5A1CD34B5F99D1154FB6853345C9735');
    expect(idToString(resolveLayout('ksuid'), raw, 'canonical')).toBe('0ujtsYcgvSTl8PAuAdqWYSMnLOv');
  });

  it('rs/xid id_test.go: 9m4e2mr0ui3e8a215n4g', () => {
    const [decoded] = decodeId('9m4e2mr0ui3e8a215n4g', undefined, NOW);
    expect(decoded).toMatchObject({ layout: 'xid', time: 1300816219000 });
    expect(decoded?.fields).toMatchObject({ machine: '60f486', pid: 0xe428, counter: 4271561 });
    const raw = BigInt('0x4d88e15b60f486e428412dc9');
    expect(idToString(resolveLayout('xid'), raw, 'canonical')).toBe('9m4e2mr0ui3e8a215n4g');
  });

  it('tsid-creator Tsid.java: 0AWE5HZP3SKTK, thirteen digits of Crockford’s base 32', () => {
    const layout = resolveLayout('tsid');
    expect(idToString(layout, 392311864492347219n, 'base32')).toBe('0AWE5HZP3SKTK');
    expect(decodeId('0awe5hzp3sktk', layout, NOW)[0]?.id).toBe('392311864492347219');
  });
});
