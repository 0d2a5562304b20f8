/** Versioning: part of contract.ts. */
import { describe, expect, test } from 'vitest';
import type { BlobStore, VersionEntry, VersionListQuery } from '../../../src/blocks/blob/blob-store.js';
import { bodyOf, code, put, read } from './bodies.js';

export function describeVersioning(bucket: string, current: () => BlobStore): void {
  describe('versions', () => {
    const at = (key: string, versionId?: string) => ({
      bucket,
      key,
      ...(versionId === undefined ? {} : { versionId }),
    });
    const enable = () => current().setVersioning(bucket, 'enabled');
    const suspend = () => current().setVersioning(bucket, 'suspended');
    const remove = (key: string, versionId?: string) => current().deleteObject(at(key, versionId));
    async function putVersion(key: string, body: string): Promise<string> {
      return (await put(current(), bucket, key, body)).versionId ?? 'none';
    }
    async function list(query: Partial<VersionListQuery> = {}): Promise<readonly VersionEntry[]> {
      return (await current().listVersions(bucket, { limit: 1000, ...query })).versions;
    }
    const short = (entries: readonly VersionEntry[]) =>
      entries.map(({ key, versionId, isLatest, object }) => [key, versionId, isLatest, object?.size ?? 'marker']);

    test('are told of only once the bucket has them', async () => {
      expect((await put(current(), bucket, 'a', 'x')).versionId).toBeUndefined();
      expect(short(await list())).toEqual([['a', 'null', true, 1]]);
      await enable();
      expect(await current().bucket(bucket)).toMatchObject({ versioning: 'enabled' });
      expect((await current().statObject(at('a'))).stat.versionId).toBe('null');
      await suspend();
      expect(await current().bucket(bucket)).toMatchObject({ versioning: 'suspended' });
    });

    test('are all kept while versioning is on', async () => {
      await put(current(), bucket, 'a', '0');
      await enable();
      const one = await putVersion('a', '1.');
      const two = await putVersion('a', '2..');
      expect(new Set([one, two, 'null']).size).toBe(3);
      expect(await read(current(), bucket, 'a')).toBe('2..');
      expect(await read(current(), bucket, 'a', one)).toBe('1.');
      expect(await read(current(), bucket, 'a', 'null')).toBe('0');
      expect(short(await list())).toEqual([
        ['a', two, true, 3],
        ['a', one, false, 2],
        ['a', 'null', false, 1],
      ]);
      expect(await code(current().getObject(at('a', `${one.slice(0, -1)}x`)))).toBe('blob.no_such_version');
    });

    test('are hidden by a delete marker, and come back when it is deleted', async () => {
      await enable();
      const one = await putVersion('a', '1');
      const { versionId: marker, deleteMarker } = await remove('a');
      expect(deleteMarker).toBe(true);
      expect(await code(current().getObject(at('a')))).toBe('blob.no_such_key');
      expect(await code(current().getObject(at('a', marker)))).toBe('blob.delete_marker');
      expect((await current().listObjects(bucket, { limit: 9 })).objects).toEqual([]);
      expect(short(await list())).toEqual([
        ['a', marker, true, 'marker'],
        ['a', one, false, 1],
      ]);
      expect(await remove('a', marker)).toMatchObject({ versionId: marker, deleteMarker: true });
      expect(await read(current(), bucket, 'a')).toBe('1');
      expect(short(await list())).toEqual([['a', one, true, 1]]);
    });

    test('are deleted for good by their identifier, and the next one is current', async () => {
      await enable();
      const one = await putVersion('a', '1');
      const two = await putVersion('a', '2');
      expect(await remove('a', two)).toMatchObject({ versionId: two, deleteMarker: false });
      expect(await read(current(), bucket, 'a')).toBe('1');
      await remove('a', one);
      expect(await code(current().getObject(at('a')))).toBe('blob.no_such_key');
      expect(await list()).toEqual([]);
      await remove('a', one);
    });

    test('are replaced under «null» while versioning is suspended, all others being kept', async () => {
      await enable();
      const one = await putVersion('a', '1');
      await suspend();
      expect(await putVersion('a', 'first null')).toBe('none');
      await putVersion('a', '2nd null');
      expect(short(await list())).toEqual([
        ['a', 'null', true, 8],
        ['a', one, false, 1],
      ]);
      expect(await remove('a')).toMatchObject({ versionId: 'null', deleteMarker: true });
      expect(short(await list())).toEqual([
        ['a', 'null', true, 'marker'],
        ['a', one, false, 1],
      ]);
      await enable();
      const two = await putVersion('a', '22');
      await suspend();
      await putVersion('a', '333');
      expect(short(await list())).toEqual([
        ['a', 'null', true, 3],
        ['a', two, false, 2],
        ['a', one, false, 1],
      ]);
    });

    test('keep a bucket from being deleted', async () => {
      await enable();
      const { versionId } = await put(current(), bucket, 'a', '1');
      const { versionId: marker } = await remove('a');
      expect(await code(current().deleteBucket(bucket))).toBe('blob.bucket_not_empty');
      await remove('a', versionId);
      expect(await code(current().deleteBucket(bucket))).toBe('blob.bucket_not_empty');
      await remove('a', marker);
      await current().deleteBucket(bucket);
    });

    test('are listed in pages that end anywhere', async () => {
      await enable();
      for (const key of ['a', 'b', 'b', 'b', 'c/1', 'c/2', 'd']) await putVersion(key, key);
      await remove('b');
      const all = await list();
      expect(all.filter(({ isLatest }) => isLatest).map(({ key }) => key)).toEqual(['a', 'b', 'c/1', 'c/2', 'd']);
      for (const limit of [1, 2, 3, 8, 9]) {
        const found: VersionEntry[] = [];
        let after: VersionListQuery['after'];
        do {
          const page = await current().listVersions(bucket, { limit, ...(after === undefined ? {} : { after }) });
          expect(page.versions.length).toBeLessThanOrEqual(limit);
          found.push(...page.versions);
          after = page.next;
        } while (after !== undefined);
        expect(found).toEqual(all);
      }
      const rolled = await current().listVersions(bucket, { limit: 100, delimiter: '/' });
      expect(rolled.prefixes).toEqual(['c/']);
      expect(rolled.versions).toHaveLength(6);
      expect(short(await list({ prefix: 'b', after: { key: 'b' } }))).toEqual([]);
    });

    test('can be copied from, and have tags of their own', async () => {
      await enable();
      const one = await putVersion('a', 'old');
      await putVersion('a', 'new');
      await current().setTags(at('a', one), { state: 'old' });
      expect((await current().getTags(at('a'))).tags).toEqual({});
      expect(await current().getTags(at('a', one))).toEqual({ tags: { state: 'old' }, versionId: one });
      const copied = await current().copyObject({ source: at('a', one), destination: at('a') });
      expect(copied.sourceVersionId).toBe(one);
      expect(await read(current(), bucket, 'a')).toBe('old');
      const { versionId: marker } = await remove('a');
      const source = at('a', marker);
      expect(await code(current().copyObject({ source, destination: at('b') }))).toBe('blob.invalid_request');
      expect(await code(current().copyObject({ source: at('a'), destination: at('b') }))).toBe('blob.no_such_key');
    });

    test('are judged by the newest one', async () => {
      await enable();
      await putVersion('a', '1');
      await remove('a');
      const conditions = { ifNoneMatch: ['*'] };
      await current().putObject(at('a'), bodyOf('2'), { conditions });
      expect(await code(current().putObject(at('a'), bodyOf('3'), { conditions }))).toBe('blob.precondition_failed');
    });
  });
}
