import { expect, test } from 'vitest';
import { usage } from '../../../../src/blocks/blob/bulk.js';
import {
  readChecksumAlgorithm,
  readConditionFlags,
  readObjectFlags,
  readRangeFlag,
} from '../../../../src/blocks/blob/typed/object.js';
import { isTypedFolder, readBucket, readBucketPrefix, readPlace } from '../../../../src/blocks/blob/typed/place.js';
import { openTestStore } from '../store/open-test-store.js';

test('a key is all that comes after the first slash, as it stands', () => {
  for (const key of ['a', 'a/', '/a', '//', '../b', 's3://x/y', 'ü\n']) {
    expect(readPlace(`photos/${key}`)).toEqual({ bucket: 'photos', key });
    expect(readPlace(`s3://photos/${key}`)).toEqual({ bucket: 'photos', key });
  }
  expect(readBucketPrefix('photos')).toEqual({ bucket: 'photos', prefix: '' });
  expect(readBucket('s3://photos/')).toBe('photos');
  for (const typed of ['photos', 'photos/', 's3://photos/']) {
    expect(() => readPlace(typed)).toThrow(expect.objectContaining({ code: 'blob.invalid_key' }));
  }
  for (const typed of ['', '/', 's3://', '/photos/a']) {
    expect(() => readPlace(typed)).toThrow(expect.objectContaining({ code: 'blob.invalid_bucket_name' }));
  }
  expect(() => readBucket('photos/a')).toThrow(expect.objectContaining({ code: 'blob.invalid_bucket_name' }));
  expect(['.', './a', '../a', '/a', 'a/b', 's3://a'].map(isTypedFolder)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('flags of objects are read strictly', () => {
  expect(readObjectFlags({ metadata: ['X-Y=a=b'], tag: ['__proto__=v'] })).toMatchObject({
    metadata: { 'x-y': 'a=b' },
  });
  expect(Object.entries(readObjectFlags({ tag: ['__proto__=v'] }).tags ?? {})).toEqual([['__proto__', 'v']]);
  expect(readConditionFlags({ 'if-match': ['"abc"', 'def'] })).toEqual({ ifMatch: ['abc', 'def'] });
  expect(readConditionFlags({})).toBeUndefined();
  expect(['0-9', 'bytes=5-', '-5'].map(readRangeFlag)).toEqual([{ first: 0, last: 9 }, { first: 5 }, { suffix: 5 }]);
  const bad = expect.objectContaining({ code: 'blob.invalid_argument' });
  for (const range of ['-', '', '9-1', 'a-b', '1-2,4-5']) expect(() => readRangeFlag(range)).toThrow(bad);
  expect(['crc64nvme', 'SHA256'].map(readChecksumAlgorithm)).toEqual(['CRC64NVME', 'SHA256']);
  expect(() => readChecksumAlgorithm('md5')).toThrow(
    expect.objectContaining({ code: 'blob.invalid_argument', hint: expect.stringContaining('ETag') }),
  );
  for (const metadata of [['x'], ['=v'], ['a=1', 'A=2']]) expect(() => readObjectFlags({ metadata })).toThrow(bad);
});

test('what is below each prefix is summed up, level by level', async () => {
  const { store } = openTestStore();
  await store.createBucket('photos');
  for (const [key, size] of [
    ['a/b/1', 1],
    ['a/b/2', 2],
    ['a/c', 4],
    ['a', 8],
    ['b//x', 16],
  ] as const) {
    await store.putObject(
      { bucket: 'photos', key },
      (async function* () {
        yield new Uint8Array(size);
      })(),
    );
  }
  const rows = async (prefix: string, depth: number) => {
    const found: string[] = [];
    const query = { bucket: 'photos', prefix, depth, versions: false };
    for await (const row of usage(store, query)) found.push(`${row.prefix} ${row.objects} ${row.bytes}`);
    return found;
  };
  expect(await rows('', 0)).toEqual([' 5 31']);
  expect(await rows('', 1)).toEqual(['a/ 3 7', 'b/ 1 16', ' 5 31']);
  expect(await rows('', 9)).toEqual(['a/b/ 2 3', 'a/ 3 7', 'b// 1 16', 'b/ 1 16', ' 5 31']);
  expect(await rows('a/', 1)).toEqual(['a/b/ 2 3', 'a/ 3 7']);
});
