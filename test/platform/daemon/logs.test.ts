import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/platform/clock.js';
import { LogFile } from '../../../src/platform/daemon/log-file.js';
import { readTail } from '../../../src/platform/daemon/log-reader.js';
import { followLogs, showLogs } from '../../../src/platform/daemon/logs.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { waitFor } from '../../helpers/wait-for.js';

function homeWith(logs: Record<string, string>): string {
  const home = temporaryFolder();
  mkdirSync(join(home, 'log'));
  for (const [block, text] of Object.entries(logs)) writeFileSync(join(home, 'log', `${block}.log`), text);
  return home;
}

const record = (second: number, msg: string) =>
  `${JSON.stringify({ time: `2026-01-01T00:00:0${second}.000Z`, msg })}\n`;

async function shown(home: string, blocks: string[] = [], count = 50): Promise<string[]> {
  const lines: string[] = [];
  await showLogs({ home, blocks, count, onLine: (line) => void lines.push(line) });
  return lines;
}

test('the last lines go back into rotated files', async () => {
  const home = homeWith({ seq: '3\n4\n' });
  writeFileSync(join(home, 'log', 'seq.log.1'), '1\n2\n');
  expect(await shown(home, ['seq'], 3)).toEqual(['2', '3', '4']);
  expect(await shown(home, ['seq'], 1)).toEqual(['4']);
  expect(await shown(home, ['seq'], 0)).toEqual([]);
});

test('several logs are one stream in order of time, and a crash stays behind what led to it', async () => {
  const home = homeWith({
    a: `${record(1, 'a1')}${record(3, 'a3')}Segmentation fault\n`,
    b: record(2, 'b2') + record(4, 'b4'),
  });
  expect((await shown(home)).map((line) => /[ab]\d|Seg/.exec(line)?.[0])).toEqual(['a1', 'b2', 'a3', 'Seg', 'b4']);
});

test('a log that is not there is refused, and no name leads out of the folder', async () => {
  const home = homeWith({ seq: '' });
  await expect(shown(home, ['kv'])).rejects.toMatchObject({ code: 'daemon.no_log' });
  await expect(shown(home, ['../seq'])).rejects.toMatchObject({ code: 'daemon.no_log' });
  await expect(shown(temporaryFolder())).rejects.toMatchObject({ code: 'daemon.no_log' });
});

test('following shows every line once, half-written ones and rotation included', async () => {
  const home = homeWith({ seq: 'before\nhalf' });
  const path = join(home, 'log', 'seq.log');
  const lines: string[] = [];
  const controller = new AbortController();
  const logs = await showLogs({ home, blocks: ['seq'], count: 1, onLine: (line) => void lines.push(line) });
  const followed = followLogs(logs, systemClock, controller.signal, (line) => void lines.push(line));
  onTestFinished(async () => {
    controller.abort();
    await followed;
  });
  appendFileSync(path, ' whole ⏱\n');
  await waitFor(() => lines.length === 2);
  appendFileSync(path, 'last of the old file\n');
  renameSync(path, `${path}.1`);
  const file = new LogFile(path);
  file.write('first of the new file\n');
  file.close();
  await waitFor(() => lines.length === 4);
  expect(lines).toEqual(['before', 'half whole ⏱', 'last of the old file', 'first of the new file']);
});

test('the tail ends at the last whole line', async () => {
  const home = homeWith({ seq: 'whole\nhal' });
  expect(await readTail(join(home, 'log', 'seq.log'), 5)).toEqual({ lines: ['whole'], offset: 6 });
});
