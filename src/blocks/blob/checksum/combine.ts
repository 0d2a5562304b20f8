/**
 * The CRC of two pieces put together, from the CRCs of each: how a whole object's checksum comes from those of its parts without
 * reading it again.
 *
 * A CRC is a remainder of polynomials over GF(2), so that appending n bytes to a piece multiplies its remainder by x^8n; what is
 * appended is added. x^8n comes from x^(2^k), squared ones of which are kept: 40 multiplications at most for any length, as
 * crc32_combine() of zlib. Polynomials are bit-reversed: the highest bit is the coefficient of x^0.
 */
type Crc = 'CRC32' | 'CRC32C' | 'CRC64NVME';

interface Field {
  readonly width: number;
  readonly polynomial: bigint;
  /** Entry k is x^(2^k). As many as were needed until now. */
  readonly squares: bigint[];
  /** Parts are of one size, mostly: x^8n of the last n. */
  last: { readonly length: number; readonly power: bigint };
}

const field = (width: number, polynomial: bigint): Field => {
  const one = 1n << BigInt(width - 1);
  return { width, polynomial, squares: [one >> 1n], last: { length: 0, power: one } };
};

const FIELDS: Readonly<Record<Crc, Field>> = {
  CRC32: field(32, 0xedb88320n),
  CRC32C: field(32, 0x82f63b78n),
  CRC64NVME: field(64, 0x9a6c9329ac4bc9b5n),
};

/** Whether {@link combineCrc} can; it cannot with hashes. */
export function isCrc(algorithm: string): algorithm is Crc {
  return Object.hasOwn(FIELDS, algorithm);
}

/** Of `first` and then `second`, both big-endian as everywhere; `secondLength` is how many bytes the second one is of. */
export function combineCrc(algorithm: Crc, first: Uint8Array, second: Uint8Array, secondLength: number): Buffer {
  const within = FIELDS[algorithm];
  const shifted = multiply(within, powerOf(within, secondLength), toNumber(first));
  const digits = (shifted ^ toNumber(second)).toString(16).padStart(within.width / 4, '0');
  return Buffer.from(digits, 'hex');
}

function toNumber(crc: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(crc).toString('hex')}`);
}

/** x^8n. */
function powerOf(within: Field, length: number): bigint {
  if (within.last.length === length) return within.last.power;
  let power = 1n << BigInt(within.width - 1);
  // x^8 is x^(2^3).
  for (let left = length, k = 3; left > 0; left = Math.floor(left / 2), k += 1) {
    if (left % 2 === 1) power = multiply(within, squareOf(within, k), power);
  }
  within.last = { length, power };
  return power;
}

function squareOf(within: Field, k: number): bigint {
  const { squares } = within;
  for (let next = squares.length; next <= k; next += 1) {
    const before = squares[next - 1] ?? 0n;
    squares.push(multiply(within, before, before));
  }
  return squares[k] ?? 0n;
}

/** Modulo the polynomial. */
function multiply({ width, polynomial }: Field, a: bigint, b: bigint): bigint {
  let product = 0n;
  let times = b;
  for (let mask = 1n << BigInt(width - 1); mask !== 0n; mask >>= 1n) {
    if (a & mask) product ^= times;
    times = times & 1n ? (times >> 1n) ^ polynomial : times >> 1n;
  }
  return product;
}
