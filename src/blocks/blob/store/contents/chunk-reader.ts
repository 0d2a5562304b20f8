/** Reads chunks from packs and checks them. Neighbours of one pack are read at once. */
import { promisify } from 'node:util';
import { brotliDecompress, crc32 } from 'node:zlib';
import type { Store } from '../../../../platform/store/store.js';
import { blobErrors } from '../../errors.js';
import { RAW } from '../ingest/ingested.js';
import type { PackFiles } from '../packs/pack-files.js';
import type { ManifestEntry } from './manifest.js';
import { READ_BYTES, type ReadBuffers } from './read-buffers.js';

const decompress = promisify(brotliDecompress);

interface ChunkRow {
  readonly pack_id: number;
  readonly offset: number;
  readonly stored_length: number;
  readonly length: number;
  readonly codec: number;
  readonly crc: number;
}

/** An entry, and where its chunk is. A chunk is read whole, also where a part of it is wanted: else nobody would see that it is damaged. */
interface Placed {
  readonly entry: ManifestEntry;
  readonly row: ChunkRow;
}

/** Bytes of some neighbouring entries. */
export interface ReadWindow {
  readonly pieces: readonly Uint8Array[];
  release(): void;
}

export class ChunkReader {
  readonly #store: Store;
  readonly #files: PackFiles;
  readonly #buffers: ReadBuffers;

  constructor(store: Store, files: PackFiles, buffers: ReadBuffers) {
    this.#store = store;
    this.#files = files;
    this.#buffers = buffers;
  }

  get mayReadAhead(): boolean {
    return this.#buffers.mayReadAhead;
  }

  /**
   * Reads as many of the entries, from the first on, as lie one after the other and fit into a buffer. Tells how many at once, before they are
   * read. Error: `blob.corrupt`.
   */
  readSome(entries: readonly ManifestEntry[]): { readonly count: number; readonly window: Promise<ReadWindow> } {
    const placed = this.#store.view(() => this.#placeNeighbours(entries));
    return {
      count: Math.max(1, placed.length),
      window: this.#read(entries.slice(0, Math.max(1, placed.length)), placed),
    };
  }

  #placeNeighbours(entries: readonly ManifestEntry[]): Placed[] {
    const neighbours: Placed[] = [];
    let total = 0;
    for (const entry of entries) {
      const placed = this.#place(entry);
      if (placed === undefined) break;
      const before = neighbours.at(-1);
      if (before !== undefined && !follows(before, placed)) break;
      total += placed.row.stored_length;
      if (total > READ_BYTES) break;
      neighbours.push(placed);
    }
    return neighbours;
  }

  #place(entry: ManifestEntry): Placed | undefined {
    const row = this.#store
      .statement<[number], ChunkRow>(
        'SELECT pack_id, offset, stored_length, length, codec, crc FROM chunk WHERE id = ?',
      )
      .get(entry.chunkId);
    return row && { entry, row };
  }

  async #read(entries: readonly ManifestEntry[], placed: readonly Placed[]): Promise<ReadWindow> {
    const buffer = await this.#buffers.take();
    const release = () => this.#buffers.put(buffer);
    try {
      const pieces = await this.#readPlaced(placed, buffer);
      if (pieces !== undefined) return { pieces, release };
      return { pieces: await this.#readAgain(entries, buffer), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** gc may have moved them since they were looked up. Each is looked up and read by itself. */
  async #readAgain(entries: readonly ManifestEntry[], buffer: Uint8Array): Promise<Uint8Array[]> {
    const pieces: Uint8Array[] = [];
    let filled = 0;
    for (const entry of entries) {
      const placed = this.#store.read(() => this.#place(entry));
      if (placed === undefined) throw corrupt(entry, 'is not in the index');
      const read = await this.#readPlaced([placed], buffer.subarray(filled));
      if (read === undefined) throw corrupt(entry, 'is missing in its pack, or damaged there');
      pieces.push(...read);
      filled += placed.row.stored_length;
    }
    return pieces;
  }

  /** Undefined where the bytes are not there, or not those that were stored. */
  async #readPlaced(placed: readonly Placed[], buffer: Uint8Array): Promise<Uint8Array[] | undefined> {
    const [first] = placed;
    if (first === undefined) return undefined;
    const total = placed.reduce((sum, { row }) => sum + row.stored_length, 0);
    const bytes = buffer.subarray(0, total);
    if (!(await this.#files.read(first.row.pack_id, first.row.offset, bytes))) return undefined;
    const pieces: Uint8Array[] = [];
    let at = 0;
    for (const one of placed) {
      const end = at + one.row.stored_length;
      const piece = await restore(one, bytes.subarray(at, end));
      if (piece === undefined) return undefined;
      pieces.push(piece);
      at = end;
    }
    return pieces;
  }
}

function follows({ row: before }: Placed, { row: next }: Placed): boolean {
  return before.pack_id === next.pack_id && before.offset + before.stored_length === next.offset;
}

/** Undefined where the chunk is not what was stored. */
async function restore({ entry, row }: Placed, stored: Uint8Array): Promise<Uint8Array | undefined> {
  if (crc32(stored) !== row.crc) return undefined;
  const whole = row.codec === RAW ? stored : await decode(stored, row.length);
  return entry.start === undefined ? whole : whole?.subarray(entry.start, entry.start + entry.length);
}

/** The bytes of a chunk that was compressed; undefined where they are not as many as there should be. */
export async function decode(stored: Uint8Array, length: number): Promise<Uint8Array | undefined> {
  try {
    const whole = await decompress(stored, { chunkSize: Math.max(64, length), maxOutputLength: length });
    return whole.length === length ? whole : undefined;
  } catch {
    return undefined;
  }
}

function corrupt({ chunkId }: ManifestEntry, what: string) {
  return blobErrors.error('blob.corrupt', `chunk ${chunkId} ${what}`, {
    hint: 'see which objects are damaged: ds blob scrub',
    details: { chunk: chunkId },
  });
}
