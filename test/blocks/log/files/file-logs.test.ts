/** Files are asked in LogQL: real ones, compressed, rotated, unsorted, growing. */
import { appendFileSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openFileLogs } from '../../../../src/blocks/log/files/index.js';
import type { LogStore } from '../../../../src/blocks/log/log-store.js';
import { ALL_TIME } from '../../../../src/blocks/log/log-store.js';
import { nanosOf } from '../../../../src/blocks/log/nanos.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';

const time = (second: number) => new Date(Date.UTC(2026, 0, 31, 12, 0, second)).toISOString();
const at = (second: number) => nanosOf(Date.UTC(2026, 0, 31, 12, 0, second));

async function open(files: readonly string[], stdin = '') {
  const notes: string[] = [];
  const logs = await openFileLogs(files, {
    clock: systemClock,
    stdin: async function* () {
      yield Buffer.from(stdin);
    },
    onNote: (text) => notes.push(text),
  });
  return { logs, notes };
}

async function lines(store: LogStore, query: string, options: Partial<Parameters<LogStore['entries']>[0]> = {}) {
  const found: string[] = [];
  for await (const { line } of store.entries({ query, ...ALL_TIME, direction: 'forward', ...options }))
    found.push(line);
  return found;
}

test('a rotated log is one, whatever is compressed; several are merged by time, none is reordered', async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  writeFileSync(path('app.log.2.gz'), gzipSync(`${time(0)} a0\n${time(4)} a4\n`));
  // What rotated without its name.
  writeFileSync(path('app.log.1'), gzipSync(`${time(5)} a5\r\n${time(3)} late a3\n  at stack\n`));
  writeFileSync(path('app.log'), `${time(9)} a9`);
  writeFileSync(path('other.log'), `${time(1)} b1\n${time(8)} b8\n`);
  const { logs } = await open([path('*.log*')]);
  const own = (line: string) => line.replace(/^2026\S+ /, '');
  expect((await lines(logs, '{}')).map(own)).toEqual(['a0', 'b1', 'a4', 'a5', 'late a3', '  at stack', 'b8', 'a9']);
  expect(await lines(logs, '{filename=~".*other.log"} |= "b8"')).toHaveLength(1);
  expect((await lines(logs, '{}', { direction: 'backward', limit: 2 })).map(own)).toEqual(['a9', 'b8']);
  expect((await lines(logs, '{}', { start: at(3), end: at(5) })).map(own)).toEqual(['a4', 'late a3', '  at stack']);
  // A line of a stack trace has the time of what it follows, also where only lines with a text are looked at.
  expect(await lines(logs, '{} |= "stack"', { start: at(3), end: at(4) })).toEqual(['  at stack']);
  expect(await logs.labelValues('filename')).toHaveLength(4);
  expect(await logs.span()).toEqual({ start: at(0), end: at(9) + 1n });
});

test('numbers are right though lines are late, and stdin is read as often as it takes', async () => {
  const unsorted = [5, 1, 9, 3, 2].map((second) => `${time(second)} x`).join('\n');
  const { logs } = await open(['-'], unsorted);
  const query = 'sum(count_over_time({} [2s]))';
  const { result } = await logs.metric({ query, start: at(2), end: at(10), step: 2_000_000_000n });
  const series = result.kind === 'matrix' ? result.series : [];
  expect(series.map(({ values }) => values)).toEqual([[2, 1, 1, 1]]);
  expect(series[0]?.timestamps.map((ms) => nanosOf(ms))).toEqual([at(2), at(4), at(6), at(10)]);
  await logs.close();
});

test('files of a megabyte and more: each line once, and context across pieces', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'big.log');
  const count = 40_000;
  writeFileSync(path, Array.from({ length: count }, (_, i) => `${i} ${'.'.repeat(70)}\n`).join(''));
  const { logs, notes } = await open([path]);
  const all = await lines(logs, '{}');
  expect(all).toHaveLength(count);
  expect(all.every((line, i) => line.startsWith(`${i} `))).toBe(true);
  expect(notes).toEqual([]);
  const shown: string[] = [];
  const request = { query: '{} |~ "^(2|14110|14112|39999) "', ...ALL_TIME, before: 3, after: 2 };
  for await (const line of logs.context(request)) {
    shown.push(line.kind === 'gap' ? '--' : `${line.kind === 'match' ? '>' : ''}${line.entry.line.split(' ')[0]}`);
  }
  expect(shown.join(' ')).toBe(
    '0 1 >2 3 4 -- 14107 14108 14109 >14110 14111 >14112 14113 14114 -- 39996 39997 39998 >39999',
  );
  const first: string[] = [];
  for await (const line of logs.context({ ...request, before: 0, limit: 1 })) first.push(line.kind);
  expect(first).toEqual(['match', 'context', 'context']);
  await lines(logs, '{}', { start: at(0) });
  expect(notes).toEqual([expect.stringContaining('without a timestamp')]);
});

test('a file that is cut or damaged is read up to there, and others to their ends', async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const text = Array.from({ length: 40_000 }, (_, i) => `${i} ${(i * 2654435761) % 4294967296}\n`).join('');
  const whole = gzipSync(text);
  writeFileSync(path('cut.gz'), whole.subarray(0, whole.length - 1000));
  writeFileSync(path('good'), 'good\n');
  writeFileSync(path('x.zst'), Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]));
  const { logs } = await open(['cut.gz', 'x.zst', 'good'].map(path));
  const found = await lines(logs, '{}');
  expect(found).toContain('good');
  const cut = found.filter((line) => line !== 'good');
  expect(cut.length).toBeGreaterThan(39_000);
  expect(text.startsWith(`${cut.join('\n')}\n`)).toBe(true);
  expect(logs.damage).toMatchObject({ code: 'log.damaged_file', message: expect.stringContaining('cut.gz') });
});

test('what is no file of logs is told', async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const failure = async (name: string, bytes?: Uint8Array) => {
    if (bytes !== undefined) writeFileSync(path(name), bytes);
    return open([path(name)])
      .then(async ({ logs }) => [
        ...(await lines(logs, '{}')),
        ...(logs.damage === undefined ? [] : [logs.damage.message]),
      ])
      .then(String, (error: Error) => error.message.replace(folder, ''));
  };
  expect(await failure('nothing')).toBe('cannot read /nothing: there is no such file');
  expect(await failure('')).toContain('it is a folder');
  expect(await failure('x.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]))).toContain('it is compressed by zstd');
  expect(await failure('cut.gz', gzipSync('a\n'.repeat(1000)).subarray(0, 20))).toContain('it is no whole gzip file');
  expect(await failure('empty', Buffer.alloc(0))).toBe('');
  expect(await failure('bytes', Buffer.from('a\0\xff\n', 'latin1'))).toBe('a\0\ufffd');
  symlinkSync(path('loop'), path('loop'));
  expect(await failure('loop')).toContain('cannot read /loop');
  mkdirSync(path('d'));
  symlinkSync(folder, path('d/up'));
  writeFileSync(path('d/deep.log'), 'deep');
  const { logs } = await open([path('**/*.log')]);
  expect(await lines(logs, '{}')).toEqual(['deep']);
});

test('a file is followed through rotation and truncation', async () => {
  const path = join(temporaryFolder(), 'live.log');
  writeFileSync(path, 'old\n');
  const { logs } = await open([path]);
  const ending = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { line } of logs.tail({ query: '{} != "noise"', signal: ending.signal })) seen.push(line);
  })();
  appendFileSync(path, 'one\nnoise\npart');
  await waitFor(() => seen.includes('one'));
  appendFileSync(path, 'ly\n');
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'behind\n');
  writeFileSync(path, 'new file\n');
  await waitFor(() => seen.includes('new file'));
  truncateSync(path, 0);
  appendFileSync(path, 'anew\n');
  await waitFor(() => seen.includes('anew'));
  ending.abort();
  await following;
  expect(seen).toEqual(['one', 'partly', 'behind', 'new file', 'anew']);
});

test('lines that are not read whole are told at the end, once', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'long.log');
  writeFileSync(path, `${time(0)} ${'x'.repeat(3 << 20)}\n${time(1)} short\n`);
  const { logs, notes } = await open([path]);
  const query = 'count_over_time({} [1h])';
  expect((await logs.metric({ query, start: at(2), end: at(2) })).result).toMatchObject({ series: [{ values: [2] }] });
  expect((await lines(logs, '{}')).map(({ length }) => length)).toEqual([1 << 20, time(1).length + 6]);
  await logs.close();
  expect(notes).toEqual([`1 line has more than 1 MiB in ${path}: the rest was left out`]);
});
