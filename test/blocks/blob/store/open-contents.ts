import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Body } from '../../../../src/blocks/blob/object-types.js';
import {
  type ContentsOptions,
  openContents,
  type StoredContents,
} from '../../../../src/blocks/blob/store/contents/open.js';
import { blobFile, packFolder } from '../../../../src/blocks/blob/store/schema.js';
import { systemRandom } from '../../../../src/platform/clock.js';
import { openStore, type Store } from '../../../../src/platform/store/store.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

export interface OpenedContents {
  readonly store: Store;
  readonly contents: StoredContents;
  readonly clock: ManualClock;
  readonly folder: string;
}

/** Of a new file, or of the one at `path`; closed when the test finishes. */
export function openTestContents(
  options: Partial<ContentsOptions> & { path?: string; clock?: ManualClock } = {},
): OpenedContents {
  const path = options.path ?? join(temporaryFolder(), 'blob.db');
  const clock = options.clock ?? new ManualClock();
  const store = openStore(blobFile, { path });
  const folder = packFolder(path);
  const contents = openContents(store, { folder, random: systemRandom, thread: false, ...options, clock });
  onTestFinished(async () => {
    await contents.close();
    store.close();
  });
  return { store, contents, clock, folder };
}

/** In pieces that share one buffer, as a socket's do. */
export async function* piecesOf(bytes: Uint8Array, pieceBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  const shared = new Uint8Array(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = shared.subarray(0, Math.min(pieceBytes, bytes.length - at));
    piece.set(bytes.subarray(at, at + piece.length));
    yield piece;
    shared.fill(0xee);
  }
}

export async function collect(body: Body): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Stages and adds, as a put does. */
export async function put({ store, contents }: OpenedContents, bytes: Uint8Array, mayBeInline = true): Promise<number> {
  const staged = await contents.stage(piecesOf(bytes), { mayBeInline });
  return store.write(() => contents.add(staged));
}

export function countOf(store: Store, table: string): number {
  return store.read(() => store.statement<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get())?.n ?? 0;
}
