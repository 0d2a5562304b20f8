/**
 * The longest common subsequence of two byte strings: table[i][j] is its length for the first i bytes of one and the first j of
 * the other. The way back from the last cell gives the bytes, and stretches that lie together in both.
 */
import type { ByteString } from '../../bytes.js';

/** A stretch that both have: first and last place in each. */
export interface CommonRange {
  readonly inOne: readonly [number, number];
  readonly inOther: readonly [number, number];
  readonly length: number;
}

export interface CommonSubsequence {
  readonly bytes: ByteString;
  /** From the end to the start. */
  readonly ranges: readonly CommonRange[];
}

/** Bytes that the table takes: four a cell, with one row and one column for the empty start. */
export const tableBytes = (one: ByteString, other: ByteString): number => 4 * (one.length + 1) * (other.length + 1);

/** Time and memory are as the product of the lengths: {@link tableBytes} is to be asked first. */
export function commonSubsequence(one: ByteString, other: ByteString): CommonSubsequence {
  const table = fill(one, other);
  return walkBack(one, other, table);
}

function fill(one: ByteString, other: ByteString): Uint32Array {
  const width = other.length + 1;
  const table = new Uint32Array((one.length + 1) * width);
  const columns = Buffer.from(other, 'latin1');
  for (let i = 1; i <= one.length; i++) {
    const byte = one.charCodeAt(i - 1);
    const row = i * width;
    let left = 0;
    for (let j = 1; j < width; j++) {
      const above = table[row - width + j] as number;
      if (columns[j - 1] === byte) left = (table[row - width + j - 1] as number) + 1;
      else if (above > left) left = above;
      table[row + j] = left;
    }
  }
  return table;
}

function walkBack(one: ByteString, other: ByteString, table: Uint32Array): CommonSubsequence {
  const width = other.length + 1;
  const found = Buffer.alloc(table.at(-1) ?? 0);
  const ranges: CommonRange[] = [];
  let at = found.length;
  /** Of the stretch that is being walked through. */
  let length = 0;
  let i = one.length;
  let j = other.length;
  const end = () => {
    if (length > 0) ranges.push({ inOne: [i, i + length - 1], inOther: [j, j + length - 1], length });
    length = 0;
  };
  while (i > 0 && j > 0) {
    if (one.charCodeAt(i - 1) === other.charCodeAt(j - 1)) {
      found[--at] = one.charCodeAt(i - 1);
      length++;
      i--;
      j--;
    } else {
      end();
      if ((table[(i - 1) * width + j] as number) > (table[i * width + j - 1] as number)) i--;
      else j--;
    }
  }
  end();
  return { bytes: found.toString('latin1'), ranges };
}
