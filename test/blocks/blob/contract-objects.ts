/** Objects: part of contract.ts. */
import { describe, expect, test } from 'vitest';
import type { BlobStore } from '../../../src/blocks/blob/blob-store.js';
import { bodyOf, code, failing, MD5_OF_HELLO, put, read, text } from './bodies.js';

export function describeObjects(bucket: string, current: () => BlobStore, reopen: () => Promise<void>): void {
  const at = (key: string) => ({ bucket, key });

  describe('objects', () => {
    test('come back as they were put, with all that was said of them', async () => {
      const headers = { contentType: 'text/plain', cacheControl: 'no-cache', contentLanguage: 'de' };
      const metadata = { origin: 'camera', 'with-value': 'a b' };
      const result = await current().putObject(at('a.txt'), bodyOf('he', 'llo'), {
        headers,
        metadata,
        tags: { colour: 'blue' },
        size: 5,
        md5: MD5_OF_HELLO,
      });
      expect(result).toMatchObject({ etag: MD5_OF_HELLO, size: 5 });
      await reopen();
      const { stat, body, range } = await current().getObject(at('a.txt'));
      expect(await text(body)).toBe('hello');
      expect(range).toBeUndefined();
      expect(stat).toMatchObject({ key: 'a.txt', size: 5, etag: MD5_OF_HELLO, headers, metadata, tagCount: 1 });
      expect(stat.versionId).toBeUndefined();
      expect((await current().statObject(at('a.txt'))).stat).toEqual(stat);
    });

    test('have a checksum where one was given', async () => {
      const checksum = { algorithm: 'CRC32', value: 'NhCmhg==', type: 'FULL_OBJECT' } as const;
      await current().putObject(at('sum'), bodyOf('hello'), { checksum: () => checksum });
      expect((await current().statObject(at('sum'))).stat.checksum).toEqual(checksum);
    });

    test('are replaced whole, and of any size', async () => {
      const large = 'x'.repeat(300_000);
      await put(current(), bucket, 'a', large);
      expect(await read(current(), bucket, 'a')).toBe(large);
      await put(current(), bucket, 'a', '');
      expect(await read(current(), bucket, 'a')).toBe('');
      expect((await current().statObject(at('a'))).stat).toMatchObject({
        size: 0,
        etag: 'd41d8cd98f00b204e9800998ecf8427e',
      });
    });

    test('have any text as key', async () => {
      const keys = [
        'a/b',
        'a/b/1',
        'a+b %2F',
        '../up',
        'naïve 🎈 \u{10ffff}',
        'trailing/',
        'x'.repeat(1024),
        ' ',
        './.',
      ];
      for (const key of keys) await put(current(), bucket, key, key);
      for (const key of keys) expect(await read(current(), bucket, key)).toBe(key);
      const { objects } = await current().listObjects(bucket, { limit: 100 });
      expect(objects.map(({ key }) => key).sort()).toEqual([...keys].sort());
      expect(await code(put(current(), bucket, 'x'.repeat(1025), ''))).toBe('blob.invalid_key');
    });

    test('are not there before they are put, nor after they are deleted', async () => {
      expect(await code(current().getObject(at('a')))).toBe('blob.no_such_key');
      expect(await code(current().statObject(at('a')))).toBe('blob.no_such_key');
      await current().deleteObject(at('a'));
      await put(current(), bucket, 'a', 'x');
      expect(await current().deleteObject(at('a'))).toMatchObject({ deleteMarker: false });
      expect(await code(current().getObject(at('a')))).toBe('blob.no_such_key');
    });

    test('are not stored where the body fails, is short, long, or other than announced', async () => {
      await put(current(), bucket, 'a', 'before');
      await expect(current().putObject(at('a'), failing('some', new Error('gone')))).rejects.toThrow();
      expect(await code(current().putObject(at('a'), bodyOf('hello'), { size: 6 }))).toBe('blob.incomplete_body');
      expect(await code(current().putObject(at('a'), bodyOf('hello'), { size: 4 }))).toBe('blob.incomplete_body');
      expect(await code(current().putObject(at('a'), bodyOf('hellO'), { md5: MD5_OF_HELLO }))).toBe('blob.bad_digest');
      expect(await read(current(), bucket, 'a')).toBe('before');
    });

    test('are read by ranges', async () => {
      await put(current(), bucket, 'a', '0123456789');
      const ranged = async (range: { first: number; last?: number } | { suffix: number }) => {
        const found = await current().getObject(at('a'), { range });
        return { text: await text(found.body), range: found.range };
      };
      expect(await ranged({ first: 2, last: 4 })).toEqual({ text: '234', range: { first: 2, last: 4 } });
      expect(await ranged({ first: 7 })).toEqual({ text: '789', range: { first: 7, last: 9 } });
      expect(await ranged({ suffix: 3 })).toEqual({ text: '789', range: { first: 7, last: 9 } });
      expect(await ranged({ suffix: 99 })).toEqual({ text: '0123456789', range: { first: 0, last: 9 } });
      expect(await ranged({ first: 9, last: 99 })).toEqual({ text: '9', range: { first: 9, last: 9 } });
      expect(await code(current().getObject(at('a'), { range: { first: 10 } }))).toBe('blob.invalid_range');
      expect(await code(current().getObject(at('a'), { range: { suffix: 0 } }))).toBe('blob.invalid_range');
    });

    test('are read under conditions', async () => {
      const { etag, modifiedAt } = await put(current(), bucket, 'a', 'x');
      const under = (conditions: NonNullable<Parameters<BlobStore['statObject']>[1]>['conditions']) =>
        code(current().statObject(at('a'), conditions === undefined ? {} : { conditions }));
      expect(await under({ ifMatch: [etag] })).toBeUndefined();
      expect(await under({ ifMatch: ['0'.repeat(32)] })).toBe('blob.precondition_failed');
      expect(await under({ ifNoneMatch: [etag] })).toBe('blob.not_modified');
      expect(await under({ ifNoneMatch: ['0'.repeat(32)] })).toBeUndefined();
      expect(await under({ ifModifiedSince: modifiedAt })).toBe('blob.not_modified');
      expect(await under({ ifModifiedSince: modifiedAt - 2000 })).toBeUndefined();
      expect(await under({ ifUnmodifiedSince: modifiedAt - 2000 })).toBe('blob.precondition_failed');
      // RFC 9110, section 13.2.2: an ETag counts more than a date.
      expect(await under({ ifMatch: [etag], ifUnmodifiedSince: modifiedAt - 2000 })).toBeUndefined();
    });

    test('are written and deleted under conditions', async () => {
      const putIf = (body: string, conditions: { ifMatch?: string[]; ifNoneMatch?: string[] }) =>
        code(current().putObject(at('a'), bodyOf(body), { conditions }));
      expect(await putIf('x', { ifMatch: ['0'.repeat(32)] })).toBe('blob.no_such_key');
      expect(await putIf('first', { ifNoneMatch: ['*'] })).toBeUndefined();
      expect(await putIf('second', { ifNoneMatch: ['*'] })).toBe('blob.precondition_failed');
      expect(await read(current(), bucket, 'a')).toBe('first');
      const { etag } = (await current().statObject(at('a'))).stat;
      expect(await putIf('third', { ifMatch: ['0'.repeat(32)] })).toBe('blob.precondition_failed');
      expect(await putIf('third', { ifMatch: [etag] })).toBeUndefined();
      expect(await code(current().deleteObject(at('a'), { ifMatch: [etag] }))).toBe('blob.precondition_failed');
      expect(await read(current(), bucket, 'a')).toBe('third');
      await current().deleteObject(at('a'), { ifMatch: ['*'] });
      expect(await code(current().statObject(at('a')))).toBe('blob.no_such_key');
    });

    test('have one winner where many are put if none is there', async () => {
      const codes = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          code(current().putObject(at('race'), bodyOf(`body ${index}`), { conditions: { ifNoneMatch: ['*'] } })),
        ),
      );
      expect(codes.filter((found) => found === undefined)).toHaveLength(1);
      expect(await read(current(), bucket, 'race')).toBe(`body ${codes.indexOf(undefined)}`);
    });

    test('have tags that can be changed', async () => {
      await put(current(), bucket, 'a', 'x');
      expect((await current().getTags(at('a'))).tags).toEqual({});
      await current().setTags(at('a'), { team: 'blue', 'cost centre': '4711' });
      expect((await current().getTags(at('a'))).tags).toEqual({ team: 'blue', 'cost centre': '4711' });
      expect((await current().statObject(at('a'))).stat.tagCount).toBe(2);
      await current().setTags(at('a'), undefined);
      expect((await current().getTags(at('a'))).tags).toEqual({});
      const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`tag-${index}`, '']));
      expect(await code(current().setTags(at('a'), eleven))).toBe('blob.invalid_tag');
      expect(await code(current().getTags(at('b')))).toBe('blob.no_such_key');
    });

    test('cannot have more than 2 KB of metadata', async () => {
      const putWith = (length: number) =>
        code(current().putObject(at('a'), bodyOf('x'), { metadata: { note: 'y'.repeat(length) } }));
      expect(await putWith(2044)).toBeUndefined();
      expect(await putWith(2045)).toBe('blob.metadata_too_large');
    });
  });
}
