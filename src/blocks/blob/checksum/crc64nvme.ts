/**
 * CRC-64/NVME (NVM Express NVM Command Set, 5.2.1.3.4), which S3 asks for by default. By eight tables as crc32c.ts, where it is told;
 * a remainder is two halves of 32 bits, since JavaScript computes with no more at a time.
 *
 * 1.1 GB/s in pieces of 64 KB on the machine of the benchmarks.
 */
import { wordsOf } from './words.js';

const POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

const LOW = new Int32Array(8 * 256);
const HIGH = new Int32Array(8 * 256);
fillTables();

function fillTables(): void {
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 1n ? (remainder >> 1n) ^ POLYNOMIAL : remainder >> 1n;
    }
    LOW[byte] = Number(BigInt.asIntN(32, remainder));
    HIGH[byte] = Number(remainder >> 32n);
  }
  for (let at = 256; at < LOW.length; at += 1) {
    const low = entry(LOW, at - 256);
    const high = entry(HIGH, at - 256);
    LOW[at] = ((low >>> 8) | (high << 24)) ^ entry(LOW, low & 255);
    HIGH[at] = (high >>> 8) ^ entry(HIGH, low & 255);
  }
}

export class Crc64Nvme {
  #low = -1;
  #high = -1;

  update(bytes: Uint8Array): void {
    const { words, first, end } = wordsOf(bytes);
    this.#byteByByte(bytes, 0, first);
    let low = this.#low;
    let high = this.#high;
    for (let at = 0; at < words.length; at += 2) {
      const x = low ^ entry(words, at);
      const y = high ^ entry(words, at + 1);
      const a = 1792 | (x & 255);
      const b = 1536 | ((x >>> 8) & 255);
      const c = 1280 | ((x >>> 16) & 255);
      const d = 1024 | (x >>> 24);
      const e = 768 | (y & 255);
      const f = 512 | ((y >>> 8) & 255);
      const g = 256 | ((y >>> 16) & 255);
      const h = y >>> 24;
      low = entry(LOW, a) ^ entry(LOW, b) ^ entry(LOW, c) ^ entry(LOW, d);
      low ^= entry(LOW, e) ^ entry(LOW, f) ^ entry(LOW, g) ^ entry(LOW, h);
      high = entry(HIGH, a) ^ entry(HIGH, b) ^ entry(HIGH, c) ^ entry(HIGH, d);
      high ^= entry(HIGH, e) ^ entry(HIGH, f) ^ entry(HIGH, g) ^ entry(HIGH, h);
    }
    this.#low = low;
    this.#high = high;
    this.#byteByByte(bytes, end, bytes.length);
  }

  #byteByByte(bytes: Uint8Array, from: number, to: number): void {
    let low = this.#low;
    let high = this.#high;
    for (let at = from; at < to; at += 1) {
      const index = (low ^ (bytes[at] ?? 0)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ entry(LOW, index);
      high = (high >>> 8) ^ entry(HIGH, index);
    }
    this.#low = low;
    this.#high = high;
  }

  /** Of what has come until now; more may come. */
  digest(): Buffer {
    const value = Buffer.allocUnsafe(8);
    value.writeInt32BE(~this.#high, 0);
    value.writeInt32BE(~this.#low, 4);
    return value;
  }
}

function entry(of: Int32Array, index: number): number {
  return of[index] ?? 0;
}
