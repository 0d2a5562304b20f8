/** Fields of IDs that are held as 32-bit words, read without a BigInt. */
import type { Field, Layout } from '../layout/layout.js';

export type WordReader = (words: Uint32Array) => number;

/** Bits of a 64-bit ID in two words, exactly. At most 52 bits. Masks are made once: `**` in the loop halved the rate. */
function fieldReader({ shift, bits }: Pick<Field, 'shift' | 'bits'>): WordReader {
  if (shift >= 32) {
    const mask = maskOf(bits);
    return (words) => (((words[0] as number) >>> (shift - 32)) & mask) >>> 0;
  }
  const lowBits = 32 - shift;
  if (bits <= lowBits) {
    const mask = maskOf(bits);
    return (words) => (((words[1] as number) >>> shift) & mask) >>> 0;
  }
  const highMask = maskOf(bits - lowBits);
  const lowSize = 2 ** lowBits;
  return (words) => (((words[0] as number) & highMask) >>> 0) * lowSize + ((words[1] as number) >>> shift);
}

/** The time field: ticks of the layout. */
export function tickReader(layout: Layout): WordReader {
  if (layout.family === 'integer') return fieldReader(layout.time);
  if (layout.unitMs === 1) return (words) => (words[0] as number) * 65_536 + ((words[1] as number) >>> 16);
  return (words) => words[0] as number;
}

/** The worker number; undefined where the layout has none. */
export function workerReader(layout: Layout): WordReader | undefined {
  if (layout.family === 'bytes') return undefined;
  const joined = joinNeighbours(layout.workerFields);
  const [first, ...others] = joined.map((field) => ({ read: fieldReader(field), size: 2 ** field.bits }));
  if (first === undefined) return undefined;
  if (others.length === 0) return first.read;
  return (words) => {
    let worker = first.read(words);
    for (const { read, size } of others) worker = worker * size + read(words);
    return worker;
  };
}

type Bits = Pick<Field, 'shift' | 'bits'>;

/** Fields that stand side by side read as one. */
function joinNeighbours(fields: readonly Bits[]): Bits[] {
  const joined: Bits[] = [];
  for (const field of fields) {
    const left = joined.at(-1);
    if (left === undefined || left.shift !== field.shift + field.bits) joined.push(field);
    else joined[joined.length - 1] = { shift: field.shift, bits: left.bits + field.bits };
  }
  return joined;
}

function maskOf(bits: number): number {
  return bits >= 32 ? -1 : 2 ** bits - 1;
}
