import { describe, expect, test } from 'vitest';
import { type BucketDifference, diffBuckets } from '../../../../src/blocks/blob/bulk/diff.js';
import type { FileBlobStore } from '../../../../src/blocks/blob/store/file-blob-store.js';
import { code, put, read } from '../bodies.js';
import { openTestStore } from './open-test-store.js';

const LARGE = 'large '.repeat(50_000);

async function differences(store: FileBlobStore, before: string, after: string, prefix = ''): Promise<string[]> {
  const found: BucketDifference[] = [];
  for await (const one of diffBuckets({ store, bucket: before }, { store, bucket: after }, prefix)) found.push(one);
  return found.map((one) => `${one.change} ${one.change === 'removed' ? one.before.key : one.after.key}`);
}

async function filled(): Promise<FileBlobStore> {
  const { store } = openTestStore();
  await store.createBucket('live');
  await store.setVersioning('live', 'enabled');
  for (const key of ['a', 'b', 'gone', 'large']) await put(store, 'live', key, key === 'large' ? LARGE : `old ${key}`);
  await store.deleteObject({ bucket: 'live', key: 'gone' });
  return store;
}

describe('a snapshot', () => {
  test('keeps the current objects as they are, and cannot be written to', async () => {
    const store = await filled();
    expect(await store.snapshot('live', 'monday')).toEqual({ objects: 3, bytes: LARGE.length + 10 });
    await put(store, 'live', 'a', 'new');
    for (const key of ['b', 'large']) await store.deleteObject({ bucket: 'live', key });
    expect(await store.bucket('monday')).toMatchObject({ snapshotOf: 'live', versioning: 'off' });
    expect(await read(store, 'monday', 'a')).toBe('old a');
    expect(await read(store, 'monday', 'large')).toBe(LARGE);

    const at = { bucket: 'monday', key: 'a' };
    const writes = [
      put(store, 'monday', 'x', 'x'),
      store.deleteObject(at),
      store.setTags(at, {}),
      store.createUpload(at),
      store.copyObject({ source: { bucket: 'live', key: 'a' }, destination: at }),
      store.setVersioning('monday', 'enabled'),
      store.setDocument('monday', 'cors', 'x'),
    ];
    expect(await Promise.all(writes.map(code))).toEqual(writes.map(() => 'blob.read_only_bucket'));
    expect(await code(store.snapshot('live', 'monday'))).toBe('blob.bucket_exists');
    expect(await code(store.snapshot('none', 'tuesday'))).toBe('blob.no_such_bucket');
  });

  test('is deleted with all that is in it, and takes nothing from others', async () => {
    const store = await filled();
    await store.snapshot('live', 'monday');
    await store.clone('monday', 'copy');
    // Of these only the snapshot still has the bytes when it is deleted, of one twice.
    await store.createBucket('plain');
    for (const key of ['x', 'y']) await put(store, 'plain', key, key === 'x' ? 'small' : `other ${LARGE}`);
    await store.copyObject({ source: { bucket: 'plain', key: 'y' }, destination: { bucket: 'plain', key: 'z' } });
    await store.snapshot('plain', 'tuesday');
    for (const key of ['x', 'y', 'z']) await store.deleteObject({ bucket: 'plain', key });
    for (const name of ['monday', 'tuesday', 'plain']) await store.deleteBucket(name);
    expect((await store.listBuckets()).map(({ name }) => name)).toEqual(['copy', 'live']);
    expect(await read(store, 'copy', 'large')).toBe(LARGE);
    expect(await read(store, 'live', 'a')).toBe('old a');
    const references = store.file
      .statement<[], { refs: number; referrers: number; garbage: number }>(
        `SELECT refs, garbage_since IS NOT NULL AS garbage,
           (SELECT count(*) FROM object WHERE content_id = content.id) +
           (SELECT count(*) FROM history WHERE content_id = content.id) AS referrers FROM content`,
      )
      .all();
    expect(references.filter(({ refs, referrers }) => refs !== referrers)).toEqual([]);
    // The small one is gone at once, the large one waits for gc.
    expect(references.filter(({ refs }) => refs === 0)).toEqual([{ refs: 0, referrers: 0, garbage: 1 }]);
  });

  test('differs from what the bucket has become, in the order of keys', async () => {
    const store = await filled();
    await store.snapshot('live', 'monday');
    expect(await differences(store, 'monday', 'live')).toEqual([]);
    await put(store, 'live', 'b', 'changed');
    await put(store, 'live', 'b2', 'added');
    await store.deleteObject({ bucket: 'live', key: 'large' });
    expect(await differences(store, 'monday', 'live')).toEqual(['changed b', 'added b2', 'removed large']);
    expect(await differences(store, 'live', 'monday', 'b')).toEqual(['changed b', 'removed b2']);
    await expect(differences(store, 'monday', 'none')).rejects.toMatchObject({ code: 'blob.no_such_bucket' });
  });
});

describe('a clone', () => {
  test('goes its own way', async () => {
    const store = await filled();
    await store.clone('live', 'staging');
    await put(store, 'staging', 'a', 'of the clone');
    await store.deleteObject({ bucket: 'staging', key: 'large' });
    expect(await read(store, 'live', 'a')).toBe('old a');
    expect(await read(store, 'live', 'large')).toBe(LARGE);
    const { kept, counted } = await store.recount('staging');
    expect(kept).toEqual(counted);
    expect(kept).toEqual({ objects: 2, bytes: 17, versions: 0, versionBytes: 0 });
  });
});

describe('the usage of a bucket', () => {
  test('is told from counts, and by prefix from its objects', async () => {
    const store = await filled();
    await store.createUpload({ bucket: 'live', key: 'x' });
    expect(await store.usage()).toEqual([
      {
        name: 'live',
        versioning: 'enabled',
        objects: 3,
        bytes: LARGE.length + 10,
        versions: 2,
        versionBytes: 8,
        uploads: 1,
      },
    ]);
    for (const key of ['logs/1', 'logs/2', 'logs/sub/3', 'm']) await put(store, 'live', key, '12345');
    const sums = async (query: { prefix?: string; delimiter?: string }) => {
      const found: unknown[] = [];
      for await (const { prefix, objects, bytes } of store.usageByPrefix('live', query))
        found.push([prefix, objects, bytes]);
      return found;
    };
    expect(await sums({ delimiter: '/' })).toEqual([
      ['logs/', 3, 15],
      ['', 4, LARGE.length + 15],
    ]);
    expect(await sums({ delimiter: '/', prefix: 'logs/' })).toEqual([
      ['logs/sub/', 1, 5],
      ['logs/', 2, 10],
    ]);
    expect(await sums({ prefix: 'logs/' })).toEqual([['logs/', 3, 15]]);
  });
});
