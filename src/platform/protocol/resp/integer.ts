const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

/** A signed 64-bit integer as Redis reads one: no plus, no leading zeros, no blanks. */
export function readInteger(text: string): bigint | undefined {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < LOWEST || value > HIGHEST ? undefined : value;
}
