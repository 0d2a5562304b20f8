/**
 * LOC (RFC 1876, section 2): version, size, precisions, then latitude, longitude and altitude as 32-bit numbers.
 *
 *     51 30 12.748 N 0 7 39.611 W 0.00m 1m 10000m 10m
 *
 * Angles are thousandths of a second around 2^31; altitude is centimetres above 100,000 m below the spheroid; sizes are one
 * decimal digit and a power of ten, in centimetres.
 */
import { type OctetWriter, readUint32 } from '../wire/octets.js';
import { badRecord, type Field, malformed, need, type Words } from './field.js';

const EQUATOR = 2 ** 31;
const LOWEST_ALTITUDE_CM = 10_000_000;
const DEFAULT_SIZES = [1_00, 10_000_00, 10_00] as const;

export const location: Field = {
  end(bytes, offset, end) {
    if (bytes[need(offset, 16, end, 'location') - 16] !== 0) throw malformed('the version of a location is not 0');
    for (let at = offset + 1; at < offset + 4; at++) {
      const octet = bytes[at] ?? 0;
      if (octet >>> 4 > 9 || (octet & 15) > 9 || (octet !== 0 && octet < 16))
        throw malformed('a size of a location is no decimal');
    }
    for (const [at, most] of [
      [4, 90],
      [8, 180],
    ] as const) {
      if (Math.abs(readUint32(bytes, offset + at) - EQUATOR) > most * 3_600_000)
        throw malformed('an angle of a location is too large');
    }
    return offset + 16;
  },
  print(bytes, offset) {
    const [size, horizontal, vertical] = [1, 2, 3].map((at) => metres(sizeOf(bytes[offset + at] ?? 0)));
    const altitude = (readUint32(bytes, offset + 12) - LOWEST_ALTITUDE_CM) / 100;
    const latitude = angleText(readUint32(bytes, offset + 4), 'N', 'S');
    const longitude = angleText(readUint32(bytes, offset + 8), 'E', 'W');
    return `${latitude} ${longitude} ${altitude.toFixed(2)}m ${size} ${horizontal} ${vertical}`;
  },
  parse(words, out) {
    const latitude = parseAngle(words, 90, 'N', 'S');
    const longitude = parseAngle(words, 180, 'E', 'W');
    const altitude = parseMetres(words.next('altitude').text, -LOWEST_ALTITUDE_CM, 2 ** 32 - 1 - LOWEST_ALTITUDE_CM);
    out.uint8(0);
    for (const preset of DEFAULT_SIZES) {
      out.uint8(sizeOctet(words.left > 0 ? parseMetres(words.next('size').text, 0, 9e9) : preset));
    }
    writeAll(out, [latitude, longitude, altitude + LOWEST_ALTITUDE_CM]);
  },
};

function writeAll(out: OctetWriter, values: readonly number[]): void {
  for (const value of values) out.uint32(value);
}

const sizeOf = (octet: number) => (octet >>> 4) * 10 ** (octet & 15);

function sizeOctet(centimetres: number): number {
  const exponent = centimetres < 10 ? 0 : Math.floor(Math.log10(centimetres) + 1e-9);
  return (Math.floor(centimetres / 10 ** exponent) << 4) | exponent;
}

const metres = (centimetres: number) => {
  return `${centimetres >= 100 ? centimetres / 100 : (centimetres / 100).toFixed(2)}m`;
};

function angleText(value: number, positive: string, negative: string): string {
  const total = Math.abs(value - EQUATOR);
  const degrees = Math.floor(total / 3_600_000);
  const minutes = Math.floor(total / 60_000) % 60;
  const seconds = (total % 60_000) / 1000;
  return `${degrees} ${minutes} ${seconds.toFixed(3)} ${value < EQUATOR ? negative : positive}`;
}

/** Degrees, then perhaps minutes, then perhaps seconds, then the hemisphere. */
function parseAngle(words: Words, most: number, positive: string, negative: string): number {
  const limits = [most, 59, 59.999];
  let total = 0;
  for (let part = 0; part <= 3; part++) {
    const { text } = words.next('hemisphere');
    const hemisphere = text.toUpperCase();
    if (part > 0 && (hemisphere === positive || hemisphere === negative)) {
      if (total > most * 3_600_000) throw badRecord(`an angle is beyond ${most} degrees`);
      return Math.round(hemisphere === negative ? EQUATOR - total : EQUATOR + total);
    }
    if (part === 3 || !(part === 2 ? /^\d+(\.\d{1,3})?$/ : /^\d+$/).test(text) || Number(text) > (limits[part] ?? 0)) {
      throw badRecord(`"${text.slice(0, 40)}" stands where an angle has a number, ${positive} or ${negative}`);
    }
    total += (Number(text) * 3_600_000) / 60 ** part;
  }
  throw badRecord(`an angle ends in ${positive} or ${negative}`);
}

/** Centimetres. */
function parseMetres(text: string, least: number, most: number): number {
  const match = /^(-?\d+(?:\.\d{1,2})?)m?$/.exec(text);
  const centimetres = Math.round(Number(match?.[1]) * 100);
  if (match === null || centimetres < least || centimetres > most)
    throw badRecord(`"${text.slice(0, 40)}" is no length in metres`);
  return centimetres;
}
