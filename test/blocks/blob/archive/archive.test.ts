import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readArchive, writeArchive } from '../../../../src/blocks/blob/archive.js';
import type { BlobStore } from '../../../../src/blocks/blob/blob-store.js';
import { openBlobStore } from '../../../../src/blocks/blob/store.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

async function withStore(use: (store: BlobStore) => Promise<void>): Promise<void> {
  const store = openBlobStore({ path: `${temporaryFolder()}/blob.db`, clock: systemClock, random: systemRandom });
  try {
    await store.createBucket('from');
    await store.createBucket('into');
    await use(store);
  } finally {
    await store.close();
  }
}

async function* pieces(...bytes: readonly Uint8Array[]) {
  yield* bytes;
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of body) parts.push(Buffer.from(piece));
  return Buffer.concat(parts);
}

function into(store: BlobStore, bytes: Uint8Array, skipped: string[] = []) {
  return readArchive(store, pieces(bytes), {
    bucket: 'into',
    prefix: '',
    onObject: () => {},
    onSkipped: (name, type) => skipped.push(`${type} ${name}`),
  });
}

const KEYS = [
  'a',
  'a/',
  'a/b',
  'a/b/1',
  '/absolute',
  '../up',
  'new\nline',
  'n\0ul',
  'ümläut 🎉',
  'k'.repeat(1024),
  '=a=b',
];

test('keys of any form, headers, metadata and tags come back as they were', async () => {
  await withStore(async (store) => {
    const large = Buffer.from(systemRandom.bytes(300_000));
    for (const key of KEYS) await store.putObject({ bucket: 'from', key }, pieces(Buffer.from(key)));
    const options = {
      headers: { contentType: 'text/x', cacheControl: 'no-cache' },
      metadata: { origin: 'a=b', more: 'ü' },
      tags: { 'k=ey': 'value' },
    };
    await store.putObject({ bucket: 'from', key: 'large' }, pieces(large), options);
    await store.putObject({ bucket: 'from', key: 'empty' }, pieces());
    const archive = await bytesOf(writeArchive(store, { bucket: 'from', prefix: '' }, () => {}));
    const skipped: string[] = [];
    expect((await into(store, archive, skipped)).objects).toBe(KEYS.length + 2);
    expect(skipped).toEqual([]);
    for (const key of KEYS) {
      expect((await bytesOf((await store.getObject({ bucket: 'into', key })).body)).toString()).toBe(key);
    }
    const read = await store.getObject({ bucket: 'into', key: 'large' });
    expect(read.stat).toMatchObject({ headers: options.headers, metadata: options.metadata, tagCount: 1 });
    expect((await bytesOf(read.body)).equals(large)).toBe(true);
    expect((await store.getTags({ bucket: 'into', key: 'large' })).tags).toEqual(options.tags);
  });
});

test('an archive that is cut off, compressed, or hostile is refused, and what is no file is left out', async () => {
  await withStore(async (store) => {
    await store.putObject({ bucket: 'from', key: 'one' }, pieces(Buffer.alloc(100_000, 1)));
    const archive = await bytesOf(writeArchive(store, { bucket: 'from', prefix: '' }, () => {}));
    const bad = expect.objectContaining({ code: 'blob.bad_archive' });
    await expect(into(store, archive.subarray(0, 50_000))).rejects.toEqual(bad);
    await expect(into(store, archive.subarray(0, archive.length - 1024))).rejects.toEqual(bad);
    const two = Buffer.concat([archive.subarray(0, archive.length - 1024), archive.subarray(0, 50_000)]);
    await expect(into(store, two)).rejects.toMatchObject({
      code: 'blob.bad_archive',
      hint: expect.stringContaining('1 file'),
    });
    await expect(into(store, gzipSync(archive))).rejects.toEqual(bad);
    await expect(into(store, Buffer.alloc(0))).rejects.toEqual(bad);
    await expect(into(store, Buffer.from('x'.repeat(5000)))).rejects.toEqual(bad);
    // A header that says to be 4 GB, and goes on.
    const huge = Buffer.from(archive.subarray(0, 512));
    huge.write('40000000000\0', 124);
    huge.write('        ', 148);
    huge.write(
      `${huge
        .subarray(0, 512)
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    let fed = 0;
    async function* endless() {
      for (yield huge; ; fed++) yield Buffer.alloc(65_536, 97);
    }
    const options = { bucket: 'into', prefix: '', onObject: () => {}, onSkipped: () => {} };
    await expect(readArchive(store, endless(), options)).rejects.toEqual(bad);
    expect(fed).toBeLessThan(20);
    // GNU tar's own: a folder, a symbolic link and a file.
    const skipped: string[] = [];
    expect(await into(store, gunzipSync(Buffer.from(GNU, 'base64')), skipped)).toEqual({ objects: 1, bytes: 6 });
    expect(skipped).toEqual(['directory d/', 'symlink d/l']);
    expect((await store.statObject({ bucket: 'into', key: 'd/f.txt' })).stat.headers.contentType).toMatch(
      /^text\/plain/,
    );
  });
});

test('a name that stands twice is the last one; what the bucket refuses ends it', async () => {
  await withStore(async (store) => {
    const { default: tar } = await import('tar-stream');
    const pack = tar.pack();
    for (const text of ['first', 'second', 'third']) pack.entry({ name: 'same' }, text);
    pack.entry({ name: 'long'.repeat(300) }, 'too long');
    pack.finalize();
    await expect(into(store, await bytesOf(pack))).rejects.toMatchObject({ code: 'blob.invalid_key' });
    expect((await bytesOf((await store.getObject({ bucket: 'into', key: 'same' })).body)).toString()).toBe('third');
  });
});

/** `tar -czf - d`, with d/f.txt and d/l -> f.txt. */
const GNU =
  'H4sIAAAAAAACA+3UOw4CIRSF4Vu7ClYgw/BajwkaCxKSEROXL6HTYrRhksn8X3MJ0B04SctwUxO977P5nn1tvJm9tc71/RijE+VlA89HvSxKyVJKXbv363ynkr6d66sOzz84t5J/+MzftOcSRE3kP9z9mnM5CQ4q6bxN/8f4f/8bY6wXNY+vpsP/fwAAAAAAAAAAAAAAsH9vaZn8ZQAoAAA=';
