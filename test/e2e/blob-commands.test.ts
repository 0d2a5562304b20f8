/** `ds blob` on its file: what goes in comes out, byte for byte, and what cannot be done is told. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/platform/clock.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs, runDsJson } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

function inHome() {
  const home = temporaryFolder();
  const blob = (args: readonly string[], input: string | Uint8Array = '') =>
    runDs(['blob', ...args], { home, cwd: home, input });
  const json = (...args: string[]) => runDsJson(['blob', ...args], { home, cwd: home });
  return { home, blob, json };
}

test('objects are put, listed, read, tagged and deleted', async () => {
  const { home, blob, json } = inHome();
  expect(await blob(['bucket', 'create', 'photos'])).toMatchObject({
    code: 0,
    stdout: 'photos\tcreated\n',
    stderr: '',
  });
  expect(await blob(['bucket', 'create', 'photos'])).toMatchObject({ code: 1, stdout: '' });
  const large = Buffer.from(systemRandom.bytes(3_000_000));
  writeFileSync(join(home, 'large.bin'), large);
  expect(await blob(['put', 'large.bin', 'photos/deep/'])).toMatchObject({ code: 0, stderr: '' });
  const put = ['put', '-', 'photos/a+b %2F..txt', '--metadata', 'Origin=x=y', '--tag', 'k=v'];
  put.push('--checksum-algorithm', 'crc32');
  expect((await blob(put, 'hello')).stdout).toMatch(
    /^photos\/a\+b %2F\.\.txt\t5\t5d41402abc4b2a76b9719d911017c592\t\n$/,
  );
  expect((await blob(['put', '-', 'photos/a+b %2F..txt', '--if-none-match', '*'], 'other')).code).toBe(1);

  expect((await blob(['list', 's3://photos'])).stdout.split('\n').map((line) => line.split('\t')[0])).toEqual([
    'a+b %2F..txt',
    'deep/',
    '',
  ]);
  expect(
    (await blob(['list', 'photos', '-r', '--json'])).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { key: 'a+b %2F..txt', size_bytes: 5, checksum: { algorithm: 'CRC32', type: 'FULL_OBJECT' } },
    { key: 'deep/large.bin', size_bytes: 3_000_000 },
  ]);
  expect(await json('stat', 'photos/a+b %2F..txt')).toMatchObject({
    content_type: 'text/plain; charset=utf-8',
    metadata: { origin: 'x=y' },
    tags: { k: 'v' },
  });
  expect((await blob(['cat', 'photos/a+b %2F..txt', '--range', '1-3'])).stdout).toBe('ell');
  expect(await blob(['get', 'photos/deep/large.bin', 'copy.bin'])).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(join(home, 'copy.bin')).equals(large)).toBe(true);
  expect(await json('du', 'photos')).toMatchObject({
    objects: 2,
    prefixes: [{ prefix: 'deep/', size_bytes: 3_000_000 }],
  });

  expect(await blob(['move', 'photos/deep/*.bin', 'photos/moved/'])).toMatchObject({ code: 0 });
  expect(await blob(['get', 'photos/deep/large.bin'])).toMatchObject({ code: 1 });
  expect(await blob(['delete', 'photos/', '--recursive'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('hint:  ds blob delete photos/ --recursive --yes'),
  });
  expect(await blob(['delete', 'photos/moved/*'])).toMatchObject({
    stdout: 'photos/moved/*\tabsent\t\n',
    stderr: expect.stringContaining('warning: there is no object "moved/*"; --recursive deletes'),
  });
  expect((await blob(['delete', 'photos/', '-r', '-y'])).stdout).toBe(
    'photos/a+b %2F..txt\tdeleted\t\nphotos/moved/large.bin\tdeleted\t\n',
  );
  expect((await blob(['gc', '--grace', '0'])).stdout).toMatch(/^freed_bytes\t[1-9]/);
  expect(await json('stats')).toMatchObject({ objects: 0, pack_bytes: 0, garbage_bytes: 0 });
  expect(await blob(['bucket', 'delete', 'photos'])).toMatchObject({ code: 0, stdout: 'photos\tdeleted\n' });
});

test('nothing is written outside the folder, and nothing is left of what failed', async () => {
  const { home, blob } = inHome();
  await blob(['bucket', 'create', 'evil']);
  for (const key of ['../out.txt', '/abs.txt', 'good.txt', 'link/in.txt', 'a', 'a/b']) {
    expect((await blob(['put', '-', `evil/${key}`], key)).code).toBe(0);
  }
  const folder = join(home, 'target');
  mkdirSync(folder);
  symlinkSync(home, join(folder, 'link'));
  const got = await blob(['get', 'evil/**', './target']);
  expect(got).toMatchObject({ code: 1, stderr: expect.stringContaining('../out.txt') });
  const synced = await blob(['sync', 'evil', './target']);
  expect(synced.code).toBe(1);
  expect(readdirSync(folder).sort()).toEqual(['a', 'good.txt', 'link']);
  expect(['out.txt', 'in.txt', 'abs.txt'].filter((name) => existsSync(join(home, name)))).toEqual([]);
  expect(await blob(['get', 'evil/no-such', 'new.txt'])).toMatchObject({ code: 1 });
  expect(existsSync(join(home, 'new.txt'))).toBe(false);
  expect(readdirSync(home).filter((name) => name.includes('ds-part'))).toEqual([]);
});

test('a folder and a bucket are made alike, and the second time nothing is done', async () => {
  const { home, blob } = inHome();
  mkdirSync(join(home, 'notes/sub'), { recursive: true });
  writeFileSync(join(home, 'notes/one.txt'), 'one');
  writeFileSync(join(home, 'notes/sub/two.txt'), 'two');
  await blob(['bucket', 'create', 'backup']);
  expect(await blob(['sync', 'notes', 'backup/n'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('hint:  if it is a folder: ds blob sync ./notes backup/n'),
  });
  expect(await blob(['sync', './notes', 'backup/n'])).toMatchObject({ code: 0, stderr: '' });
  expect(await blob(['sync', './notes', 'backup/n'])).toMatchObject({ code: 0, stdout: '' });
  expect((await blob(['sync', 'backup/n', './back'])).stdout.split('\n').sort().join('\n')).toBe(
    '\ncopy\tone.txt\t3\ncopy\tsub/two.txt\t3',
  );
  expect(await blob(['sync', 'backup/n', 'backup', '--delete', '-y'])).toMatchObject({ code: 2, stdout: '' });
  expect(await blob(['sync', 'backup', 'backup/n'])).toMatchObject({ code: 2, stdout: '' });
  writeFileSync(join(home, 'back/extra.txt'), 'extra');
  expect(await blob(['sync', 'backup/n', './back', '--delete'])).toMatchObject({ code: 2, stdout: '' });
  expect((await blob(['sync', 'backup/n', './back', '--delete', '--dry-run'])).stdout).toBe('delete\textra.txt\t5\n');
  expect(existsSync(join(home, 'back/extra.txt'))).toBe(true);
  expect((await blob(['sync', 'backup/n', './back', '--delete', '-y'])).stdout).toBe('delete\textra.txt\t5\n');
  expect(existsSync(join(home, 'back/extra.txt'))).toBe(false);
});

test('snapshots, versions, lifecycles, SQL and scrub tell what is there', async () => {
  const { blob, json } = inHome();
  await blob(['bucket', 'create', 'notes', '--versioning']);
  for (const text of ['first', 'second']) await blob(['put', '-', 'notes/todo'], text);
  expect((await blob(['bucket', 'snapshot', 'notes', 'monday'])).stdout).toBe('monday\t1\t6\n');
  expect(await blob(['put', '-', 'monday/todo'], 'no')).toMatchObject({ code: 1 });
  expect((await blob(['delete', 'notes/todo'])).stdout).toMatch(/^notes\/todo\tmarked\t\S+\n$/);
  expect((await blob(['get', 'notes/todo'])).stderr).toContain(
    'hint:  it was deleted; what there was before: ds blob versions notes/todo',
  );
  expect((await blob(['bucket', 'versioning', 'notes', 'on'])).stderr).toContain(
    'ds blob bucket versioning notes enabled',
  );
  expect(await blob(['copy', 'monday/todo', 'monday/todo'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('add --metadata NAME=VALUE'),
  });
  const versions = (await blob(['versions', 'notes'])).stdout.split('\n').map((line) => line.split('\t'));
  expect(versions.map(([, , state]) => state)).toEqual(['deleted', 'noncurrent', 'noncurrent', undefined]);
  expect((await blob(['cat', 'notes/todo', '--version-id', versions[2]?.[1] ?? ''])).stdout).toBe('first');
  expect(await blob(['bucket', 'diff', 'monday', 'notes'])).toMatchObject({ code: 1, stdout: '-\ttodo\t6\t\n' });
  expect(await blob(['bucket', 'clone', 'monday', 'tuesday'])).toMatchObject({ code: 0 });
  expect(await blob(['bucket', 'diff', 'monday', 'tuesday'])).toMatchObject({ code: 0, stdout: '' });

  await blob(['lifecycle', 'set', 'notes', '--noncurrent-days', '7', '--keep-versions', '1', '--prefix', 'a&<b']);
  expect(await json('lifecycle', 'show', 'notes')).toEqual({
    bucket: 'notes',
    rules: [
      {
        id: 'ds',
        enabled: true,
        filter: { prefix: 'a&<b' },
        noncurrent_expiration: { days: 7, newer_versions_kept: 1 },
      },
    ],
  });
  expect(await blob(['lifecycle', 'run', '--dry-run'])).toMatchObject({ code: 0, stdout: '' });
  expect(await blob(['lifecycle', 'run', 'tuesday'])).toMatchObject({ code: 1 });
  expect(await blob(['sql', "SELECT bucket, key, size_bytes FROM blob_objects WHERE bucket = 'monday'"])).toMatchObject(
    {
      code: 0,
      stdout: 'monday\ttodo\t6\n',
    },
  );
  for (const change of ['DELETE FROM object', 'PRAGMA journal_mode = DELETE', 'PRAGMA user_version = 9', 'VACUUM']) {
    expect(await blob(['sql', change])).toMatchObject({ code: 2, stdout: '' });
  }
  expect(await blob(['scrub'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('a damaged pack is found, with the objects that it is of', async () => {
  const { home, blob } = inHome();
  await blob(['bucket', 'create', 'photos']);
  await blob(['put', '-', 'photos/good'], 'small');
  await blob(['put', '-', 'photos/bad'], systemRandom.bytes(400_000));
  const folder = join(home, 'blob.db-packs');
  const pack = join(folder, readdirSync(folder)[0] ?? '');
  const bytes = readFileSync(pack);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  writeFileSync(pack, bytes);
  expect(await blob(['scrub'])).toMatchObject({ code: 1, stdout: 'photos\tbad\t\t\n' });
  expect(await blob(['get', 'photos/bad', 'bad.bin'])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('scrub'),
  });
  expect(existsSync(join(home, 'bad.bin'))).toBe(false);
  expect((await blob(['cat', 'photos/good'])).stdout).toBe('small');
});

test.skipIf(!hasPackages('bsdutils'))(
  'names from outside are escaped on a terminal',
  async () => {
    const { home, blob } = inHome();
    const evil = '\u001b]0;title\u0007\u001b[31mred\u202e';
    await blob(['bucket', 'create', 'evil', '--versioning']);
    await blob(['put', '-', `evil/${evil}`, '--tag', 'k=v', '--metadata', `a=${evil}`], 'text');
    const run = `'${process.execPath}' '${join(import.meta.dirname, '../../bin/run.js')}' blob`;
    const key = `"$(printf 'evil/\\033]0;title\\007\\033[31mred\\342\\200\\256')"`;
    const script = [
      ...['list evil', 'list evil --json', 'versions evil', `stat ${key}`, `tag ${key}`, 'du evil/ --depth 3'],
      ...[`copy ${key} evil/x --literal`, `get ${key} - --version-id nope`, "sql 'SELECT key FROM blob_objects'"],
      ...[
        'sync evil ./out',
        "get 'evil/**' ./out",
        `move ${key} evil/y --literal`,
        `delete ${key}`,
        'bucket snapshot evil snap',
      ],
      'bucket diff snap evil',
    ].map((args) => `${run} ${args}`);
    const env = { ...process.env, DS_HOME: home, NO_COLOR: '1', TERM: 'xterm' };
    const child = spawn('script', ['-qec', script.join('\n'), '/dev/null'], {
      env,
      cwd: home,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await once(child, 'close');
    expect(text.match(/red/g)?.length).toBeGreaterThan(10);
    const dangerous = ['\u001b]', '\u0007', '\u202e', '\u001b[31m'];
    expect(dangerous.filter((sequence) => text.includes(sequence))).toEqual([]);
  },
  40_000,
);
