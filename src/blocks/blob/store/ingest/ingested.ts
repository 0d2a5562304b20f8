/** What becomes of a body: its chunks, each once, and the order they come in. Plain data, which crosses threads. */
import type { PackPlace } from '../packs/open-pack.js';

/** As in the table `chunk`. */
export const RAW = 0;
export const BROTLI = 1;

/** Was there already; a hold of the upload counts on it. */
export interface KnownChunk {
  readonly chunkId: number;
  readonly length: number;
}

/** Is in a pack, and in no row yet. */
export interface FreshChunk {
  readonly hash: Uint8Array;
  readonly packId: number;
  readonly offset: number;
  readonly storedLength: number;
  readonly length: number;
  readonly codec: typeof RAW | typeof BROTLI;
  readonly crc: number;
  /** Where a damaged copy of it is, which this one is to stand in for. */
  readonly damaged?: PackPlace;
}

export interface Ingested {
  /** Name of its holds. */
  readonly upload: string;
  readonly writerId: number;
  readonly size: number;
  readonly chunks: readonly (KnownChunk | FreshChunk)[];
  /** Indexes of `chunks`. */
  readonly order: readonly number[];
}

/** Else it was written by this very body. */
export function isKnown(chunk: KnownChunk | FreshChunk): chunk is KnownChunk {
  return 'chunkId' in chunk;
}

/** Those that this body wrote. */
export function freshOf(chunks: Ingested['chunks']): FreshChunk[] {
  return chunks.filter((chunk): chunk is FreshChunk => !isKnown(chunk));
}

/** Where this body wrote: what has to be flushed, and still be this writer's, when rows name it. */
export function packsOf(chunks: Ingested['chunks']): Set<number> {
  return new Set(freshOf(chunks).map(({ packId }) => packId));
}
