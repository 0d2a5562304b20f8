import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { BlobStore } from '../../../../src/blocks/blob/blob-store.js';
import { blobErrors } from '../../../../src/blocks/blob/errors.js';
import {
  copyBetween,
  findObjects,
  getFile,
  putFile,
  putStream,
  readChecked,
} from '../../../../src/blocks/blob/transfer.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { bodyOf, bytes, code, put } from '../bodies.js';
import { type ServedStore, serveStore } from '../remote/served-store.js';

const BUCKET = 'files';
const MIB = 1024 * 1024;

let served: ServedStore;
beforeAll(async () => {
  served = await serveStore();
  await served.store.createBucket(BUCKET);
});
afterAll(() => served.cleanup());

let home: string;
beforeEach(() => {
  home = temporaryFolder();
});

/** Of an attempt: what of the file was moved, and told. */
function contextOf(server: string | undefined = served.url) {
  const told: number[] = [];
  const clock = { ...systemClock, sleep: async () => undefined };
  const onProgress = ({ done }: { done: number }) => told.push(done);
  return { clock, random: systemRandom, home, server, onProgress, told };
}

/** A file of random bytes: nothing of it is anywhere else. */
function randomFile(size: number): { path: string; content: Buffer } {
  const content = randomBytes(size);
  const path = join(home, `file-${size}`);
  writeFileSync(path, content);
  return { path, content };
}

/** The store, but for what is put in place of its functions. */
function changed(change: (store: BlobStore) => Partial<BlobStore>): BlobStore {
  return { ...served.store, ...change(served.store) };
}

/** The signal comes while the request is under way that begins the upload. */
function createUploadThen(store: BlobStore, stop: () => void): BlobStore {
  return {
    ...store,
    createUpload: (...request) => {
      const answer = store.createUpload(...request);
      stop();
      return answer;
    },
  };
}

const md5 = (content: Uint8Array) => createHash('md5').update(content).digest('hex');
const lost = () => blobErrors.error('blob.unreachable', 'the cable was pulled');
const leftovers = (folder: string) => readdirSync(folder).filter((name) => name.includes('ds-part'));
const records = () => readdirSync(join(home, 'blob-transfers'));

describe('a small file', () => {
  test('goes and comes whole, with its time and its checksum, and replaces no device', async () => {
    const { path, content } = randomFile(100_000);
    const place = { bucket: BUCKET, key: 'small' };
    const result = await putFile(served.store, path, place, { keepTime: true, checksum: 'SHA256' }, contextOf());
    expect(result).toMatchObject({ etag: md5(content), size: content.length, resumedBytes: 0 });
    const target = join(home, 'target');
    const link = join(home, 'link');
    writeFileSync(target, 'old', { mode: 0o600 });
    symlinkSync(target, link);
    const context = contextOf();
    const report = await getFile(served.store, place, link, { keepTime: true }, context);
    expect(report.checked).toEqual({ algorithm: 'SHA256' });
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(Math.abs(statSync(target).mtimeMs - statSync(path).mtimeMs)).toBeLessThanOrEqual(1);
    expect(context.told.at(-1)).toBe(content.length);
    await getFile(served.store, place, '/dev/null', {}, contextOf());
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(await code(getFile(served.store, place, home, {}, contextOf()))).toBe('blob.local_file');
    expect(await code(putFile(served.store, home, place, {}, contextOf()))).toBe('blob.local_file');
    expect(await code(putFile(served.store, join(home, 'none'), place, {}, contextOf()))).toBe('blob.local_file');
  });

  test('is left as it was where what comes is cut off, or is not what is stored', async () => {
    const place = { bucket: BUCKET, key: 'bad' };
    await put(served.store, BUCKET, 'bad', 'hello');
    const target = join(home, 'target');
    writeFileSync(target, 'old');
    const withBody = (text: string, error?: Error) =>
      changed((store) => ({
        getObject: async (...request) => {
          const { body: _, ...read } = await store.getObject(...request);
          async function* body() {
            yield Buffer.from(text);
            if (error !== undefined) throw error;
          }
          await _[Symbol.asyncIterator]().return?.();
          return { ...read, body: body() };
        },
      }));
    expect(await code(getFile(withBody('hellO'), place, target, {}, contextOf()))).toBe('blob.bad_digest');
    expect(await code(getFile(withBody('he', lost()), place, target, {}, contextOf()))).toBe('blob.unreachable');
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(leftovers(home)).toEqual([]);
    const read = await readChecked(withBody('hellO'), place);
    expect(await code(bytes(read.body))).toBe('blob.bad_digest');
  });
});

describe('a large file', () => {
  const place = { bucket: BUCKET, key: 'large' };
  // Three parts.
  const SIZE = 16 * MIB + 7;

  test('goes in parts, and goes on where it was broken off', async () => {
    const { path, content } = randomFile(SIZE);
    let sent = 0;
    const broken = changed((store) => ({
      uploadPart: async (...request) => {
        sent += 1;
        if (request[1] === 2) throw lost();
        return store.uploadPart(...request);
      },
    }));
    const first = { ...contextOf(), parallel: 1 };
    expect(await code(putFile(broken, path, place, {}, first))).toBe('blob.unreachable');
    // One that came through, and four attempts.
    expect(sent).toBe(5);
    expect(records()).toHaveLength(1);
    const second = contextOf();
    const result = await putFile(served.store, path, place, { keepTime: true }, second);
    expect(result).toMatchObject({ size: SIZE, resumedBytes: 8 * MIB });
    expect(second.told.at(-1)).toBe(SIZE);
    expect(records()).toEqual([]);
    expect((await served.store.listUploads(BUCKET, { limit: 9 })).uploads).toEqual([]);
    const { stat } = await served.store.statObject(place);
    expect(stat).toMatchObject({
      size: SIZE,
      etag: expect.stringMatching(/-3$/),
      checksum: { algorithm: 'CRC32', type: 'FULL_OBJECT' },
    });
    expect((await bytes((await served.store.getObject(place)).body)).equals(content)).toBe(true);
  });

  test('leaves nothing where it was broken off before a part or a range had come', async () => {
    const { path } = randomFile(SIZE);
    const stopped = new AbortController();
    const reason = new Error('stopped');
    const store = await served.open(stopped.signal);
    onTestFinished(() => store.close());
    const begun = createUploadThen(store, () => stopped.abort(reason));
    const context = { ...contextOf(), signal: stopped.signal };
    await expect(putFile(begun, path, place, {}, context)).rejects.toBe(reason);
    expect(records()).toEqual([]);
    expect((await served.store.listUploads(BUCKET, { limit: 9 })).uploads).toEqual([]);

    await putFile(served.store, path, place, {}, contextOf());
    const target = join(home, 'copy');
    const broken = changed(() => ({ getObject: () => Promise.reject(lost()) }));
    expect(await code(getFile(broken, place, target, {}, contextOf()))).toBe('blob.unreachable');
    expect([...records(), ...leftovers(home)]).toEqual([]);
  });

  test('begins anew where it has changed since, and is not stored where it changes on the way', async () => {
    const { path } = randomFile(SIZE);
    const broken = changed((store) => ({
      uploadPart: async (...request) => (request[1] === 3 ? Promise.reject(lost()) : store.uploadPart(...request)),
    }));
    expect(await code(putFile(broken, path, place, {}, contextOf()))).toBe('blob.unreachable');
    writeFileSync(path, randomBytes(SIZE));
    const changing = changed((store) => ({
      uploadPart: async (...request) => {
        writeFileSync(path, 'x', { flag: 'a' });
        return store.uploadPart(...request);
      },
    }));
    expect(await code(putFile(changing, path, place, {}, contextOf()))).toBe('blob.local_file');
    expect((await served.store.listUploads(BUCKET, { limit: 9 })).uploads).toEqual([]);
  });

  test('comes in ranges of one version, and goes on where it was broken off', async () => {
    const { path, content } = randomFile(SIZE);
    await putFile(served.store, path, place, {}, contextOf());
    const folder = join(home, 'into');
    mkdirSync(folder);
    const target = join(folder, 'copy');
    const broken = changed((store) => ({
      getObject: async (...request) => {
        const range = request[1]?.range;
        if (range !== undefined && 'first' in range && range.first >= 8 * MIB && range.first < 16 * MIB) throw lost();
        return store.getObject(...request);
      },
    }));
    expect(await code(getFile(broken, place, target, {}, contextOf()))).toBe('blob.unreachable');
    expect(leftovers(folder)).toHaveLength(1);
    const second = contextOf();
    const report = await getFile(served.store, place, target, {}, second);
    expect(report).toMatchObject({ resumedBytes: 8 * MIB + 7, checked: { algorithm: 'CRC32' } });
    expect(second.told.at(-1)).toBe(SIZE);
    expect(readFileSync(target).equals(content)).toBe(true);
    expect([...leftovers(folder), ...records()]).toEqual([]);

    // Another object of the same key: nothing of the old one is kept.
    expect(await code(getFile(broken, place, target, {}, contextOf()))).toBe('blob.unreachable');
    const { path: other, content: newer } = randomFile(SIZE + 1);
    await putFile(served.store, other, place, {}, contextOf());
    expect((await getFile(served.store, place, target, {}, contextOf())).resumedBytes).toBe(0);
    expect(readFileSync(target).equals(newer)).toBe(true);
    expect([...leftovers(folder), ...records()]).toEqual([]);
  });

  test('is removed where it is not what is stored, whichever checksum tells', async () => {
    const { path } = randomFile(SIZE);
    const target = join(home, 'copy');
    for (const checksum of ['CRC32C', 'SHA1'] as const) {
      await putFile(served.store, path, place, { checksum }, contextOf());
      expect((await getFile(served.store, place, target, {}, contextOf())).checked).toEqual({
        algorithm: checksum,
        ...(checksum === 'SHA1' ? { parts: 3 } : {}),
      });
      const lying = changed((store) => ({
        getObject: async (where, options) => {
          const read = await store.getObject(where, options);
          async function* body() {
            for await (const piece of read.body) {
              piece[0] = (piece[0] ?? 0) ^ 1;
              yield piece;
            }
          }
          return { ...read, body: body() };
        },
      }));
      expect(await code(getFile(lying, place, target, {}, contextOf()))).toBe('blob.bad_digest');
      expect([...leftovers(home), ...records()]).toEqual([]);
    }
  });
});

test('what nobody knows the length of goes in parts as it comes', async () => {
  const place = { bucket: BUCKET, key: 'stream' };
  const piece = randomBytes(1_000_000);
  async function* long() {
    for (let count = 0; count < 19; count += 1) yield piece;
  }
  expect(await putStream(served.store, long(), place, {}, contextOf())).toMatchObject({ size: 19_000_000 });
  const { stat, body, checked } = await readChecked(served.store, place);
  expect([stat.etag.slice(-2), checked?.algorithm]).toEqual(['-3', 'CRC32']);
  expect((await bytes(body)).equals(Buffer.concat(Array.from({ length: 19 }, () => piece)))).toBe(true);
  async function* failing() {
    yield* long();
    throw new Error('the pipe broke');
  }
  await expect(putStream(served.store, failing(), { ...place, key: 'none' }, {}, contextOf())).rejects.toThrow('pipe');
  const stopping = new AbortController();
  const stopped = await served.open(stopping.signal);
  async function* endless() {
    yield* long();
    stopping.abort(new Error('enough'));
    yield* long();
  }
  await expect(putStream(stopped, endless(), { ...place, key: 'none' }, {}, contextOf())).rejects.toThrow('enough');
  await stopped.close();
  expect((await served.store.listUploads(BUCKET, { limit: 9 })).uploads).toEqual([]);
  expect(await code(served.store.statObject({ ...place, key: 'none' }))).toBe('blob.no_such_key');
});

test('objects are found by a pattern, and copied within a store and between two', async () => {
  const other = await serveStore();
  onTestFinished(() => other.cleanup());
  await other.store.createBucket('there');
  for (const key of ['p/a.jpg', 'p/b.png', 'p/q/c.jpg', 'z']) await put(served.store, BUCKET, key, key);
  const found: string[] = [];
  for await (const { key } of findObjects(served.store, BUCKET, 'p/**/*.jpg')) found.push(key);
  expect(found).toEqual(['p/a.jpg', 'p/q/c.jpg']);
  const headers = { contentType: 'text/x-own' };
  const source = { bucket: BUCKET, key: 'p/source' };
  await served.store.putObject(source, bodyOf('told'), { headers, metadata: { a: 'ü' }, tags: { t: '1' } });
  for (const [to, bucket, same] of [
    [served.store, BUCKET, true],
    [other.store, 'there', false],
  ] as const) {
    const destination = { bucket, key: 'copied' };
    await copyBetween({ from: served.store, to, same }, { source, destination }, {}, contextOf());
    expect((await to.statObject(destination)).stat).toMatchObject({ headers, metadata: { a: 'ü' }, tagCount: 1 });
    expect((await bytes((await to.getObject(destination)).body)).toString()).toBe('told');
  }
});

test('what is larger than one copy may be is copied in parts, with its checksum; nothing is left of a copy that fails', async () => {
  const { path, content } = randomFile(20 * MIB);
  const source = { bucket: BUCKET, key: 'large source' };
  const destination = { bucket: BUCKET, key: 'large copy' };
  await putFile(served.store, path, source, { metadata: { a: 'ü' }, tags: { t: 'x' } }, contextOf());
  const { stat } = await served.store.statObject(source);
  expect(stat.checksum).toMatchObject({ algorithm: 'CRC32', type: 'FULL_OBJECT' });
  const limits = { largest: 6 * MIB, part: 7 * MIB };
  let parts = 0;
  const counting = (last: number) =>
    changed((store) => ({
      copyPart: (...request) => {
        parts += 1;
        if (request[1] > last) throw blobErrors.error('blob.no_such_key', 'it is gone');
        return store.copyPart(...request);
      },
    }));
  const copy = (store: BlobStore) =>
    copyBetween({ from: store, to: store, same: true }, { source, destination }, {}, contextOf(), limits);
  expect(await code(copy(counting(2)))).toBe('blob.no_such_key');
  expect((await served.store.listUploads(BUCKET, { limit: 9 })).uploads).toEqual([]);
  parts = 0;
  await copy(counting(3));
  expect(parts).toBe(3);
  const copied = await served.store.getObject(destination);
  expect(copied.stat).toMatchObject({ checksum: stat.checksum, metadata: { a: 'ü' }, tagCount: 1 });
  expect((await bytes(copied.body)).equals(content)).toBe(true);
});
