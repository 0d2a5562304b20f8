/**
 * Keys are in the order of their UTF-8 bytes, which is that of code points. JavaScript compares UTF-16, where U+10000 (a
 * surrogate pair) comes before U+E000.
 */
const LAST_CODE_POINT = 0x10ffff;
const BEFORE_SURROGATES = 0xd7ff;
const AFTER_SURROGATES = 0xe000;

/** Negative: `a` comes first. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    // Pairs begin with the same unit or differ in it, so that the first unit that differs decides.
    if (unitA !== unitB) return inCodePointOrder(unitA) - inCodePointOrder(unitB);
  }
  return a.length - b.length;
}

/** The first key after this one: nothing is between. */
export function keyAfter(key: string): string {
  return `${key}\0`;
}

/** The first text after all those that begin with `prefix`; undefined where there is none, as after an empty prefix. */
export function afterPrefix(prefix: string): string | undefined {
  for (let end = prefix.length; end > 0; ) {
    const start = end - (isLowSurrogate(prefix.charCodeAt(end - 1)) ? 2 : 1);
    const last = prefix.codePointAt(start) ?? 0;
    if (last !== LAST_CODE_POINT)
      return prefix.slice(0, start) + String.fromCodePoint(last === BEFORE_SURROGATES ? AFTER_SURROGATES : last + 1);
    end = start;
  }
  return undefined;
}

/** Moves surrogates behind all other units. */
function inCodePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < AFTER_SURROGATES ? unit + 0x2000 : unit - 0x800;
}

const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < AFTER_SURROGATES;
