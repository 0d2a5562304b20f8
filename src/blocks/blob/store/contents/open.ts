/** The contents of a database file and its packs: what the tables of objects stand on (../contents.ts). */

import type { Clock, Random } from '../../../../platform/clock.js';
import { onePiece } from '../../../../platform/one-piece.js';
import { present } from '../../../../platform/present.js';
import type { Store } from '../../../../platform/store/store.js';
import { blobErrors } from '../../errors.js';
import type { Body, ByteRange } from '../../object-types.js';
import type { Contents, PartLayout, Staged, StageOptions } from '../contents.js';
import type { GcOptions, GcResult } from '../gc/collect.js';
import { openLocalPort, type PortEvents, type PortOptions } from '../ingest/port.js';
import { StagedBody } from '../ingest/staged-body.js';
import { Stager } from '../ingest/stager.js';
import { PackFiles } from '../packs/pack-files.js';
import { Reserve } from '../reserve.js';
import type { ScrubOptions, ScrubReport } from '../scrub/scrub.js';
import { ChunkReader } from './chunk-reader.js';
import { ContentBody } from './content-body.js';
import {
  decodeParts,
  deleteContent,
  encodeParts,
  findContent,
  insertContent,
  insertIngested,
  insertInline,
  readInline,
  retainEntries,
} from './content-rows.js';
import { decodeManifest, encodeManifest, sliceManifest } from './manifest.js';
import { ReadBuffers } from './read-buffers.js';

export interface ContentsOptions {
  /** Of the packs; see packFolder() of ../schema.ts. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Bodies are taken in by a thread of their own, beside the event loop: for a daemon. */
  readonly thread: boolean;
  /** Bytes after which a pack is full; default 1 GiB. */
  readonly fullBytes?: number;
  /** See ../reserve.ts. */
  readonly reserveBytes?: number;
  /** Memory of all bodies that are taken in, in slabs of 256 KiB; default 192, 48 MB. */
  readonly mostSlabs?: number;
}

export function openContents(store: Store, options: ContentsOptions): StoredContents {
  return new StoredContents(store, options);
}

export class StoredContents implements Contents {
  readonly #store: Store;
  readonly #options: ContentsOptions;
  readonly #stager: Stager;
  readonly #reader: ChunkReader;
  readonly #reserve: Reserve;
  readonly #files: PackFiles;
  /** By content, how many read it now. */
  readonly #readers = new Map<number, number>();

  constructor(store: Store, options: ContentsOptions) {
    this.#store = store;
    this.#options = options;
    this.#reserve = new Reserve(store, { random: options.random, mostBytes: options.reserveBytes });
    this.#files = new PackFiles(store, options.folder);
    this.#reader = new ChunkReader(store, this.#files, new ReadBuffers(options.clock));
    this.#stager = new Stager({
      path: store.path,
      random: options.random,
      reserve: this.#reserve,
      openPort: (events) => this.#openPort(events),
      ...(options.mostSlabs !== undefined && { mostSlabs: options.mostSlabs }),
    });
  }

  get staging(): number {
    return this.#stager.staging;
  }

  stage(body: Body, options: StageOptions = {}): Promise<StagedBody> {
    return this.#stager.stage(body, options);
  }

  discard(staged: Staged): void {
    this.#stager.discard(ours(staged));
  }

  add(staged: Staged): number {
    const body = ours(staged);
    if (body.content instanceof Uint8Array) return insertInline(this.#store, body.content);
    const id = insertIngested(this.#store, body.content);
    // Should the transaction be undone, discard() sees to the rest.
    this.#stager.settle(body);
    return id;
  }

  share(contentId: number): void {
    const { changes } = this.#store
      .statement<[number]>('UPDATE content SET refs = refs + 1, garbage_since = NULL WHERE id = ?')
      .run(contentId);
    if (changes === 0) throw missing(contentId);
  }

  release(contentId: number): void {
    const row = this.#store
      .statement<[number], { refs: number; inline: number }>(
        'UPDATE content SET refs = refs - 1 WHERE id = ? RETURNING refs, manifest IS NULL AS inline',
      )
      .get(contentId);
    if (row === undefined) throw missing(contentId);
    if (row.refs > 0) return;
    if (row.inline === 1) deleteContent(this.#store, contentId, null);
    else
      this.#store
        .statement<[number, number]>('UPDATE content SET garbage_since = ? WHERE id = ?')
        .run(this.#options.clock.now(), contentId);
  }

  join(contentIds: readonly number[], parts: readonly PartLayout[]): number {
    const manifests: Uint8Array[] = [];
    let size = 0;
    for (const id of contentIds) {
      const row = findContent(this.#store, id);
      if (row === undefined) throw missing(id);
      if (row.manifest === null) throw new Error(`content ${id} is inline, and can be no part`);
      if (row.refs === 1) this.#store.statement<[number]>('DELETE FROM content WHERE id = ?').run(id);
      else {
        retainEntries(this.#store, decodeManifest(row.manifest));
        this.release(id);
      }
      manifests.push(row.manifest);
      size += row.size;
    }
    return insertContent(this.#store, size, Buffer.concat(manifests), encodeParts(parts));
  }

  cut(contentId: number, { first, last }: ByteRange): number | undefined {
    const row = findContent(this.#store, contentId);
    if (row === undefined) throw missing(contentId);
    if (row.manifest === null) return undefined;
    const entries = sliceManifest(row.manifest, first, last);
    retainEntries(this.#store, entries);
    const size = entries.reduce((sum, { length }) => sum + length, 0);
    return insertContent(this.#store, size, encodeManifest(entries), null);
  }

  parts(contentId: number): readonly PartLayout[] | undefined {
    const row = this.#store.read(() => findContent(this.#store, contentId));
    if (row === undefined) throw missing(contentId);
    return row.parts === null ? undefined : decodeParts(row.parts);
  }

  read(contentId: number, range: ByteRange | undefined): Body {
    const row = this.#store.read(() => findContent(this.#store, contentId));
    if (row === undefined) throw missing(contentId);
    const { first, last } = range ?? { first: 0, last: row.size - 1 };
    if (row.manifest === null) {
      const bytes = this.#store.read(() => readInline(this.#store, contentId));
      if (bytes === undefined) throw missing(contentId);
      return onePiece(bytes.subarray(first, last + 1));
    }
    this.#readers.set(contentId, (this.#readers.get(contentId) ?? 0) + 1);
    return new ContentBody(this.#reader, sliceManifest(row.manifest, first, last), () => this.#leave(contentId));
  }

  /** See gc/collect.ts. One at a time in a process: a second one waits for nothing and does what the first has left. */
  async gc(options: GcOptions = {}): Promise<GcResult> {
    const { folder, clock, random } = this.#options;
    const isRead = (contentId: number) => this.#readers.has(contentId);
    const { collectGarbage } = await import('../gc/collect.js');
    const [store, files, reserve] = [this.#store, this.#files, this.#reserve];
    return collectGarbage({ store, files, reserve, folder, clock, random, isRead }, options, () =>
      this.#stager.retireGarbage(),
    );
  }

  /** See scrub/scrub.ts. */
  async scrub(options: ScrubOptions = {}): Promise<ScrubReport> {
    const { scrub } = await import('../scrub/scrub.js');
    const [store, files, reserve] = [this.#store, this.#files, this.#reserve];
    return scrub({ store, files, reserve, clock: this.#options.clock }, options);
  }

  close(): Promise<void> {
    return this.#stager.close();
  }

  #leave(contentId: number): void {
    const left = (this.#readers.get(contentId) ?? 1) - 1;
    if (left === 0) this.#readers.delete(contentId);
    else this.#readers.set(contentId, left);
  }

  async #openPort(events: PortEvents) {
    const { folder, clock, random, fullBytes, reserveBytes, thread } = this.#options;
    if (!thread) {
      const options: PortOptions = { folder, clock, random, reserve: this.#reserve, events, ...present({ fullBytes }) };
      return openLocalPort(this.#store, options);
    }
    // Commands do without it.
    const { ThreadPort } = await import('../ingest/thread-port.js');
    return ThreadPort.open({ path: this.#store.path, folder, fullBytes, reserveBytes }, events);
  }
}

function ours(staged: Staged): StagedBody {
  if (staged instanceof StagedBody) return staged;
  throw new TypeError('what was staged was not staged here');
}

function missing(contentId: number) {
  return blobErrors.error('blob.corrupt', `content ${contentId} is missing in the file, or damaged there`, {
    hint: 'see what is damaged: ds blob scrub',
    details: { content: contentId },
  });
}
