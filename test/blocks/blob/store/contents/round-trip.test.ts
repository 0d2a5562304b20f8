import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LARGEST_CHUNK, SMALLEST_CHUNK } from '../../../../../src/blocks/blob/chunking/cutter.js';
import { SLAB_BYTES } from '../../../../../src/blocks/blob/store/ingest/slab-pool.js';
import { INLINE_LIMIT } from '../../../../../src/blocks/blob/store/ingest/stager.js';
import { collect, countOf, openTestContents, piecesOf, put } from '../open-contents.js';

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

describe.each([false, true])('with a thread of its own: %s', (thread) => {
  test('bodies of all sizes come back, whole and in ranges', async () => {
    const opened = openTestContents({ thread });
    const { store, contents } = opened;
    const borders = [0, 1, INLINE_LIMIT, SMALLEST_CHUNK, SLAB_BYTES, 2 * LARGEST_CHUNK];
    for (const size of borders.flatMap((border) => [border - 1, border, border + 1]).filter((n) => n >= 0)) {
      const bytes = randomBytes(size);
      const known = size % 2 === 0;
      const staged = await contents.stage(piecesOf(bytes), known ? { size } : {});
      expect([staged.size, staged.md5]).toEqual([size, md5(bytes)]);
      const id = store.write(() => contents.add(staged));
      expect((await collect(contents.read(id, undefined))).equals(bytes)).toBe(true);
      if (size === 0) continue;
      const first = Math.floor(size / 3);
      const range = { first, last: Math.floor((size - 1) / 1.5) };
      if (range.last < range.first) continue;
      expect((await collect(contents.read(id, range))).equals(bytes.subarray(first, range.last + 1))).toBe(true);
    }
    expect(countOf(store, 'inline')).toBe(7);
    expect(countOf(store, 'hold')).toBe(0);
    expect(contents.staging).toBe(0);
  });

  test('what is there already is not stored again', async () => {
    const opened = openTestContents({ thread });
    const { store, contents, folder } = opened;
    const bytes = randomBytes(3_000_000);
    const twice = Buffer.concat([bytes, bytes, randomBytes(10)]);
    const [first, second, third] = [
      await put(opened, bytes),
      await put(opened, bytes),
      await put(opened, Buffer.concat([twice])),
    ];
    for (const id of [first, second]) expect((await collect(contents.read(id, undefined))).equals(bytes)).toBe(true);
    expect((await collect(contents.read(third, undefined))).equals(twice)).toBe(true);
    const [pack = ''] = readdirSync(folder);
    // Of 12 MB: the first 3, and what lies around the seams of the third until cuts fall where they fell before.
    expect(statSync(join(folder, pack)).size).toBeLessThan(6_500_000);
    expect(statSync(join(folder, pack)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const row = store.read(() =>
      store
        .statement<[], { live: number; stored: number }>(
          'SELECT (SELECT sum(live_bytes) FROM pack) AS live, (SELECT sum(stored_length) FROM chunk) AS stored',
        )
        .get(),
    );
    expect(row?.live).toBe(row?.stored);
  });

  test('many bodies at once share little memory, and slow ones keep none from the others', async () => {
    const opened = openTestContents({ thread, mostSlabs: 4 });
    const { store, contents } = opened;
    let goOn = () => {};
    const slow = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const bodies = Array.from({ length: 8 }, () => randomBytes(900_000));
    async function* stalls(bytes: Uint8Array) {
      yield bytes.subarray(0, 300_000);
      await slow;
      yield bytes.subarray(300_000);
    }
    const late = bodies.map((bytes) => contents.stage(stalls(bytes)));
    const early = await Promise.all(bodies.map((bytes) => contents.stage(piecesOf(bytes))));
    goOn();
    for (const [i, staged] of [...early, ...(await Promise.all(late))].entries()) {
      const id = store.write(() => contents.add(staged));
      expect((await collect(contents.read(id, undefined))).equals(bodies[i % 8] ?? Buffer.of())).toBe(true);
    }
  });

  test('what cannot be written fails the body, and the next one goes on', async () => {
    const { store, contents, folder } = openTestContents({ thread });
    const bytes = randomBytes(3_000_000);
    writeFileSync(folder, 'in the way');
    const failed = [contents.stage(piecesOf(bytes)), contents.stage(piecesOf(bytes), { size: bytes.length })];
    for (const one of failed)
      await expect(one).rejects.toEqual(expect.objectContaining({ code: 'storage.cannot_open' }));
    rmSync(folder);
    const staged = await contents.stage(piecesOf(bytes));
    const id = store.write(() => contents.add(staged));
    expect((await collect(contents.read(id, undefined))).equals(bytes)).toBe(true);
  });

  test('a body that fails leaves nothing', async () => {
    const { store, contents } = openTestContents({ thread });
    const bytes = randomBytes(2_000_000);
    async function* breaks() {
      yield bytes;
      throw new Error('the client went away');
    }
    await expect(contents.stage(breaks())).rejects.toThrow('went away');
    const code = (code: string) => expect.objectContaining({ code });
    await expect(contents.stage(piecesOf(bytes), { size: 2_000_001 })).rejects.toEqual(code('blob.incomplete_body'));
    await expect(contents.stage(piecesOf(bytes), { size: 1_999_999 })).rejects.toEqual(code('blob.incomplete_body'));
    await expect(contents.stage(piecesOf(bytes), { size: 9 })).rejects.toEqual(code('blob.incomplete_body'));
    await expect(contents.stage(piecesOf(bytes), { largest: 100 })).rejects.toEqual(code('blob.entity_too_large'));
    contents.discard(await contents.stage(piecesOf(bytes)));
    await contents.close();
    for (const table of ['content', 'chunk', 'hold', 'writer'])
      expect([table, countOf(store, table)]).toEqual([table, 0]);
  });
});

test('text is stored compressed, random bytes as they are, and both are read in parts', async () => {
  const opened = openTestContents();
  const { store, contents } = opened;
  const text = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `{"line":${i},"level":"info"}\n`).join(''));
  const mixed = Buffer.concat([text, randomBytes(1_500_000), text.subarray(1)]);
  const id = await put(opened, mixed);
  expect((await collect(contents.read(id, undefined))).equals(mixed)).toBe(true);
  for (const first of [0, 100_000, text.length - 5, 2_000_000]) {
    const range = { first, last: first + 999_999 };
    expect((await collect(contents.read(id, range))).equals(mixed.subarray(first, first + 1_000_000))).toBe(true);
  }
  const codecs = store.read(() =>
    store
      .statement<[], { codec: number; share: number }>(
        'SELECT codec, sum(stored_length) * 1.0 / sum(length) AS share FROM chunk GROUP BY codec ORDER BY codec',
      )
      .all(),
  );
  expect(codecs.map(({ codec }) => codec)).toEqual([0, 1]);
  expect(codecs[1]?.share).toBeLessThan(0.9);
});

test('parts are joined and cut out of without copying a byte', async () => {
  const opened = openTestContents();
  const { store, contents, folder } = opened;
  const [a, b] = [randomBytes(1_200_000), randomBytes(700)];
  const ids = [await put(opened, a, false), await put(opened, b, false)];
  const [pack = ''] = readdirSync(folder);
  const { size } = statSync(join(folder, pack));
  const whole = Buffer.concat([a, b]);
  const parts = [
    { number: 1, size: a.length, checksum: 'AAAAAA==' },
    { number: 4, size: b.length },
  ];
  const cut = store.write(() => contents.cut(ids[0] ?? 0, { first: 1, last: 1_000_000 })) ?? 0;
  store.write(() => contents.share(ids[0] ?? 0));
  const joined = store.write(() => contents.join(ids, parts));
  expect(contents.parts(joined)).toEqual(parts);
  expect(contents.parts(cut)).toBeUndefined();
  expect((await collect(contents.read(joined, undefined))).equals(whole)).toBe(true);
  const cutAgain = store.write(() => contents.cut(cut, { first: 5, last: 1_199_999 })) ?? 0;
  expect((await collect(contents.read(cutAgain, undefined))).equals(a.subarray(6, 1_000_001))).toBe(true);
  store.write(() => contents.release(ids[0] ?? 0));
  expect(
    (await collect(contents.read(joined, { first: 1_199_999, last: 1_200_000 }))).equals(
      whole.subarray(1_199_999, 1_200_001),
    ),
  ).toBe(true);
  expect(statSync(join(folder, pack)).size).toBe(size);
  const inline = await put(opened, b);
  expect(store.write(() => contents.cut(inline, { first: 0, last: 1 }))).toBeUndefined();
  store.write(() => contents.release(inline));
  expect(countOf(store, 'inline')).toBe(0);
});
