/**
 * What every {@link BlobStore} must do, whatever stands behind it. Run it like this:
 *
 *     describeBlobContract('the file', async () => ({ store, reopen, cleanup }));
 *
 * The store is empty. Nothing but the interface is used, and of errors nothing but their code.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlobStore } from '../../../src/blocks/blob/blob-store.js';
import { bodyOf, code, failing, put, read, text } from './bodies.js';
import { describeListing } from './contract-listing.js';
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
const MD5_OF_HELLO = '5d41402abc4b2a76b9719d911017c592';

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

    const at = (key: string) => ({ bucket: BUCKET, key });

    describe('buckets', () => {
      test('are made once, listed by name, and deleted when empty', async () => {
        await store.createBucket('archive');
        expect(await code(store.createBucket('archive'))).toBe('blob.bucket_exists');
        expect((await store.listBuckets()).map((bucket) => bucket.name)).toEqual(['archive', BUCKET]);
        expect(await store.bucket('archive')).toMatchObject({ name: 'archive', versioning: 'off' });
        await put(store, 'archive', 'a', 'x');
        expect(await code(store.deleteBucket('archive'))).toBe('blob.bucket_not_empty');
        await store.deleteObject({ bucket: 'archive', key: 'a' });
        await store.deleteBucket('archive');
        expect(await code(store.deleteBucket('archive'))).toBe('blob.no_such_bucket');
        expect(await code(store.bucket('archive'))).toBe('blob.no_such_bucket');
        expect(await code(put(store, 'archive', 'a', 'x'))).toBe('blob.no_such_bucket');
        expect(await code(store.listObjects('archive', { limit: 1 }))).toBe('blob.no_such_bucket');
      });

      test('cannot have names that no host can have', async () => {
        expect(await code(store.createBucket('Upper'))).toBe('blob.invalid_bucket_name');
      });

      test('keep documents until they are deleted', async () => {
        const xml =
          '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>';
        expect(await code(store.getDocument(BUCKET, 'cors'))).toBe('blob.no_such_configuration');
        await store.setDocument(BUCKET, 'cors', xml);
        expect(await store.getDocument(BUCKET, 'cors')).toContain('<AllowedMethod>GET</AllowedMethod>');
        expect(await code(store.getDocument(BUCKET, 'lifecycle'))).toBe('blob.no_such_configuration');
        await store.setDocument(BUCKET, 'cors', undefined);
        await store.setDocument(BUCKET, 'cors', undefined);
        expect(await code(store.getDocument(BUCKET, 'cors'))).toBe('blob.no_such_configuration');
      });
    });

    describe('objects', () => {
      test('come back as they were put, with all that was said of them', async () => {
        const headers = { contentType: 'text/plain', cacheControl: 'no-cache', contentLanguage: 'de' };
        const metadata = { origin: 'camera', 'with-value': 'a b' };
        const result = await store.putObject(at('a.txt'), bodyOf('he', 'llo'), {
          headers,
          metadata,
          tags: { colour: 'blue' },
          size: 5,
          md5: MD5_OF_HELLO,
        });
        expect(result).toMatchObject({ etag: MD5_OF_HELLO, size: 5 });
        store = (await subject.reopen?.()) ?? store;
        const { stat, body, range } = await store.getObject(at('a.txt'));
        expect(await text(body)).toBe('hello');
        expect(range).toBeUndefined();
        expect(stat).toMatchObject({ key: 'a.txt', size: 5, etag: MD5_OF_HELLO, headers, metadata, tagCount: 1 });
        expect(stat.versionId).toBeUndefined();
        expect((await store.statObject(at('a.txt'))).stat).toEqual(stat);
      });

      test('have a checksum where one was given', async () => {
        const checksum = { algorithm: 'CRC32', value: 'NhCmhg==', type: 'FULL_OBJECT' } as const;
        await store.putObject(at('sum'), bodyOf('hello'), { checksum: () => checksum });
        expect((await store.statObject(at('sum'))).stat.checksum).toEqual(checksum);
      });

      test('are replaced whole, and of any size', async () => {
        const large = 'x'.repeat(300_000);
        await put(store, BUCKET, 'a', large);
        expect(await read(store, BUCKET, 'a')).toBe(large);
        await put(store, BUCKET, 'a', '');
        expect(await read(store, BUCKET, 'a')).toBe('');
        expect((await store.statObject(at('a'))).stat).toMatchObject({
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
        for (const key of keys) await put(store, BUCKET, key, key);
        for (const key of keys) expect(await read(store, BUCKET, key)).toBe(key);
        const { objects } = await store.listObjects(BUCKET, { limit: 100 });
        expect(objects.map(({ key }) => key).sort()).toEqual([...keys].sort());
        expect(await code(put(store, BUCKET, 'x'.repeat(1025), ''))).toBe('blob.invalid_key');
      });

      test('are not there before they are put, nor after they are deleted', async () => {
        expect(await code(store.getObject(at('a')))).toBe('blob.no_such_key');
        expect(await code(store.statObject(at('a')))).toBe('blob.no_such_key');
        await store.deleteObject(at('a'));
        await put(store, BUCKET, 'a', 'x');
        expect(await store.deleteObject(at('a'))).toMatchObject({ deleteMarker: false });
        expect(await code(store.getObject(at('a')))).toBe('blob.no_such_key');
      });

      test('are not stored where the body fails, is short, long, or other than announced', async () => {
        await put(store, BUCKET, 'a', 'before');
        await expect(store.putObject(at('a'), failing('some', new Error('gone')))).rejects.toThrow();
        expect(await code(store.putObject(at('a'), bodyOf('hello'), { size: 6 }))).toBe('blob.incomplete_body');
        expect(await code(store.putObject(at('a'), bodyOf('hello'), { size: 4 }))).toBe('blob.incomplete_body');
        expect(await code(store.putObject(at('a'), bodyOf('hellO'), { md5: MD5_OF_HELLO }))).toBe('blob.bad_digest');
        expect(await read(store, BUCKET, 'a')).toBe('before');
      });

      test('are read by ranges', async () => {
        await put(store, BUCKET, 'a', '0123456789');
        const ranged = async (range: { first: number; last?: number } | { suffix: number }) => {
          const found = await store.getObject(at('a'), { range });
          return { text: await text(found.body), range: found.range };
        };
        expect(await ranged({ first: 2, last: 4 })).toEqual({ text: '234', range: { first: 2, last: 4 } });
        expect(await ranged({ first: 7 })).toEqual({ text: '789', range: { first: 7, last: 9 } });
        expect(await ranged({ suffix: 3 })).toEqual({ text: '789', range: { first: 7, last: 9 } });
        expect(await ranged({ suffix: 99 })).toEqual({ text: '0123456789', range: { first: 0, last: 9 } });
        expect(await ranged({ first: 9, last: 99 })).toEqual({ text: '9', range: { first: 9, last: 9 } });
        expect(await code(store.getObject(at('a'), { range: { first: 10 } }))).toBe('blob.invalid_range');
        expect(await code(store.getObject(at('a'), { range: { suffix: 0 } }))).toBe('blob.invalid_range');
      });

      test('are read under conditions', async () => {
        const { etag, modifiedAt } = await put(store, BUCKET, 'a', 'x');
        const under = (conditions: NonNullable<Parameters<BlobStore['statObject']>[1]>['conditions']) =>
          code(store.statObject(at('a'), conditions === undefined ? {} : { conditions }));
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
          code(store.putObject(at('a'), bodyOf(body), { conditions }));
        expect(await putIf('x', { ifMatch: ['0'.repeat(32)] })).toBe('blob.no_such_key');
        expect(await putIf('first', { ifNoneMatch: ['*'] })).toBeUndefined();
        expect(await putIf('second', { ifNoneMatch: ['*'] })).toBe('blob.precondition_failed');
        expect(await read(store, BUCKET, 'a')).toBe('first');
        const { etag } = (await store.statObject(at('a'))).stat;
        expect(await putIf('third', { ifMatch: ['0'.repeat(32)] })).toBe('blob.precondition_failed');
        expect(await putIf('third', { ifMatch: [etag] })).toBeUndefined();
        expect(await code(store.deleteObject(at('a'), { ifMatch: [etag] }))).toBe('blob.precondition_failed');
        expect(await read(store, BUCKET, 'a')).toBe('third');
        await store.deleteObject(at('a'), { ifMatch: ['*'] });
        expect(await code(store.statObject(at('a')))).toBe('blob.no_such_key');
      });

      test('have one winner where many are put if none is there', async () => {
        const codes = await Promise.all(
          Array.from({ length: 8 }, (_, index) =>
            code(store.putObject(at('race'), bodyOf(`body ${index}`), { conditions: { ifNoneMatch: ['*'] } })),
          ),
        );
        expect(codes.filter((found) => found === undefined)).toHaveLength(1);
        expect(await read(store, BUCKET, 'race')).toBe(`body ${codes.indexOf(undefined)}`);
      });

      test('have tags that can be changed', async () => {
        await put(store, BUCKET, 'a', 'x');
        expect((await store.getTags(at('a'))).tags).toEqual({});
        await store.setTags(at('a'), { team: 'blue', 'cost centre': '4711' });
        expect((await store.getTags(at('a'))).tags).toEqual({ team: 'blue', 'cost centre': '4711' });
        expect((await store.statObject(at('a'))).stat.tagCount).toBe(2);
        await store.setTags(at('a'), undefined);
        expect((await store.getTags(at('a'))).tags).toEqual({});
        const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`tag-${index}`, '']));
        expect(await code(store.setTags(at('a'), eleven))).toBe('blob.invalid_tag');
        expect(await code(store.getTags(at('b')))).toBe('blob.no_such_key');
      });

      test('cannot have more than 2 KB of metadata', async () => {
        const putWith = (length: number) =>
          code(store.putObject(at('a'), bodyOf('x'), { metadata: { note: 'y'.repeat(length) } }));
        expect(await putWith(2044)).toBeUndefined();
        expect(await putWith(2045)).toBe('blob.metadata_too_large');
      });
    });

    describe('copies', () => {
      const copy = (from: string, to: string, more: Partial<Parameters<BlobStore['copyObject']>[0]> = {}) =>
        store.copyObject({ source: at(from), destination: at(to), ...more });

      beforeEach(async () => {
        await store.putObject(at('a'), bodyOf('hello'), {
          headers: { contentType: 'text/plain' },
          metadata: { origin: 'camera' },
          tags: { colour: 'blue' },
        });
      });

      test('have what the source has, and outlive it', async () => {
        expect(await copy('a', 'b')).toMatchObject({ etag: MD5_OF_HELLO });
        await store.deleteObject(at('a'));
        expect(await read(store, BUCKET, 'b')).toBe('hello');
        const { stat } = await store.statObject(at('b'));
        expect(stat).toMatchObject({
          headers: { contentType: 'text/plain' },
          metadata: { origin: 'camera' },
          tagCount: 1,
        });
      });

      test('have other metadata and tags where that is asked for', async () => {
        const replace = { headers: { contentType: 'text/html' }, metadata: { origin: 'scan' } };
        await copy('a', 'a', { replace, tags: { colour: 'red' } });
        const { stat } = await store.statObject(at('a'));
        expect(stat).toMatchObject({ headers: { contentType: 'text/html' }, metadata: { origin: 'scan' } });
        expect((await store.getTags(at('a'))).tags).toEqual({ colour: 'red' });
        expect(await read(store, BUCKET, 'a')).toBe('hello');
      });

      test('onto itself must change something', async () => {
        expect(await code(copy('a', 'a'))).toBe('blob.invalid_request');
      });

      test('are made under conditions on both ends', async () => {
        const none = '0'.repeat(32);
        expect(await code(copy('a', 'b', { sourceConditions: { ifMatch: [none] } }))).toBe('blob.precondition_failed');
        expect(await code(copy('a', 'b', { sourceConditions: { ifNoneMatch: [MD5_OF_HELLO] } }))).toBe(
          'blob.precondition_failed',
        );
        expect(await code(store.statObject(at('b')))).toBe('blob.no_such_key');
        await copy('a', 'b', { sourceConditions: { ifMatch: [MD5_OF_HELLO] } });
        expect(await code(copy('none', 'b'))).toBe('blob.no_such_key');
      });
    });

    describeListing(BUCKET, current);
    describeVersioning(BUCKET, current);
    describeUploads(BUCKET, current);
  });
}
