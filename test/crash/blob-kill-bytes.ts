/** Bodies that both the killed process and its judge can make: blocks that many of them share, so that chunks are found again. */
import { createHash } from 'node:crypto';
import { openContents } from '../../src/blocks/blob/store/contents/open.js';
import { FileBlobStore } from '../../src/blocks/blob/store/file-blob-store.js';
import { blobFile, packFolder } from '../../src/blocks/blob/store/schema.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { openStore } from '../../src/platform/store/store.js';

const BLOCK_BYTES = 400_000;
const BLOCKS = 24;

const blocks = Array.from({ length: BLOCKS }, (_, i) =>
  createHash('shake256', { outputLength: BLOCK_BYTES }).update(`${i}`).digest(),
);

/** Of a key `…/SIZE/NUMBER`: small, of one block, or of three. */
export function bodyOf(key: string): Buffer {
  const [size = '', number = ''] = key.split('/').slice(-2);
  const block = (i: number) => blocks[(Number(number) * 7 + i * 5) % BLOCKS] ?? Buffer.of();
  if (size === 'small') return block(0).subarray(0, 1000);
  return Buffer.concat(size === 'medium' ? [block(0)] : [block(0), block(1), block(2)]);
}

/** With packs that are soon full, so that there is something to be rewritten. */
export function openKilledStore(path: string, thread: boolean) {
  const file = openStore(blobFile, { path });
  const random = systemRandom;
  const folder = packFolder(path);
  const contents = openContents(file, { folder, clock: systemClock, random, thread, fullBytes: 3_000_000 });
  return { store: new FileBlobStore(file, contents, systemClock, random), contents, file, folder };
}
