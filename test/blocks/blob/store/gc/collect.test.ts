import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reserveFile } from '../../../../../src/blocks/blob/store/reserve.js';
import { collect, countOf, type OpenedContents, openTestContents, piecesOf, put } from '../open-contents.js';

const graceMs = 60_000;

function storedBytes({ folder }: OpenedContents): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Rows agree with each other: counts of chunks with manifests and holds, live bytes of packs with chunks. */
function expectSound({ store }: OpenedContents): void {
  const packs = store.read(() =>
    store
      .statement<[], { live_bytes: number; sum: number }>(
        'SELECT live_bytes, (SELECT coalesce(sum(stored_length), 0) FROM chunk WHERE pack_id = pack.id) AS sum FROM pack',
      )
      .all(),
  );
  for (const { live_bytes, sum } of packs) expect(live_bytes).toBe(sum);
  expect(countOf(store, 'chunk WHERE refs <= 0')).toBe(0);
}

test.each([false, true])(
  'what nobody refers to is freed after the grace, the rest stays (thread: %s)',
  async (thread) => {
    const opened = openTestContents({ thread });
    const { store, contents, clock } = opened;
    const kept = randomBytes(2_000_000);
    const first = await put(opened, randomBytes(3_000_000));
    const keptId = await put(opened, kept);
    const ids = [first, await put(opened, randomBytes(3_000_000))];
    store.write(() => {
      for (const id of ids) contents.release(id);
    });
    expect((await contents.gc({ graceMs })).contents).toBe(0);
    clock.step(-3_600_000);
    expect((await contents.gc({ graceMs })).contents).toBe(0);
    clock.step(3_600_000);
    clock.advance(graceMs);
    const before = storedBytes(opened);
    const result = await contents.gc({ graceMs });
    expect(result).toMatchObject({ contents: 2, packs: 1, rewritten: 1, damagedPacks: 0 });
    expect(storedBytes(opened)).toBe(2_000_000);
    expect(result.freedBytes).toBe(before - 2_000_000);
    expect(countOf(store, 'content')).toBe(1);
    expectSound(opened);
    expect((await collect(contents.read(keptId, undefined))).equals(kept)).toBe(true);
    store.write(() => contents.release(keptId));
    expect(await contents.gc({ graceMs: 0 })).toMatchObject({ contents: 1, packs: 1, rewritten: 0 });
    expect(storedBytes(opened)).toBe(0);
    expect(countOf(store, 'pack')).toBe(0);
    const again = await put(opened, kept);
    expect((await collect(contents.read(again, undefined))).equals(kept)).toBe(true);
  },
);

test('a reader keeps its content, and one whose pack is rewritten reads on', async () => {
  const opened = openTestContents({ fullBytes: 4_000_000 });
  const { store, contents } = opened;
  const bytes = randomBytes(3_000_000);
  const garbage = await put(opened, randomBytes(2_000_000));
  const id = await put(opened, bytes.subarray(0, 1_800_000));
  const released = await put(opened, bytes);
  const body = contents.read(id, undefined)[Symbol.asyncIterator]();
  const gone = contents.read(released, undefined)[Symbol.asyncIterator]();
  const unread = contents.read(released, undefined)[Symbol.asyncIterator]();
  const pieces = [Buffer.from((await body.next()).value)];
  store.write(() => {
    contents.release(garbage);
    contents.release(released);
  });
  const result = await contents.gc({ graceMs: 0 });
  expect(result).toMatchObject({ contents: 1, rewritten: 1 });
  for (let next = await body.next(); next.done !== true; next = await body.next()) pieces.push(Buffer.from(next.value));
  expect(Buffer.concat(pieces).equals(bytes.subarray(0, 1_800_000))).toBe(true);
  await gone.next();
  await gone.return?.();
  expect((await contents.gc({ graceMs: 0 })).contents).toBe(0);
  await unread.return?.();
  expect((await contents.gc({ graceMs: 0 })).contents).toBe(1);
  expectSound(opened);
});

test('a pack is cut where garbage is at its end, and rewritten in little room from the end on', async () => {
  const opened = openTestContents();
  const { store, contents } = opened;
  const bodies = Array.from({ length: 12 }, () => randomBytes(2_000_000));
  const ids: number[] = [];
  for (const bytes of bodies) ids.push(await put(opened, bytes));
  const release = (...indexes: readonly number[]) =>
    store.write(() => {
      for (const index of indexes) contents.release(ids[index] ?? 0);
    });
  release(8, 9, 10, 11);
  // It is sealed only where it is mostly garbage, or its process has let go of it.
  store.write(() => store.statement<[]>('UPDATE pack SET writer_id = NULL, sealed = 1').run());
  expect(await contents.gc({ graceMs: 0 })).toMatchObject({ packs: 0, rewritten: 0, freedBytes: 8_000_000 });
  expect(storedBytes(opened)).toBe(16_000_000);

  release(0, 1, 2, 4, 6);
  let most = 0;
  const look = () => {
    most = Math.max(most, storedBytes(opened));
  };
  const result = await contents.gc({ graceMs: 0, onProgress: look });
  expect(result).toMatchObject({ packs: 1, rewritten: 1, freedBytes: 10_000_000 });
  expect(storedBytes(opened)).toBe(6_000_000);
  expect(most).toBe(16_000_000);
  expectSound(opened);
  for (const index of [3, 5, 7])
    expect((await collect(contents.read(ids[index] ?? 0, undefined))).equals(bodies[index] ?? Buffer.of())).toBe(true);
});

test('where room is wanted, little garbage is collected, too', async () => {
  const opened = openTestContents();
  const { store, contents } = opened;
  const garbage = await put(opened, randomBytes(1_200_000));
  const kept = randomBytes(5_000_000);
  const id = await put(opened, kept);
  store.write(() => contents.release(garbage));
  expect(await contents.gc({ graceMs: 0 })).toMatchObject({ contents: 1, freedBytes: 0 });
  const reserve = reserveFile(store.path);
  expect(statSync(reserve).size).toBeGreaterThan(0);
  truncateSync(reserve, 0);
  expect(await contents.gc({ graceMs: 0 })).toMatchObject({ rewritten: 1, freedBytes: 1_200_000 });
  expect(storedBytes(opened)).toBe(5_000_000);
  expect(statSync(reserve).size).toBeGreaterThan(0);
  expect((await collect(contents.read(id, undefined))).equals(kept)).toBe(true);
  expectSound(opened);
});

test('an upload keeps the chunks that it found, though their content goes before it ends', async () => {
  const opened = openTestContents();
  const { store, contents } = opened;
  const bytes = randomBytes(2_500_000);
  const first = await put(opened, bytes);
  const staged = await contents.stage(piecesOf(bytes));
  const abandoned = await contents.stage(piecesOf(bytes));
  expect(countOf(store, 'hold')).toBeGreaterThan(2);
  store.write(() => contents.release(first));
  expect(await contents.gc({ graceMs: 0 })).toMatchObject({ contents: 1, chunks: 0, packs: 0 });
  expect(() =>
    store.write(() => {
      contents.add(abandoned);
      throw new Error('the condition does not hold');
    }),
  ).toThrow('does not hold');
  contents.discard(abandoned);
  const second = store.write(() => contents.add(staged));
  contents.discard(staged);
  expect((await collect(contents.read(second, undefined))).equals(bytes)).toBe(true);
  await contents.gc({ graceMs: 0 });
  expect(countOf(store, 'hold')).toBe(0);
  store.write(() => contents.release(second));
  await contents.gc({ graceMs: 0 });
  expect(countOf(store, 'chunk')).toBe(0);
});

test('deletes, uploads of the same bytes and gc at once lose nothing', async () => {
  const opened = openTestContents({ fullBytes: 3_000_000 });
  const { store, contents } = opened;
  const sources = Array.from({ length: 4 }, () => randomBytes(700_000));
  let ended = false;
  const live: { id: number; bytes: Buffer }[] = [];
  const work = async (worker: number) => {
    for (let i = 0; i < 12; i++) {
      const bytes = Buffer.concat([sources[(i + worker) % 4] ?? Buffer.of(), sources[(i * worker) % 4] ?? Buffer.of()]);
      const id = await put(opened, bytes);
      if (i % 4 === 3) live.push({ id, bytes });
      else store.write(() => contents.release(id));
    }
  };
  const collecting = (async () => {
    while (!ended) await contents.gc({ graceMs: 0 });
  })();
  await Promise.all([work(1), work(2), work(3)]);
  ended = true;
  await collecting;
  for (const { id, bytes } of live) expect((await collect(contents.read(id, undefined))).equals(bytes)).toBe(true);
  expectSound(opened);
  store.write(() => {
    for (const { id } of live) contents.release(id);
  });
  await contents.gc({ graceMs: 0 });
  expect(countOf(store, 'chunk')).toBe(0);
  expect(storedBytes(opened)).toBe(0);
});

test('what a dead process has left is taken over: its packs are sealed, its holds let go of', async () => {
  const opened = openTestContents();
  const { store, contents, folder, clock } = opened;
  const bytes = randomBytes(1_000_000);
  const id = await put(opened, bytes);
  const staged = await contents.stage(piecesOf(bytes));
  const fresh = await contents.stage(piecesOf(randomBytes(400_000)));
  // As if this process had been another one, which is gone.
  store.write(() => store.statement<[]>("UPDATE writer SET identity = 'boot:1'").run());
  expect(await contents.gc({ graceMs: 0 })).toMatchObject({ deadWriters: 1 });
  expect(countOf(store, 'hold')).toBe(0);
  for (const lost of [staged, fresh])
    expect(() => store.write(() => contents.add(lost))).toThrow(expect.objectContaining({ code: 'blob.conflict' }));
  contents.discard(staged);
  contents.discard(fresh);
  const other = await put(opened, Buffer.concat([randomBytes(300_000), bytes]));
  expect((await collect(contents.read(other, { first: 300_000, last: 1_299_999 }))).equals(bytes)).toBe(true);
  expect((await collect(contents.read(id, undefined))).equals(bytes)).toBe(true);
  expect(countOf(store, 'pack WHERE sealed = 1')).toBe(1);
  expectSound(opened);

  const stray = join(folder, `pack-${'0'.repeat(32)}.pack`);
  const foreign = join(folder, 'notes.txt');
  for (const path of [stray, foreign]) writeFileSync(path, 'left by a crash');
  utimesSync(foreign, 1000, 1000);
  utimesSync(stray, clock.now() / 1000, clock.now() / 1000);
  await contents.gc({ graceMs: 0 });
  expect(existsSync(stray)).toBe(true);
  utimesSync(stray, 1000, 1000);
  await contents.gc({ graceMs: 0 });
  expect([existsSync(stray), existsSync(foreign)]).toEqual([false, true]);
});

test('a writer of another container is taken for dead after a day of silence only', async () => {
  const opened = openTestContents();
  const { store, contents, clock } = opened;
  await put(opened, randomBytes(100_000));
  store.write(() => store.statement<[]>("UPDATE writer SET namespace = 'pid:[1]', pid = 999999").run());
  expect((await contents.gc({ graceMs: 0 })).deadWriters).toBe(0);
  clock.advance(86_400_001);
  expect((await contents.gc({ graceMs: 0 })).deadWriters).toBe(1);
});

test('a gc that is taken for dead while it copies moves nothing to a pack that is not its own any more', async () => {
  const opened = openTestContents({ fullBytes: 40_000_000 });
  const { store, contents } = opened;
  const garbage = await put(opened, randomBytes(12_000_000));
  const kept = randomBytes(11_000_000);
  const keptId = await put(opened, kept);
  store.write(() => contents.release(garbage));
  let taken = false;
  const onProgress = () => {
    if (taken || readdirSync(opened.folder).length === 1) return;
    taken = true;
    store.write(() => {
      store.statement<[]>('DELETE FROM writer').run();
      store.statement<[]>('UPDATE pack SET sealed = 1, writer_id = NULL').run();
    });
  };
  await expect(contents.gc({ graceMs: 0, onProgress })).rejects.toMatchObject({ code: 'blob.conflict' });
  expect(taken).toBe(true);
  expectSound(opened);
  expect((await collect(contents.read(keptId, undefined))).equals(kept)).toBe(true);
  expect(await contents.gc({ graceMs: 0 })).toMatchObject({ damagedPacks: 0 });
  expect((await collect(contents.read(keptId, undefined))).equals(kept)).toBe(true);
});
