/**
 * Appends chunks to the pack of this process, and claims another one when it is full.
 *
 *     none ──claim a free one, or make one──▶ open ──1 GiB, or a flush failed──▶ retired ──nobody uses it──▶ sealed
 *                                              └──release()──▶ free for the next writer
 *
 * A pack is used by the bodies whose chunks are in it and in no row yet; until they are added or discarded it is kept from gc by
 * this writer's claim.
 */
import { closeSync, fstatSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../../../../platform/clock.js';
import { makeFolder } from '../../../../platform/make-folder.js';
import { storageErrors, translateStorageError } from '../../../../platform/store/errors.js';
import type { Store } from '../../../../platform/store/store.js';
import type { Reserve } from '../reserve.js';
import { OpenPack, type PackExtent, type PackPlace } from './open-pack.js';
import { endOfChunks } from './pack-end.js';
import { flushFolder, openUnlessMissing } from './pack-io.js';
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
    const offset = pack.append(pieces, length);
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
    for (const chunk of chunks) {
      const pack = this.#packs.get(chunk.packId);
      pack?.abandon(chunk);
      if (pack !== undefined) packs.add(pack);
    }
    for (const pack of packs) pack.cut(this.#store.read(() => endOfChunks(this.#store, pack.id)));
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
        if (pack.isInPlace) return;
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
    if (!isWorthRewriting(pack.size, live, this.#options.reserve.isWanted)) return;
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
      for (const { id, size, flush } of packs) this.#release(id, size >= this.#fullBytes || flush.failed);
      this.#writer.end();
    };
    this.#options.reserve.free(() => this.#store.write(release, { sync: 'normal' }));
    this.#writer.forget();
  }

  #writable(length: number): OpenPack {
    const present = this.#current;
    if (present !== undefined && !present.flush.failed && present.size + length <= this.#fullBytes) return present;
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
        const { size } = fstatSync(descriptor);
        if (size >= claimed.ends && size < this.#fullBytes) return new OpenPack(claimed.id, path, descriptor, size);
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
      return new OpenPack(Number(inserted.lastInsertRowid), path, descriptor, 0);
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
    const closing = pack.close().then(() => {
      this.#closing.delete(closing);
    });
    this.#closing.add(closing);
  }
}
