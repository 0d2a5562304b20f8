import { describe, expect, test } from 'vitest';
import { bucketNameProblem, checkBucketName } from '../../../../src/blocks/blob/rules/bucket-name.js';
import { judgeCopySource, judgeDelete, judgeRead, judgeWrite } from '../../../../src/blocks/blob/rules/conditions.js';
import { checkKey } from '../../../../src/blocks/blob/rules/key.js';
import { checkMetadata } from '../../../../src/blocks/blob/rules/metadata.js';
import { makeOpaqueId, numberOfOpaqueId } from '../../../../src/blocks/blob/rules/opaque-id.js';
import { checkTags, MOST_BUCKET_TAGS } from '../../../../src/blocks/blob/rules/tags.js';
import { DsError } from '../../../../src/platform/errors.js';

function codeOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof DsError) return error.code;
    throw error;
  }
}

describe('the name of a bucket', () => {
  test.each(['abc', '0-9', 'my.bucket', 'a1.b2.c3', '1.2.3', 'a'.repeat(63), 'a--b'])('can be %s', (name) => {
    expect(bucketNameProblem(name)).toBeUndefined();
  });

  test.each([
    ...['', 'ab', 'a'.repeat(64), 'Abc', 'a_b', '-ab', 'ab-', '.ab', 'ab.', 'a..b', 'a.-b', 'a-.b', 'a b', 'ü-bucket'],
    ...[
      '192.168.5.4',
      'xn--abc',
      'sthree-abc',
      'amzn-s3-demo-x',
      'abc-s3alias',
      'abc--ol-s3',
      'abc--x-s3',
      'a/b',
      '../',
    ],
  ])('cannot be «%s»', (name) => {
    expect(codeOf(() => checkBucketName(name))).toBe('blob.invalid_bucket_name');
  });
});

describe('a key', () => {
  test('has 1 to 1,024 bytes of UTF-8, whatever they are', () => {
    for (const key of ['a', '\0', '\n', '/', 'é'.repeat(512), '🎈'.repeat(256)])
      expect(codeOf(() => checkKey(key))).toBeUndefined();
    for (const key of ['', 'a'.repeat(1025), 'é'.repeat(513), '🎈'.repeat(257), 'a\ud800', '\udc00b'])
      expect(codeOf(() => checkKey(key))).toBe('blob.invalid_key');
  });
});

describe('tags', () => {
  test('are few, short, and of certain characters', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'v']));
    expect(codeOf(() => checkTags(many(10)))).toBeUndefined();
    expect(codeOf(() => checkTags(many(11)))).toBe('blob.invalid_tag');
    expect(codeOf(() => checkTags(many(50), MOST_BUCKET_TAGS))).toBeUndefined();
    expect(codeOf(() => checkTags({ ['é'.repeat(128)]: 'ü'.repeat(256) }))).toBeUndefined();
    expect(codeOf(() => checkTags({ 'a b_.:/=+-@': '' }))).toBeUndefined();
    const wrong = [
      { '': 'x' },
      { ['a'.repeat(129)]: '' },
      { a: 'x'.repeat(257) },
      { 'aws:x': '' },
      { a: '<' },
      { 'a\n': '' },
    ];
    for (const tags of wrong) expect(codeOf(() => checkTags(tags))).toBe('blob.invalid_tag');
  });
});

describe('metadata', () => {
  test('has names that a header can have, and 2 KB in all', () => {
    expect(codeOf(() => checkMetadata({ 'a-b.c_1': 'ü', ['__proto__']: 'x' }))).toBeUndefined();
    expect(codeOf(() => checkMetadata({ a: 'x'.repeat(1023), b: 'y'.repeat(1023) }))).toBeUndefined();
    expect(codeOf(() => checkMetadata({ a: 'x'.repeat(1023), b: 'y'.repeat(1024) }))).toBe('blob.metadata_too_large');
    for (const name of ['', 'A', 'a b', 'a:b', 'a\r\nb'])
      expect(codeOf(() => checkMetadata({ [name]: '' }))).toBe('blob.invalid_argument');
  });
});

describe('conditions', () => {
  const judged = { etag: 'aa', size: 5, modifiedAt: 10_500 };

  test('on a write are about the current version', () => {
    const write = (conditions: Parameters<typeof judgeWrite>[0], current?: typeof judged) =>
      codeOf(() => judgeWrite(conditions, current, 'key'));
    expect(write(undefined)).toBeUndefined();
    expect(write({ ifMatch: ['*'] })).toBe('blob.no_such_key');
    expect(write({ ifMatch: ['*'] }, judged)).toBeUndefined();
    expect(write({ ifMatch: ['bb', 'aa'] }, judged)).toBeUndefined();
    expect(write({ ifMatch: ['bb'] }, judged)).toBe('blob.precondition_failed');
    expect(write({ ifNoneMatch: ['*'] })).toBeUndefined();
    expect(write({ ifNoneMatch: ['*'] }, judged)).toBe('blob.precondition_failed');
    expect(write({ ifNoneMatch: ['bb'] }, judged)).toBeUndefined();
    expect(write({ ifNoneMatch: ['bb', 'aa'] }, judged)).toBe('blob.precondition_failed');
  });

  test('on a delete have a date and a size, and let nothing be deleted', () => {
    const remove = (conditions: Parameters<typeof judgeDelete>[0], current?: typeof judged) =>
      codeOf(() => judgeDelete(conditions, current));
    expect(remove({ ifMatch: ['bb'] })).toBeUndefined();
    expect(remove({ ifMatch: ['bb'] }, judged)).toBe('blob.precondition_failed');
    expect(remove({ ifSize: 5, ifModifiedAt: 10_000 }, judged)).toBeUndefined();
    expect(remove({ ifSize: 6 }, judged)).toBe('blob.precondition_failed');
    expect(remove({ ifModifiedAt: 9_999 }, judged)).toBe('blob.precondition_failed');
  });

  test('on a read are weighed as RFC 9110, section 13.2.2 says; dates by the second', () => {
    const read = (conditions: Parameters<typeof judgeRead>[0]) => codeOf(() => judgeRead(conditions, judged));
    expect(read({ ifUnmodifiedSince: 10_000 })).toBeUndefined();
    expect(read({ ifUnmodifiedSince: 9_999 })).toBe('blob.precondition_failed');
    expect(read({ ifMatch: ['aa'], ifUnmodifiedSince: 0 })).toBeUndefined();
    expect(read({ ifModifiedSince: 10_000 })).toBe('blob.not_modified');
    expect(read({ ifModifiedSince: 9_999 })).toBeUndefined();
    expect(read({ ifNoneMatch: ['bb'], ifModifiedSince: 10_000 })).toBeUndefined();
    expect(read({ ifMatch: ['bb'], ifNoneMatch: ['aa'] })).toBe('blob.precondition_failed');
  });

  test('on the source of a copy always end in «precondition failed»', () => {
    const copy = (conditions: Parameters<typeof judgeCopySource>[0]) =>
      codeOf(() => judgeCopySource(conditions, judged));
    expect(copy({ ifNoneMatch: ['aa'] })).toBe('blob.precondition_failed');
    expect(copy({ ifModifiedSince: 10_000 })).toBe('blob.precondition_failed');
    expect(
      copy({ ifMatch: ['aa'], ifUnmodifiedSince: 0, ifNoneMatch: ['bb'], ifModifiedSince: 99_999 }),
    ).toBeUndefined();
  });
});

test('an opaque identifier knows its number, and nothing else is one', () => {
  const random = { bytes: (length: number) => new Uint8Array(length).fill(255) };
  expect(makeOpaqueId(1234, random)).toBe('0000000004d2ffffffffffffffffffff');
  expect(numberOfOpaqueId(makeOpaqueId(2 ** 48 - 1, random))).toBe(2 ** 48 - 1);
  for (const id of ['', 'null', '1234', 'G'.repeat(32), 'A'.repeat(32), `${'0'.repeat(32)}\n`])
    expect(numberOfOpaqueId(id)).toBeUndefined();
});
