/** Several at once, in one process and in two that share a file: one winner, and nothing lost. */
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FileBlobStore } from '../../../../src/blocks/blob/store/file-blob-store.js';
import { openBlobStore } from '../../../../src/blocks/blob/store.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { makeTemporaryFolder } from '../../../helpers/temporary-folder.js';
import { bodyOf, code, read } from '../bodies.js';

const BUCKET = 'race';
const at = (key: string) => ({ bucket: BUCKET, key });
/** Not inline. */
const large = (name: string) => `${name} `.repeat(40_000);

/** Two stores on one file, as two processes have them: nothing in memory is shared. */
async function openTwo(): Promise<readonly [FileBlobStore, FileBlobStore]> {
  const folder = makeTemporaryFolder();
  const open = () => openBlobStore({ path: join(folder.path, 'blob.db'), clock: systemClock, random: systemRandom });
  const stores = [open(), open()] as const;
  onTestFinished(async () => {
    for (const store of stores) await store.close();
    folder.remove();
  });
  await stores[0].createBucket(BUCKET);
  return stores;
}

/** References of each content that no row has, or counts that no content has. */
function wrongReferences({ file }: FileBlobStore): unknown[] {
  return file
    .statement<[], unknown>(
      `SELECT content.id, content.refs, count(referrer.content_id) AS referrers FROM content LEFT JOIN (
         SELECT content_id FROM object UNION ALL SELECT content_id FROM history UNION ALL SELECT content_id FROM part
       ) AS referrer ON referrer.content_id = content.id
       GROUP BY content.id HAVING content.refs <> referrers`,
    )
    .all();
}

describe('at the same time', () => {
  test('of puts that want nothing to be there one wins, whoever has the file open', async () => {
    const stores = await openTwo();
    const conditions = { ifNoneMatch: ['*'] };
    for (const key of ['small', 'large']) {
      const body = (index: number) => (key === 'small' ? `body ${index}` : large(`body ${index}`));
      const puts = Array.from({ length: 10 }, (_, index) =>
        code((stores[index % 2] ?? stores[0]).putObject(at(key), bodyOf(body(index)), { conditions })),
      );
      const codes = await Promise.all(puts);
      expect(codes.filter((found) => found === undefined)).toHaveLength(1);
      expect(new Set(codes)).toEqual(new Set([undefined, 'blob.precondition_failed']));
      expect(await read(stores[1], BUCKET, key)).toBe(body(codes.indexOf(undefined)));
    }
    expect(wrongReferences(stores[0])).toEqual([]);
  });

  test('a compare-and-set by ETag loses no update', async () => {
    const stores = await openTwo();
    await stores[0].putObject(at('counter'), bodyOf('0'));
    async function increment(store: FileBlobStore): Promise<void> {
      for (;;) {
        const { stat, body } = await store.getObject(at('counter'));
        let text = '';
        for await (const piece of body) text += Buffer.from(piece).toString();
        const conditions = { ifMatch: [stat.etag] };
        const failed = await code(store.putObject(at('counter'), bodyOf(String(Number(text) + 1)), { conditions }));
        if (failed === undefined) return;
        expect(failed).toBe('blob.precondition_failed');
      }
    }
    await Promise.all(Array.from({ length: 12 }, (_, index) => increment(stores[index % 2] ?? stores[0])));
    expect(await read(stores[0], BUCKET, 'counter')).toBe('12');
  });

  test('parts come, and the upload is completed or aborted: one end, and no part is left over', async () => {
    const stores = await openTwo();
    for (let round = 0; round < 6; round++) {
      const key = `upload-${round}`;
      const upload = await stores[0].createUpload(at(key));
      const { partNumber, etag } = await stores[0].uploadPart(upload, 1, bodyOf(large('first')));
      const parts = [{ partNumber, etag }];
      const [one, other] = round % 2 === 0 ? [stores[0], stores[1]] : [stores[1], stores[0]];
      const [completed, again, aborted, late, replaced] = await Promise.all(
        [
          one.completeUpload(upload, { parts }),
          other.completeUpload(upload, { parts }),
          other.abortUpload(upload),
          one.uploadPart(upload, 2, bodyOf(large('late'))),
          other.uploadPart(upload, 1, bodyOf(large('replaced'))),
        ].map((promise: Promise<unknown>) => code(promise)),
      );
      const stored = await code(stores[0].statObject(at(key)));
      const ends = [completed, again, aborted];
      expect(ends).toContain(undefined);
      if (stored === undefined) {
        expect(aborted).toBe('blob.no_such_upload');
        expect(await read(stores[0], BUCKET, key)).toBe(large('first'));
      }
      for (const found of [late, replaced]) expect([undefined, 'blob.no_such_upload']).toContain(found);
      expect([undefined, 'blob.no_such_upload', 'blob.invalid_part']).toContain(completed);
    }
    const { uploads } = await stores[0].listUploads(BUCKET, { limit: 10 });
    for (const upload of uploads) await stores[0].abortUpload(upload);
    expect(wrongReferences(stores[0])).toEqual([]);
    expect(stores[0].file.statement<[]>('SELECT * FROM part').all()).toEqual([]);
  });

  test('an object is read whole while it is replaced and deleted', async () => {
    const stores = await openTwo();
    await stores[0].putObject(at('a'), bodyOf(large('old')));
    const { body } = await stores[0].getObject(at('a'));
    await stores[0].putObject(at('a'), bodyOf(large('new')));
    await stores[0].deleteObject(at('a'));
    let text = '';
    for await (const piece of body) text += Buffer.from(piece).toString();
    expect(text).toBe(large('old'));
  });
});
