/** Sizes in bytes as people write them. */

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `64 KiB`, `1.5MiB`, `4096` → bytes; undefined for what cannot be read. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = 'B'] = /^(\d{1,15}(?:\.\d{1,6})?) ?(B|KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Number(amount) * (UNITS[unit] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest that {@link parseSize} reads back: whole units, else the bare number. */
export function writeSize(bytes: number): string | number {
  for (const unit of ['GiB', 'MiB', 'KiB']) {
    const size = UNITS[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  }
  return bytes;
}
