/** Which files a pattern stands for, on a real disk with what lies in wait there. */
import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import type { Disk } from '../../../../../src/blocks/log/agent/sources/files/disk.js';
import { expandBraces, matchesSegment } from '../../../../../src/blocks/log/agent/sources/files/glob.js';
import { Listing } from '../../../../../src/blocks/log/agent/sources/files/listing.js';
import { nodeDisk } from '../../../../../src/blocks/log/agent/sources/files/node-disk.js';
import { temporaryFolder } from '../../../../helpers/temporary-folder.js';

function folderWith(...files: readonly string[]): string {
  const folder = realpathSync(temporaryFolder());
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), `${file}\n`);
  }
  return folder;
}

function list(folder: string, patterns: readonly string[], disk: Disk = nodeDisk) {
  const { sightings, troubles } = new Listing(
    disk,
    patterns.map((pattern) => join(folder, pattern)),
  ).list([]);
  const names = (paths: Iterable<string>) => [...paths].map((path) => relative(folder, path)).sort();
  return { files: names(sightings.map(({ path }) => path)), troubles: names(troubles.keys()) };
}

test('links to files are followed, loops of links are not entered, and one file by two links is one', () => {
  const folder = folderWith('a/one.log', 'b/c/two.log', 'b/.hidden.log', 'elsewhere');
  symlinkSync('..', join(folder, 'b/c/up'));
  symlinkSync(join(folder, 'b'), join(folder, 'a/b'));
  symlinkSync('itself.log', join(folder, 'a/itself.log'));
  symlinkSync('../elsewhere', join(folder, 'a/link.log'));
  symlinkSync('nowhere', join(folder, 'a/dangling.log'));
  expect(list(folder, ['**/*.log'])).toEqual({
    files: ['a/one.log', 'b/c/two.log', 'elsewhere'],
    troubles: ['a/itself.log'],
  });
  expect(list(folder, ['a/link.log', 'elsewhere'])).toEqual({ files: ['elsewhere'], troubles: [] });
});

test('what is no file is told where it is named, passed over where it is matched, and never opened to wait', () => {
  const folder = folderWith('app.log', 'folder.log/inner');
  expect(spawnSync('mkfifo', [join(folder, 'fifo.log')]).status).toBe(0);
  expect(list(folder, ['*.log'])).toEqual({ files: ['app.log'], troubles: [] });
  expect(list(folder, ['fifo.log', 'folder.log', 'absent.log'])).toEqual({
    files: [],
    troubles: ['fifo.log', 'folder.log'],
  });
  nodeDisk.open(join(folder, 'fifo.log'))?.close();
});

test('a folder that cannot be read is told, and the others are read', () => {
  const folder = folderWith('good/a.log', 'bad/b.log');
  const refusing: Disk = {
    ...nodeDisk,
    list(path) {
      if (path === join(folder, 'bad')) throw new Error('EACCES: permission denied');
      return nodeDisk.list(path);
    },
  };
  expect(list(folder, ['*/*.log'], refusing)).toEqual({ files: ['good/a.log'], troubles: ['bad'] });
});

test('rotated forms lie beside; names that only look alike do not; hard links are one inode', () => {
  const folder = folderWith('app.log', 'app.log.1', 'app.log.2.gz', 'app.log-20261126', 'app.log.swp', 'other.log.1');
  const { files } = list(folder, ['app.log']);
  expect(files).toEqual(['app.log', 'app.log-20261126', 'app.log.1', 'app.log.2.gz']);
  linkSync(join(folder, 'app.log'), join(folder, 'hard.log'));
  const listed = new Listing(nodeDisk, [join(folder, '{app,hard}.log')]).list([]);
  const inodes = listed.sightings.filter(({ patterns }) => patterns.length > 0).map(({ stat }) => stat.inode);
  expect(inodes).toHaveLength(2);
  expect(new Set(inodes).size).toBe(1);
});

test('patterns: sets, ranges, braces within bounds; a pattern that would explode does not', () => {
  expect(['a1.log', 'b1.log', 'c.log'].filter((name) => matchesSegment('[a-b]?.log', name))).toEqual([
    'a1.log',
    'b1.log',
  ]);
  expect(matchesSegment('[!a]*', 'a.log')).toBe(false);
  expect(matchesSegment(`${'*a'.repeat(200)}b`, 'a'.repeat(4000))).toBe(false);
  expect(expandBraces('/l/{a,b}.{log,txt}').sort()).toEqual(['/l/a.log', '/l/a.txt', '/l/b.log', '/l/b.txt']);
  expect(() => expandBraces('{a,b}'.repeat(9))).toThrow(expect.objectContaining({ code: 'log.bad_glob' }));
});
