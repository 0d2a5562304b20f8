import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { StoredContents } from '../../../../src/blocks/blob/store/contents/open.js';
import type { FileBlobStore } from '../../../../src/blocks/blob/store/file-blob-store.js';
import { openBlobStore } from '../../../../src/blocks/blob/store.js';
import { systemRandom } from '../../../../src/platform/clock.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../../../helpers/temporary-folder.js';

/** A new store on a file, closed and removed when the running test finishes. */
export function openTestStore(): { readonly store: FileBlobStore<StoredContents>; readonly clock: ManualClock } {
  const folder = makeTemporaryFolder();
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
  const store = openBlobStore({ path: join(folder.path, 'blob.db'), clock, random: systemRandom });
  onTestFinished(async () => {
    await store.close();
    folder.remove();
  });
  return { store, clock };
}
