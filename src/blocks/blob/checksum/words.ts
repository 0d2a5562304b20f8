/** Bytes as 32-bit words, for loops that take eight bytes at a time. */

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const NONE = new Int32Array(0);
/** Fewer bytes are done one by one. */
const SHORTEST = 16;

export interface Words {
  /** An even number of them: little-endian, a view on the bytes. None where the machine reads them the other way round. */
  readonly words: Int32Array;
  /** Where in the bytes they begin: a machine reads words at multiples of 4 only. */
  readonly first: number;
  readonly end: number;
}

/** The words within the bytes; what is before `first` and from `end` on is to be done byte by byte. */
export function wordsOf(bytes: Uint8Array): Words {
  if (!LITTLE_ENDIAN || bytes.length < SHORTEST) return { words: NONE, first: 0, end: 0 };
  const first = -bytes.byteOffset & 3;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + first, ((bytes.length - first) >>> 3) * 2);
  return { words, first, end: first + words.length * 4 };
}
