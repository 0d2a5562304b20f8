import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collect, openTestContents, piecesOf, put } from '../open-contents.js';

test('nothing counts on a damaged chunk: what is put again is written again, and what shared the chunk is whole', async () => {
  const opened = openTestContents();
  const { store, contents, folder } = opened;
  const bytes = randomBytes(1_500_000);
  const first = await put(opened, bytes);
  const path = join(folder, readdirSync(folder)[0] ?? '');
  const pack = readFileSync(path);
  pack.fill(0, 700_000, 700_100);
  writeFileSync(path, pack);
  await expect(collect(contents.read(first, undefined))).rejects.toMatchObject({ code: 'blob.corrupt' });
  // Also of a part of the chunk, whatever there is in it.
  for (const range of [
    { first: 700_050, last: 700_060 },
    { first: 700_100, last: 700_100 },
  ])
    await expect(collect(contents.read(first, range))).rejects.toMatchObject({ code: 'blob.corrupt' });

  const second = await put(opened, bytes);
  expect(bytes.equals(await collect(contents.read(second, undefined)))).toBe(true);
  expect(bytes.equals(await collect(contents.read(first, undefined)))).toBe(true);
  expect(await contents.scrub()).toMatchObject({ damage: [] });
  const live = 'SELECT 1 FROM pack WHERE live_bytes <> (SELECT sum(stored_length) FROM chunk WHERE pack_id = pack.id)';
  expect(store.read(() => store.statement<[], object>(live).all())).toEqual([]);
});

test('a body is refused whose pack was moved away meanwhile, and the next one goes to a new pack', async () => {
  const opened = openTestContents();
  const { contents, folder } = opened;
  const kept = randomBytes(500_000);
  await put(opened, kept);
  renameSync(folder, `${folder}-aside`);
  const bytes = randomBytes(500_000);
  await expect(contents.stage(piecesOf(bytes))).rejects.toMatchObject({ code: 'storage.replaced' });
  expect(bytes.equals(await collect(contents.read(await put(opened, bytes), undefined)))).toBe(true);
  expect(kept.equals(await collect(contents.read(await put(opened, kept), undefined)))).toBe(true);
});
