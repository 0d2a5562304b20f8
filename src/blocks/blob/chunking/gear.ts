/**
 * The table of the rolling hash: a random 32-bit number for each byte. It is derived from a secret of the store, so that
 * where one store cuts tells nothing about where another does, and lengths of chunks are no fingerprint of known files.
 */
import { createHmac } from 'node:crypto';

/** Bytes of a store's secret. */
export const SECRET_BYTES = 32;

const SYMBOLS = 256;
const NUMBERS_PER_BLOCK = 8;

/** 256 numbers: HMAC-SHA-256 of a counter under the secret, eight numbers a block. */
export function gearTable(secret: Uint8Array): Int32Array {
  const table = new Int32Array(SYMBOLS);
  for (let first = 0; first < SYMBOLS; first += NUMBERS_PER_BLOCK) {
    const block = createHmac('sha256', secret)
      .update(Uint8Array.of(first / NUMBERS_PER_BLOCK))
      .digest();
    for (let i = 0; i < NUMBERS_PER_BLOCK; i++) table[first + i] = block.readInt32LE(i * 4);
  }
  return table;
}
