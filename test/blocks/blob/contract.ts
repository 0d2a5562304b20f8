/**
 * What every {@link BlobStore} must do, whatever stands behind it. Run it like this:
 *
 *     describeBlobContract('the file', async () => ({ store, reopen, cleanup }));
 *
 * The store is empty. Nothing but the interface is used, and of errors nothing but their code.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { BlobStore } from '../../../src/blocks/blob/blob-store.js';
import { describeBuckets } from './contract-buckets.js';
import { describeCopies } from './contract-copies.js';
import { describeListing } from './contract-listing.js';
import { describeObjects } from './contract-objects.js';
import { describeUploads } from './contract-uploads.js';
import { describeVersioning } from './contract-versions.js';

export interface BlobSubject {
  readonly store: BlobStore;
  /** Closes the present store and opens another one on the same data. Left out where that makes no difference. */
  reopen?(): Promise<BlobStore>;
  /** Closes what is open and removes the data. */
  cleanup(): Promise<void>;
}

const BUCKET = 'photos';

export function describeBlobContract(name: string, open: () => Promise<BlobSubject>): void {
  describe(`the blob contract on ${name}`, () => {
    let subject: BlobSubject;
    let store: BlobStore;

    beforeEach(async () => {
      subject = await open();
      store = subject.store;
      await store.createBucket(BUCKET);
    });
    afterEach(() => subject.cleanup());
    const current = () => store;
    const reopen = async () => {
      store = (await subject.reopen?.()) ?? store;
    };

    describeBuckets(BUCKET, current);
    describeObjects(BUCKET, current, reopen);
    describeCopies(BUCKET, current);
    describeListing(BUCKET, current);
    describeVersioning(BUCKET, current);
    describeUploads(BUCKET, current);
  });
}
