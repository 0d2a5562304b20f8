/** Sizes in bytes, in specs that are written. */

const UNITS = { GiB: 1024 ** 3, MiB: 1024 ** 2, KiB: 1024 } as const;

/** The shortest that parseSize() of the platform reads back: whole units, else the bare number. */
export function writeSize(bytes: number): string | number {
  for (const [unit, size] of Object.entries(UNITS))
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  return bytes;
}
