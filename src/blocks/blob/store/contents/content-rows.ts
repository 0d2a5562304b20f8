/** The rows of contents, within the caller's transaction. The states of one are drawn in ../contents.ts. */
import { crc32 } from 'node:zlib';
import type { Store } from '../../../../platform/store/store.js';
import { blobErrors } from '../../errors.js';
import { addLiveBytes, releaseChunk, retainChunk } from '../chunk-references.js';
import type { PartLayout } from '../contents.js';
import { type FreshChunk, type Ingested, isKnown, packsOf } from '../ingest/ingested.js';
import { checkClaims, lostClaim } from '../packs/claims.js';
import { countChunks, decodeManifest, encodeManifest, type ManifestEntry } from './manifest.js';

export interface ContentRow {
  readonly refs: number;
  readonly size: number;
  /** Null: it is inline. */
  readonly manifest: Uint8Array | null;
  readonly parts: string | null;
}

/** Undefined where there is none. */
export function findContent(store: Store, id: number): ContentRow | undefined {
  return store.statement<[number], ContentRow>('SELECT refs, size, manifest, parts FROM content WHERE id = ?').get(id);
}

/** With one reference. @param size bytes @param manifest null: its bytes are to be inserted by the caller */
export function insertContent(store: Store, size: number, manifest: Uint8Array | null, parts: string | null): number {
  const inserted = store
    .statement<[number, Uint8Array | null, string | null]>(
      'INSERT INTO content (refs, size, manifest, parts) VALUES (1, ?, ?, ?)',
    )
    .run(size, manifest, parts);
  return Number(inserted.lastInsertRowid);
}

/** With one reference, and its CRC-32. */
export function insertInline(store: Store, bytes: Uint8Array): number {
  const id = insertContent(store, bytes.length, null, null);
  store
    .statement<[number, number, Uint8Array]>('INSERT INTO inline (content_id, crc, data) VALUES (?, ?, ?)')
    .run(id, crc32(bytes), bytes);
  return id;
}

/** Undefined where it is not there, or not what was stored. */
export function readInline(store: Store, contentId: number): Uint8Array | undefined {
  const row = store
    .statement<[number], { crc: number; data: Uint8Array }>('SELECT crc, data FROM inline WHERE content_id = ?')
    .get(contentId);
  return row !== undefined && crc32(row.data) === row.crc ? row.data : undefined;
}

/** Turns what was staged into rows. `blob.conflict` where its packs or holds are not its own any more. */
export function insertIngested(store: Store, ingested: Ingested): number {
  useHolds(store, ingested);
  const uses = new Array<number>(ingested.chunks.length).fill(0);
  for (const index of ingested.order) uses[index] = (uses[index] ?? 0) + 1;
  const live = new Map<number, number>();
  const ids = ingested.chunks.map((chunk, index) => {
    const count = uses[index] ?? 0;
    if (!isKnown(chunk)) return insertChunk(store, chunk, count, live);
    // The hold is one reference already.
    if (count > 1) retainChunk(store, chunk.chunkId, count - 1);
    return chunk.chunkId;
  });
  for (const [packId, bytes] of live) addLiveBytes(store, packId, bytes);
  const entries = ingested.order.map((index) => entryOf(ids, ingested, index));
  return insertContent(store, ingested.size, encodeManifest(entries), null);
}

function entryOf(ids: readonly number[], { chunks }: Ingested, index: number): ManifestEntry {
  return { chunkId: ids[index] ?? 0, length: chunks[index]?.length ?? 0, start: undefined };
}

/** `blob.conflict` where packs or holds are not its own any more. */
function useHolds(store: Store, { writerId, upload, chunks }: Ingested): void {
  checkClaims(store, writerId, packsOf(chunks));
  const held = chunks.filter(isKnown).length;
  if (held === 0) return;
  const { changes } = store
    .statement<[number, string]>('DELETE FROM hold WHERE writer_id = ? AND upload = ?')
    .run(writerId, upload);
  if (changes !== held) throw lostClaim();
}

/**
 * Somebody may have stored the same chunk meanwhile: then it is used, and ours is garbage of its pack. Where what is there is the damaged
 * copy that was found, it is the other way round.
 */
function insertChunk(store: Store, chunk: FreshChunk, refs: number, live: Map<number, number>): number {
  const { hash, packId, offset, storedLength, length, codec, crc } = chunk;
  const row = store
    .statement<
      [Uint8Array, number, number, number, number, number, number, number],
      { id: number; pack_id: number; offset: number }
    >(
      `INSERT INTO chunk (hash, refs, pack_id, offset, stored_length, length, codec, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET refs = refs + excluded.refs RETURNING id, pack_id, offset`,
    )
    .get(hash, refs, packId, offset, storedLength, length, codec, crc);
  if (row === undefined) throw new Error('a chunk was written and is not there');
  const { damaged } = chunk;
  if (damaged !== undefined && row.pack_id === damaged.packId && row.offset === damaged.offset) {
    replaceStored(store, row.id, chunk);
    return row.id;
  }
  if (row.pack_id === packId && row.offset === offset) live.set(packId, (live.get(packId) ?? 0) + storedLength);
  return row.id;
}

function replaceStored(store: Store, chunkId: number, chunk: FreshChunk): void {
  const old = store
    .statement<[number], { pack_id: number; stored_length: number }>(
      'SELECT pack_id, stored_length FROM chunk WHERE id = ?',
    )
    .get(chunkId);
  if (old !== undefined) addLiveBytes(store, old.pack_id, -old.stored_length);
  store
    .statement<[number, number, number, number, number, number]>(
      'UPDATE chunk SET pack_id = ?, offset = ?, stored_length = ?, codec = ?, crc = ? WHERE id = ?',
    )
    .run(chunk.packId, chunk.offset, chunk.storedLength, chunk.codec, chunk.crc, chunkId);
  addLiveBytes(store, chunk.packId, chunk.storedLength);
}

/** One more reference for each entry. `blob.corrupt` where a chunk is not there. */
export function retainEntries(store: Store, entries: readonly ManifestEntry[]): void {
  for (const [chunkId, count] of countChunks(entries))
    if (!retainChunk(store, chunkId, count))
      throw blobErrors.error('blob.corrupt', `chunk ${chunkId} of a content is not in the index`, {
        hint: 'ds blob scrub',
        details: { chunk: chunkId },
      });
}

/** Takes away a content and its references to chunks. Returns the bytes that became garbage. */
export function deleteContent(store: Store, id: number, manifest: Uint8Array | null): number {
  let bytes = 0;
  if (manifest === null) store.statement<[number]>('DELETE FROM inline WHERE content_id = ?').run(id);
  else for (const [chunk, count] of countChunks(decodeManifest(manifest))) bytes += releaseChunk(store, chunk, count);
  store.statement<[number]>('DELETE FROM content WHERE id = ?').run(id);
  return bytes;
}

/** As the column `parts` has it: `[[number, size, checksum]]`. */
export function encodeParts(parts: readonly PartLayout[]): string {
  return JSON.stringify(
    parts.map(({ number, size, checksum }) => (checksum === undefined ? [number, size] : [number, size, checksum])),
  );
}

/** Of what {@link encodeParts} wrote. */
export function decodeParts(json: string): PartLayout[] {
  const rows: [number, number, string?][] = JSON.parse(json);
  return rows.map(([number, size, checksum]) => ({ number, size, ...(checksum !== undefined && { checksum }) }));
}
