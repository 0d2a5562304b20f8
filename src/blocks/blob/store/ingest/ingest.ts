/**
 * Takes bodies in: hashes, cuts, and writes to packs what is not there yet. It runs in a thread of its own in a daemon and in the thread of a
 * command (port.ts), on a connection of its thread.
 *
 *     begin ──▶ write … ──end()──▶ staged: flushed to disk, in no row yet ──settle()──▶ forgotten
 *        └────────────abort()────────────────┴──────discard()──▶ holds let go of
 */
import { crc32 } from 'node:zlib';
import type { Clock, Random } from '../../../../platform/clock.js';
import { closedError } from '../../../../platform/store/errors.js';
import type { Store } from '../../../../platform/store/store.js';
import { gearTable } from '../../chunking/gear.js';
import { releaseAllHolds, retainChunk } from '../chunk-references.js';
import { PackAppender } from '../packs/pack-appender.js';
import { Writer } from '../packs/writer.js';
import type { Reserve } from '../reserve.js';
import { BodyIngest, type ChunkSink, type WholeChunk } from './body-ingest.js';
import { BROTLI, type FreshChunk, freshOf, type Ingested, type KnownChunk, packsOf, RAW } from './ingested.js';
import { readSecret } from './secret.js';
import { findChunk, isSound } from './sound-chunk.js';

export interface IngestOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly reserve: Reserve;
  /** Of packs; default 1 GiB. */
  readonly fullBytes?: number;
  readonly events: IngestEvents;
}

export interface IngestEvents {
  /** A slab comes back. */
  freed(buffer: ArrayBuffer): void;
  /** The body is given up: what follows of it is thrown away, and {@link Ingest.end} fails. */
  failed(name: string, error: unknown): void;
}

interface UploadState {
  readonly name: string;
  readonly writerId: number;
  readonly body: BodyIngest;
  /** That it uses. */
  readonly packs: Set<number>;
  failure: { readonly error: unknown } | undefined;
}

type Keeper = Pick<UploadState, 'name' | 'writerId' | 'packs'>;

export class Ingest {
  readonly #store: Store;
  readonly #packs: PackAppender;
  #gear: Int32Array | undefined;
  #closed = false;
  readonly #options: IngestOptions;
  /** Bodies under way, and those that are staged and in no row yet. */
  readonly #uploads = new Map<string, UploadState>();

  private constructor(store: Store, writer: Writer, options: IngestOptions) {
    this.#store = store;
    this.#options = options;
    this.#packs = new PackAppender(store, writer, options);
  }

  static async open(store: Store, options: IngestOptions): Promise<Ingest> {
    return new Ingest(store, await Writer.create(store, options.clock), options);
  }

  begin(name: string): void {
    if (this.#closed) throw closedError(this.#store.path);
    const writerId = this.#packs.ensureWriter();
    this.#gear ??= gearTable(readSecret(this.#store, this.#options.random));
    const packs = new Set<number>();
    const sink: ChunkSink = { keep: (chunk) => this.#keep({ name, writerId, packs }, chunk) };
    const body = new BodyIngest(this.#gear, sink, this.#options.events.freed);
    this.#uploads.set(name, { name, writerId, body, packs, failure: undefined });
  }

  /** The slab comes back by an event, whatever happens. */
  write(name: string, buffer: ArrayBuffer, length: number): void {
    const upload = this.#uploads.get(name);
    if (upload === undefined || upload.failure !== undefined) this.#options.events.freed(buffer);
    else this.#attempt(upload, () => upload.body.write(buffer, length));
  }

  /** Memory is short: all chunks that grow are ended where they are. */
  cutAll(): void {
    for (const upload of this.#uploads.values()) this.#attempt(upload, () => upload.body.cutHere());
  }

  /** Resolves when all of it is on disk. */
  async end(name: string): Promise<Ingested> {
    const upload = this.#uploads.get(name);
    if (upload === undefined) throw new Error(`no body ${name} is under way`);
    if (upload.failure !== undefined) throw upload.failure.error;
    const ended = upload.body.end();
    await this.#packs.flush(packsOf(ended.chunks));
    return { upload: name, writerId: upload.writerId, ...ended };
  }

  /** It is in rows now. */
  settle(name: string): void {
    const upload = this.#uploads.get(name);
    this.#uploads.delete(name);
    for (const packId of upload?.packs ?? []) this.#packs.leave(packId);
  }

  /** At any time, also after {@link settle}: what a transaction that was undone had used up is let go of. */
  discard(name: string, writerId: number | undefined): void {
    const upload = this.#uploads.get(name);
    upload?.body.abort();
    this.#packs.takeBack(freshOf(upload?.body.chunks ?? []));
    this.settle(name);
    const holder = writerId ?? upload?.writerId;
    if (holder !== undefined) this.#options.reserve.free(() => releaseAllHolds(this.#store, holder, name));
  }

  /** See PackAppender. */
  retireGarbage(): void {
    this.#packs.retireGarbage();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const name of [...this.#uploads.keys()]) this.discard(name, undefined);
    await this.#packs.close();
  }

  #attempt(upload: UploadState, work: () => void): void {
    if (upload.failure !== undefined) return;
    try {
      work();
    } catch (error) {
      upload.failure = { error };
      upload.body.abort();
      this.#options.events.failed(upload.name, error);
    }
  }

  #keep({ name, writerId, packs }: Keeper, chunk: WholeChunk): KnownChunk | FreshChunk {
    const known = findChunk(this.#store, chunk.hash);
    if (known === undefined) return this.#append(packs, chunk);
    if (isSound(this.#options.folder, known))
      return this.#hold(name, writerId, known.id, chunk.length) ?? this.#append(packs, chunk);
    const { packId, offset } = known;
    return { ...this.#append(packs, chunk), damaged: { packId, offset } };
  }

  /** A hold on the chunk that is there already; undefined where it is gone. */
  #hold(upload: string, writerId: number, chunkId: number, length: number): KnownChunk | undefined {
    const held = this.#store.write(
      () => {
        // gc may have taken it since.
        if (!retainChunk(this.#store, chunkId, 1)) return false;
        this.#store
          .statement<[number, string, number]>(
            `INSERT INTO hold (writer_id, upload, chunk_id, count) VALUES (?, ?, ?, 1)
             ON CONFLICT DO UPDATE SET count = count + 1`,
          )
          .run(writerId, upload, chunkId);
        return true;
      },
      { sync: 'normal' },
    );
    return held ? { chunkId, length } : undefined;
  }

  #append(packs: Set<number>, { hash, pieces, length, crc, compression }: WholeChunk): FreshChunk {
    const compressed = compression.tryOut(pieces, length);
    const stored = compressed === undefined ? pieces : [compressed];
    const storedLength = compressed?.length ?? length;
    const place = this.#packs.append(stored, storedLength);
    if (!packs.has(place.packId)) {
      packs.add(place.packId);
      this.#packs.use(place.packId);
    }
    return compressed === undefined
      ? { ...place, hash, storedLength, length, codec: RAW, crc }
      : { ...place, hash, storedLength, length, codec: BROTLI, crc: crc32(compressed) };
  }
}
