import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../../src/blocks/blob/lifecycle/due.js';
import type { LifecycleRule } from '../../../../src/blocks/blob/lifecycle/rule.js';
import type { FileBlobStore } from '../../../../src/blocks/blob/store/file-blob-store.js';
import { put } from '../bodies.js';
import { openTestStore } from './open-test-store.js';

const rule = (changes: Partial<LifecycleRule>): LifecycleRule => ({ id: 'r', enabled: true, filter: {}, ...changes });

async function run(store: FileBlobStore, rules: readonly LifecycleRule[], dryRun = false): Promise<string[]> {
  const done: string[] = [];
  for await (const { action, key } of store.runLifecycle('test', rules, { dryRun })) done.push(`${action} ${key}`);
  return done;
}
const keysOf = async (store: FileBlobStore) =>
  (await store.listObjects('test', { limit: 9999 })).objects.map(({ key }) => key);

describe('a lifecycle run', () => {
  test('deletes what is due, once, and tells it; a dry run only tells', async () => {
    const { store, clock } = openTestStore();
    await store.createBucket('test');
    await Promise.all(Array.from({ length: 1203 }, (_, index) => put(store, 'test', `old/${index}`, 'x')));
    clock.advance(3 * DAY_MS);
    await put(store, 'test', 'new', 'x');
    const rules = [rule({ expiration: { days: 1 } })];
    expect(await run(store, rules, true)).toHaveLength(1203);
    expect(await keysOf(store)).toHaveLength(1204);
    const done = await run(store, rules);
    expect(done).toHaveLength(1203);
    expect(new Set(done).size).toBe(1203);
    expect(await keysOf(store)).toEqual(['new']);
    expect(await run(store, rules)).toEqual([]);
    const { kept, counted } = await store.recount('test');
    expect(kept).toEqual(counted);
  });

  test('hides a current version, then deletes it, then its marker, each in its time', async () => {
    const { store, clock } = openTestStore();
    await store.createBucket('test');
    await store.setVersioning('test', 'enabled');
    await put(store, 'test', 'a', 'x');
    const rules = [
      rule({ expiration: { days: 1 } }),
      rule({ id: 'noncurrent', noncurrentExpiration: { days: 2 } }),
      rule({ id: 'markers', expiration: { expiredObjectDeleteMarker: true } }),
    ];
    clock.advance(2 * DAY_MS);
    expect(await run(store, rules)).toEqual(['expire a']);
    expect(await run(store, rules)).toEqual([]);
    clock.step(-9 * DAY_MS);
    expect(await run(store, rules)).toEqual([]);
    clock.step(9 * DAY_MS);
    clock.advance(3 * DAY_MS);
    expect(await run(store, rules)).toEqual(['expire_noncurrent a']);
    expect(await run(store, rules)).toEqual(['remove_marker a']);
    expect((await store.listVersions('test', { limit: 9 })).versions).toEqual([]);
  });

  test('lets a version be that has changed since it was judged', async () => {
    const { store, clock } = openTestStore();
    await store.createBucket('test');
    for (const key of ['a', 'b', 'c']) await put(store, 'test', key, 'old');
    clock.advance(9 * DAY_MS);
    // All three are judged before one of the steps runs, and the run's own step comes last.
    const at = (key: string) => ({ bucket: 'test', key });
    const replace = { headers: {}, metadata: { renewed: 'yes' } };
    const changes = [
      store.copyObject({ source: at('a'), destination: at('a'), replace }),
      store.setTags(at('b'), { keep: 'yes' }),
    ];
    expect(await run(store, [rule({ expiration: { days: 1 } })])).toEqual(['expire c']);
    await Promise.all(changes);
    expect(await keysOf(store)).toEqual(['a', 'b']);
  });

  test.each([false, true])(
    'keeps the newest noncurrent versions that are there when it deletes (hidden: %s)',
    async (hidden) => {
      const { store, clock } = openTestStore();
      await store.createBucket('test');
      await store.setVersioning('test', 'enabled');
      const ids: string[] = [];
      for (let n = 0; n < 40; n++) ids.unshift((await put(store, 'test', 'a', `${n}`)).versionId ?? '');
      const at = (versionId?: string) => ({
        bucket: 'test',
        key: 'a',
        ...(versionId === undefined ? {} : { versionId }),
      });
      if (hidden) await store.deleteObject(at());
      const noncurrent = hidden ? ids : ids.slice(1);
      clock.advance(9 * DAY_MS);
      // Judged before, and done before the run's own step.
      const deleted = store.deleteObject(at(noncurrent[0]));
      const rules = [rule({ noncurrentExpiration: { days: 1, newerVersionsKept: 20 } })];
      expect(await run(store, rules)).toHaveLength(noncurrent.length - 21);
      await deleted;
      const { versions } = await store.listVersions('test', { limit: 999 });
      expect(versions.map(({ versionId }) => versionId).slice(1)).toEqual(noncurrent.slice(1, 21));
      expect(await run(store, rules)).toEqual([]);
    },
  );

  test('aborts uploads that were begun long ago', async () => {
    const { store, clock } = openTestStore();
    await store.createBucket('test');
    await store.createUpload({ bucket: 'test', key: 'logs/a' });
    await store.createUpload({ bucket: 'test', key: 'b' });
    clock.advance(5 * DAY_MS);
    await store.createUpload({ bucket: 'test', key: 'logs/late' });
    const rules = [rule({ filter: { prefix: 'logs/' }, abortUploadsAfterDays: 3 })];
    expect(await run(store, rules, true)).toEqual(['abort_upload logs/a']);
    expect(await run(store, rules)).toEqual(['abort_upload logs/a']);
    const { uploads } = await store.listUploads('test', { limit: 9 });
    expect(uploads.map(({ key }) => key)).toEqual(['b', 'logs/late']);
  });
});
