/**
 * Appends chunks to the pack of this process, and claims another one when it is full.
 *
 *     none ──claim a free one, or make one──▶ open ──1 GiB, or a flush failed──▶ retired ──nobody uses it──▶ sealed
 *                                              └──release()──▶ free for the next writer
 *
 * A pack is used by the bodies whose chunks are in it and in no row yet; until they are added or discarded it is kept from gc by
 * this writer's claim.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../../../../platform/clock.js';
import { makeFolder } from '../../../../platform/make-folder.js';
import { storageErrors, translateStorageError } from '../../../../platform/store/errors.js';
import type { Store } from '../../../../platform/store/store.js';
import type { Reserve } from '../reserve.js';
import { endOfChunks } from './pack-end.js';
import { PackFlush } from './pack-flush.js';
import { flushFolder, isStillAt, openUnlessMissing, writeAll } from './pack-io.js';
import type { Writer } from './writer.js';

/** Bytes after which a pack is full. A file that gc can rewrite in a few seconds. */
const FULL_BYTES = 1024 * 1024 * 1024;
/** Bytes after which a flush begins before anybody waits for it, so that the last one of a large body is short. */
const FLUSH_EVERY_BYTES = 16 * 1024 * 1024;

/** What a file of ours is called; gc removes no other. */
export const PACK_NAME = /^pack-[0-9a-f]{32}\.pack$/;

/** Less than this is not worth a pack's being rewritten, or cut, bytes. */
export const LEAST_GARBAGE = 1024 * 1024;

/** Whether a pack is to be rewritten: more is gained than is copied, or room is wanted. */
export function isWorthRewriting(size: number, live: number, isWanted: boolean): boolean {
  const garbage = size - live;
  return garbage > (isWanted ? 0 : live) && (live === 0 || garbage >= LEAST_GARBAGE);
}

export interface PackAppenderOptions {
  readonly folder: string;
  readonly random: Random;
  /** Default {@link FULL_BYTES}. */
  readonly fullBytes?: number;
  readonly reserve: Reserve;
  /** For the copies that gc makes: takes over no pack that is there already, and appends while the reserve is given back. */
  readonly onlyNew?: boolean;
}

export interface PackPlace {
  readonly packId: number;
  readonly offset: number;
}

/** Of a chunk that was appended. */
export interface PackExtent extends PackPlace {
  readonly storedLength: number;
}

interface OpenPack {
  readonly id: number;
  readonly descriptor: number;
  readonly path: string;
  readonly flush: PackFlush;
  position: number;
  users: number;
  /** What bodies that were given up have left: where each ends and begins. */
  readonly abandoned: Map<number, number>;
}

export class PackAppender {
  readonly #store: Store;
  readonly #writer: Writer;
  readonly #options: PackAppenderOptions;
  readonly #fullBytes: number;
  readonly #packs = new Map<number, OpenPack>();
  #current: OpenPack | undefined;
  readonly #closing = new Set<Promise<void>>();

  constructor(store: Store, writer: Writer, options: PackAppenderOptions) {
    this.#store = store;
    this.#writer = writer;
    this.#options = options;
    this.#fullBytes = options.fullBytes ?? FULL_BYTES;
  }

  /**
   * Call it before a body's first chunk. Where the claims were taken away meanwhile (see writer.ts) it begins anew; bodies that used the
   * old packs will be refused.
   */
  ensureWriter(): number {
    if (!this.#writer.ensure()) this.#forget();
    return this.#writer.id ?? 0;
  }

  /** One chunk, in pieces. `use()` its pack before anything else happens. Error: `storage.full`, and others of the storage catalogue. */
  append(pieces: readonly Uint8Array[], length: number): PackPlace {
    if (this.#options.onlyNew !== true) this.#options.reserve.check();
    const pack = this.#writable(length);
    const offset = pack.position;
    try {
      writeAll(pack.descriptor, pieces, length, offset);
    } catch (error) {
      cutFile(pack);
      throw translateStorageError(error, pack.path);
    }
    pack.position += length;
    pack.flush.appended(length);
    if (pack.flush.unflushed >= FLUSH_EVERY_BYTES) pack.flush.begin();
    return { packId: pack.id, offset };
  }

  use(packId: number): void {
    const pack = this.#packs.get(packId);
    if (pack !== undefined) pack.users++;
  }

  /** Ends a {@link use}. */
  leave(packId: number): void {
    const pack = this.#packs.get(packId);
    if (pack === undefined) return;
    pack.users--;
    this.#sealIfDone(pack);
  }

  /**
   * Chunks of a body that was given up, before its {@link leave}: cut off where nobody has written after them, by and by also of bodies that
   * were written at the same time. What stays is garbage for gc.
   */
  takeBack(chunks: readonly PackExtent[]): void {
    const packs = new Set<OpenPack>();
    for (const { packId, offset, storedLength } of chunks) {
      const pack = this.#packs.get(packId);
      pack?.abandoned.set(offset + storedLength, offset);
      if (pack !== undefined) packs.add(pack);
    }
    for (const pack of packs) this.#cut(pack);
  }

  /** Resolves when all that is in these packs is on disk. Error: `storage.replaced` where a file was removed or renamed meanwhile. */
  async flush(packIds: Iterable<number>): Promise<void> {
    await Promise.all(
      Array.from(packIds, async (id) => {
        const pack = this.#packs.get(id);
        if (pack === undefined) return;
        await pack.flush.flush().catch((error) => {
          throw translateStorageError(error, pack.path);
        });
        if (isStillAt(pack.path, pack.descriptor)) return;
        const error = storageErrors.error('storage.replaced', `${pack.path} was removed while it was in use`);
        pack.flush.fail(error);
        throw error;
      }),
    );
  }

  /** Ends the pack that is appended to, where it is worth it, so that gc can rewrite it. */
  retireGarbage(): void {
    const pack = this.#current;
    if (pack === undefined || pack.users > 0) return;
    const find = this.#store.statement<[number], { live_bytes: number }>('SELECT live_bytes FROM pack WHERE id = ?');
    const live = this.#store.read(() => find.get(pack.id))?.live_bytes ?? 0;
    if (!isWorthRewriting(pack.position, live, this.#options.reserve.isWanted)) return;
    this.#current = undefined;
    this.#sealIfDone(pack);
  }

  /** Frees all packs and takes this writer off the list. Nobody may use one any more. */
  async close(): Promise<void> {
    const packs = [...this.#packs.values()];
    this.#forget();
    await Promise.all(this.#closing);
    if (this.#writer.id === undefined) return;
    const release = () => {
      for (const { id, position, flush } of packs) this.#release(id, position >= this.#fullBytes || flush.failed);
      this.#writer.end();
    };
    this.#options.reserve.free(() => this.#store.write(release, { sync: 'normal' }));
    this.#writer.forget();
  }

  /** Not what has a row: where a commit's flush failed, its rows may be there though the body was given up. */
  #cut(pack: OpenPack): void {
    const kept = this.#store.read(() => endOfChunks(this.#store, pack.id));
    let from = pack.abandoned.get(pack.position);
    while (from !== undefined && from >= kept) {
      pack.abandoned.delete(pack.position);
      pack.position = from;
      from = pack.abandoned.get(pack.position);
    }
    cutFile(pack);
  }

  #writable(length: number): OpenPack {
    const present = this.#current;
    if (present !== undefined && !present.flush.failed && present.position + length <= this.#fullBytes) return present;
    this.#current = undefined;
    if (present !== undefined) this.#sealIfDone(present);
    this.#current = this.#open();
    this.#packs.set(this.#current.id, this.#current);
    return this.#current;
  }

  #open(): OpenPack {
    const { folder } = this.#options;
    try {
      makeFolder(folder);
      return (this.#options.onlyNew === true ? undefined : this.#takeOver()) ?? this.#create();
    } catch (error) {
      throw translateStorageError(error, folder);
    }
  }

  /** A pack that its writer has let go of. One that is shorter than its rows say was cut by somebody: it is left alone. */
  #takeOver(): OpenPack | undefined {
    for (;;) {
      const claimed = this.#store.write(() => this.#claimFree(), { sync: 'normal' });
      if (claimed === undefined) return undefined;
      const path = join(this.#options.folder, claimed.name);
      const descriptor = openUnlessMissing(path);
      if (descriptor !== undefined) {
        const position = fstatSync(descriptor).size;
        if (position >= claimed.ends && position < this.#fullBytes)
          return openPack(claimed.id, descriptor, path, position);
        closeSync(descriptor);
      }
      this.#store.write(() => this.#release(claimed.id, true), { sync: 'normal' });
    }
  }

  #claimFree() {
    return this.#store
      .statement<[number], { id: number; name: string; ends: number }>(
        `UPDATE pack SET writer_id = ?
         WHERE id = (SELECT id FROM pack WHERE sealed = 0 AND writer_id IS NULL ORDER BY id LIMIT 1)
         RETURNING id, name, coalesce((
           SELECT offset + stored_length FROM chunk WHERE pack_id = pack.id ORDER BY offset DESC LIMIT 1
         ), 0) AS ends`,
      )
      .get(this.#writer.id ?? 0);
  }

  /** The file and its name in the folder are on disk before a row names it. */
  #create(): OpenPack {
    const name = `pack-${Buffer.from(this.#options.random.bytes(16)).toString('hex')}.pack`;
    const path = join(this.#options.folder, name);
    const descriptor = openSync(path, 'wx+', 0o600);
    try {
      flushFolder(this.#options.folder);
      flushFolder(dirname(this.#options.folder));
      const inserted = this.#store.write(
        () =>
          this.#store
            .statement<[string, number]>('INSERT INTO pack (name, live_bytes, writer_id, sealed) VALUES (?, 0, ?, 0)')
            .run(name, this.#writer.id ?? 0),
        { sync: 'normal' },
      );
      return openPack(Number(inserted.lastInsertRowid), descriptor, path, 0);
    } catch (error) {
      closeSync(descriptor);
      rmSync(path, { force: true });
      throw error;
    }
  }

  #sealIfDone(pack: OpenPack): void {
    if (pack.users > 0 || pack === this.#current) return;
    this.#packs.delete(pack.id);
    this.#close(pack);
    this.#options.reserve.free(() => this.#store.write(() => this.#release(pack.id, true), { sync: 'normal' }));
  }

  /** Within a transaction. */
  #release(packId: number, sealed: boolean): void {
    this.#store
      .statement<[number, number, number]>(
        'UPDATE pack SET writer_id = NULL, sealed = max(sealed, ?) WHERE id = ? AND writer_id = ?',
      )
      .run(sealed ? 1 : 0, packId, this.#writer.id ?? 0);
  }

  #forget(): void {
    for (const pack of this.#packs.values()) this.#close(pack);
    this.#packs.clear();
    this.#current = undefined;
  }

  #close(pack: OpenPack): void {
    const closing = pack.flush.settled().then(() => {
      closeSync(pack.descriptor);
      this.#closing.delete(closing);
    });
    this.#closing.add(closing);
  }
}

function openPack(id: number, descriptor: number, path: string, position: number): OpenPack {
  return { id, descriptor, path, position, flush: new PackFlush(descriptor), users: 0, abandoned: new Map() };
}

/** What is behind its end. What cannot be cut is written over. */
function cutFile({ descriptor, position }: OpenPack): void {
  try {
    if (fstatSync(descriptor).size > position) ftruncateSync(descriptor, position);
  } catch {
    // See above.
  }
}
