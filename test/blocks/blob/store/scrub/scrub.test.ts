import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeManifest } from '../../../../../src/blocks/blob/store/contents/manifest.js';
import { collect, openTestContents, put } from '../open-contents.js';

/** Turns one bit of a file. */
function flipBit(path: string, offset: number): void {
  const descriptor = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, offset);
  writeSync(descriptor, Buffer.of((byte[0] ?? 0) ^ 4), 0, 1, offset);
  closeSync(descriptor);
}

test('a turned bit is found, with the objects that have it, and a scrub that was broken off goes on', async () => {
  const opened = openTestContents({ fullBytes: 2_000_000 });
  const { store, contents, folder } = opened;
  const [sound, damaged] = [await put(opened, randomBytes(1_900_000)), await put(opened, randomBytes(1_500_000))];
  const text = Buffer.from('compressible text '.repeat(20_000));
  const compressed = await put(opened, text);
  const small = [await put(opened, randomBytes(100)), await put(opened, randomBytes(200))];
  store.write(() => {
    store
      .statement<[]>(
        `INSERT INTO bucket (id, name, created_at, versioning, sequence, objects, bytes, versions, version_bytes)
         VALUES (1, 'photos', 0, 'enabled', 0, 0, 0, 0, 0)`,
      )
      .run();
    const insert = store.statement<[string, number]>(
      "INSERT INTO object (bucket_id, key, rank, version_id, content_id, size, etag, modified_at) VALUES (1, ?, 0, 'v', ?, 0, '', 0)",
    );
    for (const [key, id] of Object.entries({ sound, damaged, compressed, small: small[1] ?? 0 })) insert.run(key, id);
    const snapshot = "INSERT INTO history SELECT bucket_id, 'old', 5, 'v5', content_id, 0, '', 0, NULL FROM object";
    store.statement<[]>(`${snapshot} WHERE key = 'damaged'`).run();
  });
  const clean = await contents.scrub();
  expect(clean).toMatchObject({ resumed: false, damage: [], places: [], more: false });
  expect(clean.bytes).toBeGreaterThan(3_400_000);

  const target = store.read(() => {
    const content = store
      .statement<[number], { manifest: Uint8Array }>('SELECT manifest FROM content WHERE id = ?')
      .get(damaged);
    return store
      .statement<[number], { name: string; offset: number }>(
        'SELECT pack.name, chunk.offset FROM chunk JOIN pack ON pack.id = pack_id WHERE chunk.id = ?',
      )
      .get(decodeManifest(content?.manifest ?? Buffer.of())[2]?.chunkId ?? 0);
  });
  flipBit(join(folder, target?.name ?? ''), (target?.offset ?? 0) + 70_000);
  store.write(() =>
    store.statement<[number]>('UPDATE inline SET data = zeroblob(200) WHERE content_id = ?').run(small[1] ?? 0),
  );

  const progress: number[] = [];
  const stop = new AbortController();
  const broken = contents.scrub({ signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
  await expect(broken).rejects.toThrow('enough');
  const report = await contents.scrub({ resume: true, onProgress: ({ damaged: count }) => progress.push(count) });
  expect(report.resumed).toBe(true);
  expect(report.chunks).toBe(clean.chunks);
  expect(report.damage.map(({ kind }) => kind)).toEqual(['chunk', 'inline']);
  expect(report.places).toEqual([
    { bucket: 'photos', key: 'damaged', versionId: 'v' },
    { bucket: 'photos', key: 'old', versionId: 'v5' },
    { bucket: 'photos', key: 'small', versionId: 'v' },
  ]);
  expect(progress.length).toBeGreaterThan(0);
  const corrupt = expect.objectContaining({ code: 'blob.corrupt' });
  await expect(collect(contents.read(damaged, undefined))).rejects.toEqual(corrupt);
  expect(() => contents.read(small[1] ?? 0, undefined)).toThrow(corrupt);
  expect((await collect(contents.read(compressed, undefined))).equals(text)).toBe(true);
  expect(readdirSync(folder).length).toBe(2);
});
