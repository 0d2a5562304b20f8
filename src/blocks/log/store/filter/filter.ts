/**
 * The Bloom filter of a block: which tokens its lines and the values of its metadata have (tokens.ts). Case-sensitive.
 *
 * Each distinct hash has some bits of it, and sets a few: places that two further hashes of it give by double hashing.
 */
import type { EntryBatch } from '../../entry-batch.js';
import type { RequiredText } from '../../entry-source.js';
import { HashSet } from './hash-set.js';
import { CLASSES, hashSubstrings, hashTokens, LONG_TOKEN, mix } from './tokens.js';

/** Bits for each hash. With 4 probes 9 bits say yes to 1.6 % of what is not there; a needle mostly has several tokens. */
const BITS_PER_HASH = 9;
const PROBES = 4;
const SECOND_HASH = 0x5bd1e995;

/** A filter that were a larger part of its lines is left out: random text, which it would cost much and hardly ever skip. */
const LARGEST_PART = 1 / 6;

/** Reused: filters are made one after the other. */
const hashes = new HashSet();
const scratch = Buffer.allocUnsafe(16 * 1024);

export interface FilteredLines {
  /** What was encoded: lines from `linesAt` to the end, one after the other where `joined`. */
  readonly payload: Buffer;
  readonly linesAt: number;
  readonly joined: boolean;
}

/** Of the entries of a block. Undefined where a filter would be of no use. */
export function makeFilter(batch: EntryBatch, order: Uint32Array, lines: FilteredLines): Buffer | undefined {
  hashes.clear();
  if (lines.joined) hashTokens(lines.payload, lines.linesAt, lines.payload.length, hashes);
  else
    for (let i = 0; i < order.length; i++) {
      const index = order[i] ?? 0;
      hashTokens(batch.bytes, batch.starts[index] ?? 0, batch.ends[index] ?? 0, hashes);
    }
  if (batch.metadata !== undefined) hashMetadata(batch.metadata, order);
  const bytes = Math.ceil((hashes.count * BITS_PER_HASH) / 8);
  if (bytes > lines.payload.length * LARGEST_PART) return undefined;
  const filter = Buffer.alloc(Math.max(1, bytes));
  const { table } = hashes;
  for (let i = 0; i < table.length; i++) {
    const hash = table[i] ?? 0;
    if (hash !== 0) setBits(filter, hash);
  }
  return filter;
}

function hashMetadata(metadata: NonNullable<EntryBatch['metadata']>, order: Uint32Array): void {
  for (let i = 0; i < order.length; i++) {
    const labels = metadata[order[i] ?? 0];
    if (labels === undefined) continue;
    for (const name of Object.keys(labels)) {
      const value = labels[name] ?? '';
      const isShort = value.length * 3 <= scratch.length;
      const bytes = isShort ? scratch : Buffer.from(value);
      hashTokens(bytes, 0, isShort ? scratch.write(value) : bytes.length, hashes);
    }
  }
}

/** What a block must have for entries of interest, asked of many filters. */
export class FilterQuery {
  readonly #hashes: number[] = [];

  constructor(required: readonly RequiredText[]) {
    const found = new HashSet();
    for (const text of required) requiredHashes(text, found);
    found.forEach((hash) => {
      this.#hashes.push(hash);
    });
  }

  /** Whether it can rule any block out. */
  get asks(): boolean {
    return this.#hashes.length > 0;
  }

  /** False only where the block has no such entry. */
  mayMatch(filter: Uint8Array): boolean {
    for (const hash of this.#hashes) if (!hasBits(filter, hash)) return false;
    return true;
  }
}

/**
 * Hashes that a block with the text has: of whole tokens, which end within the text or where it says that it is closed, and of
 * substrings of longer parts. U+FFFD in a text may stand for any bytes, so it only parts what is around it.
 */
function requiredHashes({ text, closedLeft, closedRight }: RequiredText, found: HashSet): void {
  const pieces = text.replace(/\p{Surrogate}/gu, '\ufffd').split('\ufffd');
  for (const [index, piece] of pieces.entries())
    pieceHashes(Buffer.from(piece), closedLeft && index === 0, closedRight && index === pieces.length - 1, found);
}

function pieceHashes(bytes: Buffer, closedLeft: boolean, closedRight: boolean, found: HashSet): void {
  for (let start = 0; start < bytes.length; ) {
    const kind = CLASSES[bytes[start] ?? 0];
    let end = start + 1;
    while (end < bytes.length && CLASSES[bytes[end] ?? 0] === kind) end++;
    const isWhole = (start > 0 || closedLeft) && (end < bytes.length || closedRight);
    if (kind !== 0) {
      if (isWhole) hashTokens(bytes, start, end, found);
      else if (end - start >= LONG_TOKEN) hashSubstrings(bytes, start, end, found);
    }
    start = end;
  }
}

function setBits(filter: Uint8Array, hash: number): void {
  const scale = scaleOf(filter);
  const step = mix(hash ^ SECOND_HASH) | 1;
  let at = hash;
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = ((at >>> 0) * scale) | 0;
    filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7));
    at = (at + step) | 0;
  }
}

function hasBits(filter: Uint8Array, hash: number): boolean {
  const scale = scaleOf(filter);
  const step = mix(hash ^ SECOND_HASH) | 1;
  let at = hash;
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = ((at >>> 0) * scale) | 0;
    if (((filter[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    at = (at + step) | 0;
  }
  return true;
}

/** What brings a number of 32 bits to a place in the filter: a division for each place would be half of all the work of a filter. */
function scaleOf(filter: Uint8Array): number {
  return (filter.length * 8) / 2 ** 32;
}
