/** Uploads in parts: part of contract.ts. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { BlobStore } from '../../../src/blocks/blob/blob-store.js';
import { createChecksum } from '../../../src/blocks/blob/checksum/checksum.js';
import type { PartInfo, UploadInfo } from '../../../src/blocks/blob/object-types.js';
import { bodyOf, bytes, code, put, read } from './bodies.js';

const FIVE_MIB = 5 * 2 ** 20;
const LARGE = Buffer.alloc(FIVE_MIB, 'large ');

export function describeUploads(bucket: string, current: () => BlobStore): void {
  describe('uploads', () => {
    const begin = (key: string, options?: Parameters<BlobStore['createUpload']>[1]) =>
      current().createUpload({ bucket, key }, options);
    const part = (upload: UploadInfo, number: number, body: string | Uint8Array) =>
      current().uploadPart(upload, number, bodyOf(body));
    const complete = (upload: UploadInfo, parts: readonly Pick<PartInfo, 'partNumber' | 'etag'>[]) =>
      current().completeUpload(upload, { parts: parts.map(({ partNumber, etag }) => ({ partNumber, etag })) });

    test('become one object of the parts that are named, in order', async () => {
      const upload = await begin('a', {
        headers: { contentType: 'video/mp4' },
        metadata: { origin: 'camera' },
        tags: { colour: 'blue' },
      });
      const second = await part(upload, 7, 'the end');
      await part(upload, 3, 'to be replaced');
      const first = await part(upload, 3, LARGE);
      await part(upload, 9, 'left out');
      expect(await code(current().statObject({ bucket, key: 'a' }))).toBe('blob.no_such_key');
      const listed = await current().listParts(upload, { limit: 100 });
      expect(listed.parts.map(({ partNumber, size }) => [partNumber, size])).toEqual([
        [3, FIVE_MIB],
        [7, 7],
        [9, 8],
      ]);
      const { next } = await current().listParts(upload, { limit: 2 });
      expect((await current().listParts(upload, { limit: 2, after: next ?? 0 })).parts).toEqual(listed.parts.slice(2));

      const result = await complete(upload, [first, second]);
      const md5s = Buffer.from(first.etag + second.etag, 'hex');
      expect(result.etag).toBe(`${createHash('md5').update(md5s).digest('hex')}-2`);
      const { stat, body } = await current().getObject({ bucket, key: 'a' });
      expect((await bytes(body)).equals(Buffer.concat([LARGE, Buffer.from('the end')]))).toBe(true);
      expect(stat).toMatchObject({
        size: FIVE_MIB + 7,
        headers: { contentType: 'video/mp4' },
        metadata: { origin: 'camera' },
        tagCount: 1,
      });
      expect((await current().listUploads(bucket, { limit: 10 })).uploads).toEqual([]);
      expect(await code(part(upload, 1, 'late'))).toBe('blob.no_such_upload');
      expect(await code(current().abortUpload(upload))).toBe('blob.no_such_upload');
      // As a client sends it whose answer was lost.
      expect(await complete(upload, [first, second])).toMatchObject({ etag: result.etag });
      expect(await code(complete(upload, [first]))).toBe('blob.no_such_upload');
    });

    test('give their parts by number', async () => {
      const upload = await begin('a');
      const large = await part(upload, 1, LARGE);
      await complete(upload, [large, await part(upload, 2, 'tail')]);
      const { stat, body, range } = await current().getObject({ bucket, key: 'a' }, { partNumber: 2 });
      expect((await bytes(body)).toString()).toBe('tail');
      expect(range).toEqual({ first: FIVE_MIB, last: FIVE_MIB + 3 });
      expect(stat.partCount).toBe(2);
      expect(await code(current().getObject({ bucket, key: 'a' }, { partNumber: 3 }))).toBe('blob.invalid_part');
    });

    test('are not completed with parts that are not there, too small, or out of order', async () => {
      const upload = await begin('a');
      const one = await part(upload, 1, 'small');
      const two = await part(upload, 2, 'x');
      expect(await code(complete(upload, [two, one]))).toBe('blob.invalid_part_order');
      expect(await code(complete(upload, [one, two]))).toBe('blob.entity_too_small');
      expect(await code(complete(upload, [{ ...one, etag: two.etag }]))).toBe('blob.invalid_part');
      expect(await code(complete(upload, [{ ...one, partNumber: 5 }]))).toBe('blob.invalid_part');
      await complete(upload, [one]);
      expect(await read(current(), bucket, 'a')).toBe('small');
    });

    test('are completed under conditions', async () => {
      await put(current(), bucket, 'a', 'there already');
      const upload = await begin('a');
      const { partNumber, etag } = await part(upload, 1, 'new');
      const parts = [{ partNumber, etag }];
      const conditions = { ifNoneMatch: ['*'] };
      expect(await code(current().completeUpload(upload, { parts, conditions }))).toBe('blob.precondition_failed');
      expect(await read(current(), bucket, 'a')).toBe('there already');
      await current().completeUpload(upload, { parts });
      expect(await read(current(), bucket, 'a')).toBe('new');
    });

    test('are gone when they are aborted', async () => {
      const upload = await begin('a');
      const one = await part(upload, 1, 'x');
      await current().abortUpload(upload);
      expect(await code(current().listParts(upload, { limit: 1 }))).toBe('blob.no_such_upload');
      expect(await code(complete(upload, [one]))).toBe('blob.no_such_upload');
      expect(await code(begin('x'.repeat(1025)))).toBe('blob.invalid_key');
    });

    test('are listed by key, the oldest first, in pages', async () => {
      const begun: UploadInfo[] = [];
      for (const key of ['b', 'a', 'b', 'c/1', 'c/2']) begun.push(await begin(key));
      const order = [begun[1], begun[0], begun[2], begun[3], begun[4]].map((upload) => upload?.uploadId);
      for (const limit of [1, 2, 5, 10]) {
        const found: string[] = [];
        let after: { key: string; uploadId?: string } | undefined;
        do {
          const page = await current().listUploads(bucket, { limit, ...(after === undefined ? {} : { after }) });
          found.push(...page.uploads.map(({ uploadId }) => uploadId));
          after = page.next;
        } while (after !== undefined);
        expect(found).toEqual(order);
      }
      const rolled = await current().listUploads(bucket, { limit: 10, delimiter: '/', prefix: 'c' });
      expect(rolled.prefixes).toEqual(['c/']);
    });

    test('have parts copied out of objects, whole or by a range', async () => {
      await put(current(), bucket, 'large', LARGE.toString());
      await put(current(), bucket, 'small', '0123456789');
      const upload = await begin('a');
      const place = (key: string) => ({ place: { bucket, key } });
      const one = await current().copyPart(upload, 1, place('large'));
      const two = await current().copyPart(upload, 2, { ...place('large'), range: { first: 1, last: FIVE_MIB - 1 } });
      const three = await current().copyPart(upload, 3, { ...place('small'), range: { first: 2, last: 4 } });
      expect([one.size, two.size, three.size]).toEqual([FIVE_MIB, FIVE_MIB - 1, 3]);
      const md5s = [LARGE, LARGE.subarray(1, FIVE_MIB), '234'].map((text) =>
        createHash('md5').update(text).digest('hex'),
      );
      expect([one.etag, two.etag, three.etag]).toEqual(md5s);
      const beyond = current().copyPart(upload, 4, { ...place('small'), range: { first: 2, last: 10 } });
      expect(await code(beyond)).toBe('blob.invalid_range');
      expect(await code(complete(upload, [one, two, three]))).toBe('blob.entity_too_small');
      await complete(upload, [one, three]);
      await current().deleteObject({ bucket, key: 'large' });
      const { body } = await current().getObject({ bucket, key: 'a' });
      expect((await bytes(body)).equals(Buffer.concat([LARGE, Buffer.from('234')]))).toBe(true);
      const summed = await begin('b', { checksum: { algorithm: 'SHA1', type: 'COMPOSITE' } });
      const again = await current().copyPart(summed, 1, { ...place('a'), range: { first: 3, last: FIVE_MIB + 1 } });
      const value = createHash('sha1').update(LARGE.subarray(3)).update('23').digest('base64');
      expect(again.checksum?.value).toBe(value);
    });

    test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
      'have the %s of the whole out of those of the parts',
      async (algorithm) => {
        const sumOf = (...pieces: Uint8Array[]) => {
          const sum = createChecksum(algorithm);
          for (const piece of pieces) sum.update(piece);
          return sum.digest().toString('base64');
        };
        const upload = await begin('a', { checksum: { algorithm, type: 'FULL_OBJECT' } });
        const tail = Buffer.from('tail');
        const parts = [];
        for (const [index, body] of [LARGE, tail].entries()) {
          const checksum = () => ({ algorithm, value: sumOf(body), type: 'FULL_OBJECT' as const });
          parts.push(await current().uploadPart(upload, index + 1, bodyOf(body), { checksum }));
        }
        const named = parts.map(({ partNumber, etag, checksum }) => ({
          partNumber,
          etag,
          checksum: checksum?.value ?? '',
        }));
        const value = sumOf(LARGE, tail);
        const wrong = { algorithm, value: sumOf(tail) };
        expect(await code(current().completeUpload(upload, { parts: named, checksum: wrong }))).toBe('blob.bad_digest');
        await current().completeUpload(upload, { parts: named, checksum: { algorithm, value } });
        const { stat } = await current().statObject({ bucket, key: 'a' });
        expect(stat.checksum).toEqual({ algorithm, value, type: 'FULL_OBJECT' });
      },
    );

    test('have a checksum of checksums where they are of hashes', async () => {
      const upload = await begin('a', { checksum: { algorithm: 'SHA256', type: 'COMPOSITE' } });
      const hash = createHash('sha256').update('only').digest();
      const checksum = () => ({ algorithm: 'SHA256', value: hash.toString('base64'), type: 'FULL_OBJECT' }) as const;
      const { partNumber, etag } = await current().uploadPart(upload, 1, bodyOf('only'), { checksum });
      await current().completeUpload(upload, {
        parts: [{ partNumber, etag, checksum: hash.toString('base64') }],
      });
      const value = `${createHash('sha256').update(hash).digest('base64')}-1`;
      const { stat } = await current().statObject({ bucket, key: 'a' });
      expect(stat.checksum).toEqual({ algorithm: 'SHA256', value, type: 'COMPOSITE' });
      const ofPart = await current().statObject({ bucket, key: 'a' }, { partNumber: 1 });
      expect(ofPart.stat.checksum).toEqual({ ...checksum(), type: 'COMPOSITE' });
      const { stat: read } = await current().getObject({ bucket, key: 'a' }, { partNumber: 1 });
      expect(read.checksum).toEqual(ofPart.stat.checksum);
    });

    test('have one winner where several complete and one aborts', async () => {
      const upload = await begin('a');
      const one = await part(upload, 1, 'x');
      const ends = [complete(upload, [one]), current().abortUpload(upload), part(upload, 1, 'y')];
      const codes = await Promise.all(ends.map(code));
      const stored = await code(current().statObject({ bucket, key: 'a' }));
      expect(codes[0]).toBe(stored === undefined ? undefined : 'blob.no_such_upload');
      expect((await current().listUploads(bucket, { limit: 1 })).uploads).toEqual([]);
    });
  });
}
