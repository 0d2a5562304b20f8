import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openBlobStore } from '../../../../src/blocks/blob/store.js';
import {
  bucketSide,
  planSync,
  runSync,
  type SyncEvent,
  type SyncOptions,
  type SyncSide,
} from '../../../../src/blocks/blob/transfer.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { bodyOf, put, read } from '../bodies.js';

const BUCKET = 'tree';

async function setup() {
  const home = temporaryFolder();
  const store = openBlobStore({ path: join(home, 'blob.db'), clock: systemClock, random: systemRandom });
  onTestFinished(() => store.close());
  await store.createBucket(BUCKET);
  const context = { clock: systemClock, random: systemRandom, home };
  const sync = async (source: SyncSide, target: SyncSide, options: SyncOptions = {}) => {
    const events: SyncEvent[] = [];
    const onEvent = (event: SyncEvent) => events.push(event);
    const summary = await runSync(planSync(source, target, options), source, target, { onEvent }, context);
    const failures = events.flatMap((event) => (event.kind === 'failed' ? [`${event.path} ${event.error.code}`] : []));
    return { ...summary, failures: failures.sort() };
  };
  const plan = async (source: SyncSide, target: SyncSide, options: SyncOptions = {}) => {
    const steps: string[] = [];
    for await (const step of planSync(source, target, options)) {
      steps.push(`${step.action} ${step.path}${'reason' in step ? ` ${step.reason}` : ''}`);
    }
    return steps;
  };
  return { home, store, sync, plan, bucket: (prefix = '') => bucketSide(store, BUCKET, prefix) };
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const folder = (path: string): SyncSide => ({ kind: 'folder', path });

function tree(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(root.length + 1), readFileSync(path, 'utf8')]).sort());
}

describe('a folder and a bucket', () => {
  test('become alike, and a second time nothing is done', async () => {
    const { home, sync, plan, bucket, store } = await setup();
    const root = join(home, 'from');
    write(root, 'a', '1');
    write(root, 'b/c.txt', '22');
    write(root, 'b-d', '333');
    utimesSync(join(root, 'a'), 1_000_000_000.125, 1_000_000_000.125);
    await put(store, BUCKET, 'into2/other', 'x');
    const up = await sync(folder(root), bucket('into'));
    expect(up).toMatchObject({ copied: 3, copiedBytes: 6, failed: 0 });
    expect((await store.statObject({ bucket: BUCKET, key: 'into/a' })).stat.metadata).toEqual({
      mtime: '1000000000.125',
    });
    expect(await plan(folder(root), bucket('into'))).toEqual(['same a', 'same b-d', 'same b/c.txt']);
    const copy = join(home, 'deep/copy');
    expect(await sync(bucket('into'), folder(copy))).toMatchObject({ copied: 3, failed: 0 });
    expect(tree(copy)).toEqual({ a: '1', 'b-d': '333', 'b/c.txt': '22' });
    expect(statSync(join(copy, 'a')).mtimeMs).toBe(1_000_000_000_125);
    expect(await sync(bucket('into'), folder(copy))).toMatchObject({ copied: 0, same: 3 });
    expect(await sync(folder(copy), bucket('into'), { checksum: true })).toMatchObject({ copied: 0, same: 3 });
  });

  test('are compared by size, time, and checksum where that is asked for', async () => {
    const { home, sync, plan, bucket, store } = await setup();
    const root = join(home, 'from');
    for (const path of ['size', 'time', 'bytes', 'same']) write(root, path, 'old');
    await sync(folder(root), bucket());
    const kept = statSync(join(root, 'bytes'));
    write(root, 'size', 'longer');
    write(root, 'bytes', 'new');
    utimesSync(join(root, 'bytes'), kept.atime, kept.mtime);
    utimesSync(join(root, 'time'), 1, 1);
    expect(await plan(folder(root), bucket())).toEqual(['same bytes', 'same same', 'copy size size', 'copy time time']);
    expect(await plan(folder(root), bucket(), { checksum: true })).toEqual([
      'copy bytes checksum',
      'same same',
      'copy size size',
      'same time',
    ]);
    // Of one that another program has put: it is newer than the file.
    await put(store, BUCKET, 'time', 'old');
    expect(await plan(folder(root), bucket())).toContain('same time');
  });

  test('lose what only the target has, if that is asked for, and never what was left out', async () => {
    const { home, sync, bucket, store } = await setup();
    const root = join(home, 'from');
    write(root, 'a', '1');
    write(root, 'a.tmp', '1');
    for (const key of ['gone', 'keep.tmp', 'x/gone']) await put(store, BUCKET, key, key);
    expect(await sync(folder(root), bucket(), { exclude: ['*.tmp'] })).toMatchObject({ copied: 1, deleted: 0 });
    const options = { exclude: ['*.tmp'], delete: true };
    expect(await sync(folder(root), bucket(), options)).toMatchObject({ copied: 0, same: 1, deleted: 2 });
    expect((await store.listObjects(BUCKET, { limit: 9 })).objects.map(({ key }) => key)).toEqual(['a', 'keep.tmp']);
    write(root, 'extra', 'x');
    expect(await sync(bucket(), folder(root), options)).toMatchObject({ deleted: 1 });
    expect(tree(root)).toEqual({ a: '1', 'a.tmp': '1' });
  });

  test('follow no links, and nothing is deleted where a folder cannot be read', async () => {
    const { home, sync, plan, bucket, store } = await setup();
    const root = join(home, 'from');
    write(root, 'a', '1');
    symlinkSync(home, join(root, 'away'));
    symlinkSync('a', join(root, 'link'));
    linkSync(join(root, 'a'), join(root, 'hard'));
    await put(store, BUCKET, 'gone', 'x');
    expect(await plan(folder(root), bucket())).toEqual([
      'copy a new',
      'skip away symbolic_link',
      'copy hard new',
      'skip link symbolic_link',
    ]);
    // Node tells another name, under which there is nothing.
    const noText = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]);
    writeFileSync(noText, 'fine');
    expect(await sync(folder(root), bucket(), { delete: true })).toMatchObject({
      copied: 2,
      skipped: 2,
      deleted: 0,
      heldDeletions: 1,
      failures: ['f\ufffd blob.local_file'],
    });
    unlinkSync(noText);
    expect(await sync(folder(root), bucket(), { delete: true })).toMatchObject({ same: 2, deleted: 1, failed: 0 });
    await expect(sync(folder(join(home, 'none')), bucket())).rejects.toMatchObject({ code: 'blob.local_file' });
  });
});

describe('hostile keys', () => {
  test('never leave the folder; each is told, and the others are written', async () => {
    const { home, sync, bucket, store } = await setup();
    const root = join(home, 'target');
    const outside = join(home, 'outside');
    mkdirSync(root);
    mkdirSync(outside);
    symlinkSync(outside, join(root, 'linked'));
    symlinkSync(join(outside, 'file'), join(root, 'file-link'));
    const hostile = [
      '../outside/up',
      '/etc/absolute',
      './dot',
      'a//b',
      'a/../../outside/x',
      'linked/x',
      'file-link',
      'nul\0',
      'slash/',
      'x'.repeat(300),
      'file/below',
    ];
    for (const key of [...hostile, 'file', 'file-x', 'good/one', 'back\\slash', 'new\nline']) {
      await put(store, BUCKET, key, key);
    }
    await store.putObject({ bucket: BUCKET, key: 'marker/' }, bodyOf());
    const result = await sync(bucket(), folder(root));
    expect(result.failures).toEqual(hostile.map((key) => `${key} blob.unsafe_path`).sort());
    expect(result).toMatchObject({ copied: 5, skipped: 1 });
    expect(readdirSync(outside)).toEqual([]);
    expect(tree(root)).toEqual({
      'back\\slash': 'back\\slash',
      file: 'file',
      'file-x': 'file-x',
      'good/one': 'good/one',
      'new\nline': 'new\nline',
    });
    const prefixed = await sync(bucket('..'), folder(root));
    expect(prefixed).toMatchObject({ copied: 1 });
    expect(readdirSync(join(root, 'outside'))).toEqual(['up']);
  });
});

describe('two buckets', () => {
  test('of one store become alike, with what was said of the objects', async () => {
    const { store, sync, plan, bucket } = await setup();
    await store.createBucket('other');
    const other = bucketSide(store, 'other', '');
    const metadata = { colour: 'blue' };
    await store.putObject({ bucket: BUCKET, key: 'a' }, bodyOf('1'), { metadata, tags: { t: 'v' } });
    await put(store, BUCKET, '../b', '2');
    await put(store, 'other', 'c', '3');
    expect(await sync(bucket(), other, { delete: true })).toMatchObject({ copied: 2, deleted: 1 });
    expect((await store.statObject({ bucket: 'other', key: 'a' })).stat).toMatchObject({ metadata, tagCount: 1 });
    expect(await read(store, 'other', '../b')).toBe('2');
    await put(store, BUCKET, 'a', '9');
    expect(await plan(bucket(), other)).toEqual(['same ../b', 'copy a checksum']);
  });
});

test('whatever a tree is, it comes back as it was, and the second time nothing is done', async () => {
  const { home, store, sync, bucket } = await setup();
  const name = fc.oneof(
    fc.constantFrom('a', 'a-', 'a.b', 'ab', 'é', '😀', '\ufffe', ' '),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }).filter((text) => /^[^/\0.][^/\0]*$/.test(text)),
  );
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
  const files = fc.dictionary(path, fc.string({ maxLength: 20 }), { maxKeys: 12 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(files, async (wanted) => {
      run += 1;
      const from = join(home, `from-${run}`);
      const to = join(home, `to-${run}`);
      mkdirSync(from);
      mkdirSync(to);
      for (const [file, text] of Object.entries(wanted)) {
        try {
          write(from, file, text);
        } catch {
          // A file of another one's folder's name: the tree is what could be made of it.
        }
      }
      const side = bucket(`run-${run}`);
      const up = await sync(folder(from), side);
      const down = await sync(side, folder(to));
      expect(tree(to)).toEqual(tree(from));
      expect([up.failed, down.failed]).toEqual([0, 0]);
      for (const [source, target] of [
        [folder(from), side],
        [side, folder(to)],
      ] as const) {
        expect(await sync(source, target, { delete: true })).toMatchObject({ copied: 0, deleted: 0, failed: 0 });
      }
    }),
    { numRuns: 12 },
  );
  expect((await store.listObjects(BUCKET, { limit: 1 })).objects.length).toBeLessThanOrEqual(1);
});
