/** Buckets: part of contract.ts. */
import { describe, expect, test } from 'vitest';
import type { BlobStore } from '../../../src/blocks/blob/blob-store.js';
import { code, put } from './bodies.js';

export function describeBuckets(bucket: string, current: () => BlobStore): void {
  describe('buckets', () => {
    test('are made once, listed by name, and deleted when empty', async () => {
      await current().createBucket('archive');
      expect(await code(current().createBucket('archive'))).toBe('blob.bucket_exists');
      expect((await current().listBuckets()).map(({ name }) => name)).toEqual(['archive', bucket]);
      expect(await current().bucket('archive')).toMatchObject({ name: 'archive', versioning: 'off' });
      await put(current(), 'archive', 'a', 'x');
      expect(await code(current().deleteBucket('archive'))).toBe('blob.bucket_not_empty');
      await current().deleteObject({ bucket: 'archive', key: 'a' });
      await current().deleteBucket('archive');
      expect(await code(current().deleteBucket('archive'))).toBe('blob.no_such_bucket');
      expect(await code(current().bucket('archive'))).toBe('blob.no_such_bucket');
      expect(await code(put(current(), 'archive', 'a', 'x'))).toBe('blob.no_such_bucket');
      expect(await code(current().listObjects('archive', { limit: 1 }))).toBe('blob.no_such_bucket');
    });

    test('cannot have names that no host can have', async () => {
      expect(await code(current().createBucket('Upper'))).toBe('blob.invalid_bucket_name');
    });

    test('keep documents until they are deleted', async () => {
      const xml =
        '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>';
      expect(await code(current().getDocument(bucket, 'cors'))).toBe('blob.no_such_configuration');
      await current().setDocument(bucket, 'cors', xml);
      expect(await current().getDocument(bucket, 'cors')).toContain('<AllowedMethod>GET</AllowedMethod>');
      expect(await code(current().getDocument(bucket, 'lifecycle'))).toBe('blob.no_such_configuration');
      await current().setDocument(bucket, 'cors', undefined);
      await current().setDocument(bucket, 'cors', undefined);
      expect(await code(current().getDocument(bucket, 'cors'))).toBe('blob.no_such_configuration');
    });
  });
}
