import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { insertIngested } from '../../../../../src/blocks/blob/store/contents/content-rows.js';
import { PackFlush } from '../../../../../src/blocks/blob/store/packs/pack-flush.js';
import { temporaryFolder } from '../../../../helpers/temporary-folder.js';
import { waitFor } from '../../../../helpers/wait-for.js';
import { collect, countOf, openTestContents, piecesOf, put } from '../open-contents.js';

test('a pack that was let go of is appended to, one that was cut short is not', async () => {
  const path = join(temporaryFolder(), 'blob.db');
  const bodies = Array.from({ length: 3 }, () => randomBytes(500_000));
  const ids: number[] = [];
  const live = async (bytes: Buffer) => {
    const opened = openTestContents({ path });
    ids.push(await put(opened, bytes));
    await opened.contents.close();
    expect(countOf(opened.store, 'writer')).toBe(0);
    return opened;
  };
  const [first, second, third] = bodies as [Buffer, Buffer, Buffer];
  await live(first);
  const { folder } = await live(second);
  const [pack = ''] = readdirSync(folder);
  expect(readdirSync(folder)).toEqual([pack]);
  expect(statSync(join(folder, pack)).size).toBe(1_000_000);
  truncateSync(join(folder, pack), 900_000);
  const { contents, store } = await live(third);
  expect(readdirSync(folder).length).toBe(2);
  expect(statSync(join(folder, pack)).size).toBe(900_000);
  expect(countOf(store, 'pack WHERE sealed = 1')).toBe(1);
  const [whole, cut, beside] = ids as [number, number, number];
  expect((await collect(contents.read(whole, undefined))).equals(first)).toBe(true);
  expect((await collect(contents.read(beside, undefined))).equals(third)).toBe(true);
  await expect(collect(contents.read(cut, undefined))).rejects.toEqual(
    expect.objectContaining({ code: 'blob.corrupt' }),
  );
  const { damage } = await contents.scrub();
  expect(damage.length).toBeGreaterThan(0);
  for (const found of damage)
    expect(found).toEqual({ kind: 'chunk', id: expect.any(Number), problem: expect.stringContaining('missing') });
});

test('two writers append to packs of their own', async () => {
  const path = join(temporaryFolder(), 'blob.db');
  const [one, other] = [openTestContents({ path }), openTestContents({ path })];
  const bytes = randomBytes(1_000_000);
  const ids = [await put(one, bytes), await put(other, randomBytes(300_000)), await put(other, bytes)];
  expect(readdirSync(one.folder).length).toBe(2);
  expect(countOf(one.store, 'writer')).toBe(2);
  expect((await collect(one.contents.read(ids[2] ?? 0, undefined))).equals(bytes)).toBe(true);
  expect(countOf(one.store, 'pack WHERE live_bytes = 300000')).toBe(1);
});

/** Fails after its last byte, as a body does whose checksum is not the one that was announced. */
async function* brokenOff(bytes: Uint8Array, until: Promise<void> = Promise.resolve()): AsyncGenerator<Uint8Array> {
  yield* piecesOf(bytes);
  await until;
  throw new Error('broken off');
}

test.each([false, true])('what a body has left that was given up is cut off its pack (thread: %s)', async (thread) => {
  const opened = openTestContents({ thread });
  const { store, contents, folder } = opened;
  const kept = randomBytes(1_500_000);
  const id = await put(opened, kept);
  const [pack = ''] = readdirSync(folder);
  const size = () => statSync(join(folder, pack)).size;
  expect(size()).toBe(1_500_000);
  await expect(contents.stage(brokenOff(randomBytes(3_000_000)))).rejects.toThrow('broken off');
  await waitFor(() => size() === 1_500_000);

  // Two at once, whose chunks lie among each other.
  let end = () => {};
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  const together = [
    contents.stage(brokenOff(randomBytes(5_000_000), until)),
    contents.stage(brokenOff(randomBytes(5_000_000), until)),
  ];
  await waitFor(() => size() > 8_000_000);
  end();
  for (const one of together) await expect(one).rejects.toThrow('broken off');
  await waitFor(() => size() === 1_500_000);

  const refused = await contents.stage(piecesOf(randomBytes(2_000_000)));
  contents.discard(refused);
  await waitFor(() => size() === 1_500_000);
  const after = await put(opened, randomBytes(700_000));
  expect(size()).toBe(2_200_000);
  expect((await collect(contents.read(id, undefined))).equals(kept)).toBe(true);
  expect((await collect(contents.read(after, undefined))).length).toBe(700_000);
  expect(countOf(store, 'pack')).toBe(1);
});

test('what was given up and has others after it is garbage that gc collects', async () => {
  const opened = openTestContents();
  const { contents, folder } = opened;
  const refused = await contents.stage(piecesOf(randomBytes(3_000_000)));
  const kept = randomBytes(1_000_000);
  const id = await put(opened, kept);
  contents.discard(refused);
  const stored = () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  expect(stored()).toBe(4_000_000);
  expect(await contents.gc({ graceMs: 0 })).toMatchObject({ packs: 1, rewritten: 1, freedBytes: 3_000_000 });
  expect(stored()).toBe(1_000_000);
  expect((await collect(contents.read(id, undefined))).equals(kept)).toBe(true);
});

test('rows that are there keep their bytes, though their body was given up', async () => {
  const opened = openTestContents();
  const { store, contents } = opened;
  const bytes = randomBytes(900_000);
  const staged = await contents.stage(piecesOf(bytes));
  // As a commit whose flush fails: nobody was answered, and the rows are there.
  const { content } = staged;
  if (content instanceof Uint8Array) throw new Error('it is small');
  const id = store.write(() => insertIngested(store, content));
  contents.discard(staged);
  await put(opened, randomBytes(100_000));
  expect((await collect(contents.read(id, undefined))).equals(bytes)).toBe(true);
});

test('after a flush that failed none succeeds: the bytes may be gone', async () => {
  // What cannot be flushed: EINVAL.
  const descriptor = openSync('/dev/null', 'r+');
  onTestFinished(() => closeSync(descriptor));
  const flush = new PackFlush(descriptor);
  await flush.flush();
  flush.appended(1);
  const waiting = [flush.flush(), flush.flush()];
  flush.appended(1);
  waiting.push(flush.flush());
  for (const one of waiting) await expect(one).rejects.toThrow('EINVAL');
  expect(flush.failed).toBe(true);
  await expect(flush.flush()).rejects.toThrow('EINVAL');
});

test('those who ask during a flush share the next one', async () => {
  const folder = openSync(dirname(temporaryFolder()), 'r');
  onTestFinished(() => closeSync(folder));
  const flush = new PackFlush(folder);
  flush.appended(5);
  const first = flush.flush();
  expect(flush.flush()).toBe(first);
  flush.appended(5);
  const next = flush.flush();
  expect(next).not.toBe(first);
  expect(flush.flush()).toBe(next);
  await next;
  expect(flush.unflushed).toBe(0);
  flush.appended(1);
  flush.begin();
  expect(flush.unflushed).toBe(0);
  await flush.settled();
});
