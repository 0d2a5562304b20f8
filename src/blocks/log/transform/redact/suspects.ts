/**
 * Which lines may have something to redact: one pass over the bytes, before any string is made. Most lines have nothing, and cost this pass alone.
 *
 *     cards    thirteen digits, with at most a space, a dot or a hyphen between two of them
 *     email    an `@`
 *     tokens   three or four bytes in a row that each secret or its name has
 */
export interface Suspicion {
  cards: boolean;
  email: boolean;
  tokens: boolean;
}

const FEWEST_DIGITS = 13;
/** Beginnings of what tokens.ts finds, in any case. */
const FOUR =
  'pass secr toke apik api_ api- acce priv bear basi akia asia ghp_ gho_ ghu_ ghs_ ghr_ gith glpa glsa npm_ sk_l rk_l aiza ya29'.split(
    ' ',
  );
const THREE = 'pwd eyj hf_ sk- xox xap :// ---'.split(' ');

/** Open addressing is not needed: the table is large enough for each text to have a slot of its own, which is checked here. */
const BITS = 14;
const threes = tableOf(THREE);
const fours = tableOf(FOUR);

function tableOf(texts: readonly string[]): Int32Array {
  const table = new Int32Array(1 << BITS);
  for (const text of texts) {
    const key = keyOf(text);
    if (table[slot(key)] !== 0) throw new Error(`two texts have the slot of ${text}`);
    table[slot(key)] = key;
  }
  return table;
}

/** Bytes in lower case, eight bits each; what is no letter changes too, and always in the same way. */
function keyOf(text: string): number {
  let key = 0;
  for (const byte of Buffer.from(text)) key = (key << 8) | (byte | 0x20);
  return key;
}

function slot(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> (32 - BITS);
}

/** Sets what the line may have; the same object is filled again and again. */
export function suspect(bytes: Uint8Array, start: number, end: number, into: Suspicion): void {
  into.cards = false;
  into.email = false;
  into.tokens = false;
  let key = 0;
  let digits = 0;
  let others = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x30 && byte <= 0x39) {
      others = 0;
      if (++digits >= FEWEST_DIGITS) into.cards = true;
    } else if (++others > 1 || (byte !== 0x20 && byte !== 0x2d && byte !== 0x2e)) digits = 0;
    if (byte === 0x40) into.email = true;
    key = (key << 8) | (byte | 0x20);
    const three = key & 0xff_ffff;
    if (threes[slot(three)] === three || fours[slot(key)] === key) into.tokens = true;
  }
}
