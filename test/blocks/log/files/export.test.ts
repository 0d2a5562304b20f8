import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openSink } from '../../../../src/blocks/log/agent/sinks/index.js';
import { type ExportTarget, exportEntries } from '../../../../src/blocks/log/files/export.js';
import { makeLabels } from '../../../../src/blocks/log/labels.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { batchOf } from '../agent/fixtures.js';

async function* oneEntry() {
  const stream = makeLabels([['a', 'b']]);
  yield { timestamp: 1n, line: 'hello', labels: stream, stream };
}

function targetOf(path: string): ExportTarget {
  const stdout = () => Promise.resolve();
  return { path, format: 'raw', gzip: false, force: true, json: false, stdout, onProgress: () => {} };
}

test('what is no file is written to, and not replaced', async () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
  const read = buffer(reader.stdout);
  const sink = await openSink(`file:${pipe}`, { clock: systemClock, env: {} });
  expect(await exportEntries(oneEntry(), targetOf(pipe))).toEqual({ entries: 1, bytes: 6 });
  await sink.deliver(batchOf(['again']), 'x-1', new AbortController().signal);
  await sink.close();
  if (reader.exitCode === null) await once(reader, 'exit');
  expect(String(await read)).toBe('hello\nagain\n');
  expect(statSync(pipe).isFIFO()).toBe(true);
});

test('a link goes on leading to its file', async () => {
  const folder = temporaryFolder();
  symlinkSync(join(folder, 'there.log'), join(folder, 'other.log'));
  await exportEntries(oneEntry(), targetOf(join(folder, 'there.log')));
  await exportEntries(oneEntry(), targetOf(join(folder, 'other.log')));
  expect(readFileSync(join(folder, 'there.log'), 'utf8')).toBe('hello\n');
  expect(statSync(join(folder, 'other.log')).ino).toBe(statSync(join(folder, 'there.log')).ino);
});
