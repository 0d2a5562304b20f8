/** Copies: part of contract.ts. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { BlobStore } from '../../../src/blocks/blob/blob-store.js';
import { bodyOf, code, MD5_OF_HELLO, read } from './bodies.js';

export function describeCopies(bucket: string, current: () => BlobStore): void {
  const at = (key: string) => ({ bucket, key });

  describe('copies', () => {
    const copy = (from: string, to: string, more: Partial<Parameters<BlobStore['copyObject']>[0]> = {}) =>
      current().copyObject({ source: at(from), destination: at(to), ...more });

    beforeEach(async () => {
      await current().putObject(at('a'), bodyOf('hello'), {
        headers: { contentType: 'text/plain' },
        metadata: { origin: 'camera' },
        tags: { colour: 'blue' },
      });
    });

    test('have what the source has, and outlive it', async () => {
      expect(await copy('a', 'b')).toMatchObject({ etag: MD5_OF_HELLO });
      await current().deleteObject(at('a'));
      expect(await read(current(), bucket, 'b')).toBe('hello');
      const { stat } = await current().statObject(at('b'));
      expect(stat).toMatchObject({
        headers: { contentType: 'text/plain' },
        metadata: { origin: 'camera' },
        tagCount: 1,
      });
    });

    test('have other metadata and tags where that is asked for', async () => {
      const replace = { headers: { contentType: 'text/html' }, metadata: { origin: 'scan' } };
      await copy('a', 'a', { replace, tags: { colour: 'red' } });
      const { stat } = await current().statObject(at('a'));
      expect(stat).toMatchObject({ headers: { contentType: 'text/html' }, metadata: { origin: 'scan' } });
      expect((await current().getTags(at('a'))).tags).toEqual({ colour: 'red' });
      expect(await read(current(), bucket, 'a')).toBe('hello');
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
      expect(await code(current().statObject(at('b')))).toBe('blob.no_such_key');
      await copy('a', 'b', { sourceConditions: { ifMatch: [MD5_OF_HELLO] } });
      expect(await code(copy('none', 'b'))).toBe('blob.no_such_key');
    });
  });
}
