/** Timers that ds writes elapse when its own schedule is due, as systemd itself tells; and systemd finds nothing wrong in them. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSystemd } from '../../src/blocks/cron/export/systemd.js';
import { compileSchedule } from '../../src/blocks/cron/schedule.js';
import { readJobSpec } from '../../src/blocks/cron/spec.js';
import { hasPackages } from '../helpers/programs.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const FROM = Date.UTC(2027, 0, 30, 12);

describe.skipIf(!hasPackages('systemd'))('systemd', () => {
  it.each([
    ['30 2 * * *', 'UTC'],
    ['*/20 6-8 * * mon-fri', 'UTC'],
    ['0 0 1,15 * mon', 'UTC'],
    ['0 0 */10 * sun', 'UTC'],
    ['0 12 L * *', 'UTC'],
    ['0 12 * * 5#2,1L', 'UTC'],
    ['0 12 * * 3#5', 'UTC'],
    ['0 0 29 2 *', 'UTC'],
    ['*/30 0 0 1 1 * 2030', 'UTC'],
    ['0 9 * * fri-mon', 'Asia/Kolkata'],
    ['at 2030-01-02T03:04:05', 'America/New_York'],
  ])('elapses when %s is due in %s', (schedule, tz) => {
    const spec = readJobSpec({ name: 'x', command: 'x', schedule, tz }, '', { timeZone: 'UTC' });
    const timer = writeSystemd([spec]).files[1]?.text ?? '';
    const lines = [...timer.matchAll(/^OnCalendar=(.*)$/gm)].map(([, line]) => line ?? '');
    const elapses = new Set(lines.flatMap((line) => elapsesOf(line, 12)));
    const { next } = compileSchedule(spec.schedule, { name: 'x', createdAt: 0 });
    const due: number[] = [];
    for (let at = next(FROM); at !== undefined && due.length < 12; at = next(at)) due.push(at);
    expect([...elapses].sort((one, other) => one - other).slice(0, due.length)).toEqual(due);
  });

  it('finds nothing wrong in the units', async () => {
    const folder = temporaryFolder();
    const { files } = writeSystemd([
      readJobSpec(
        {
          name: 'db/backup@1',
          schedule: '@daily',
          command: 'echo "$HOME" \\100%\n\tdone',
          cwd: '/',
          env: { A: 'b "c" $d', B: 'ä%\u0001' },
          stdin: 'x',
          timeout: '90s',
          jitter: '1m',
          'catch-up': 'last',
        },
        '',
        { timeZone: 'UTC' },
      ),
    ]);
    for (const { filename, text } of files) await writeFile(join(folder, filename), text);
    const { status, stderr, stdout } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', ...files.map(({ filename }) => join(folder, filename))],
      { encoding: 'utf8' },
    );
    expect({ status, problems: `${stdout}${stderr}`.split('\n').filter((line) => line.includes('ds-cron-')) }).toEqual({
      status: 0,
      problems: [],
    });
  });
});

function elapsesOf(line: string, count: number): number[] {
  const { stdout } = spawnSync(
    'systemd-analyze',
    ['calendar', `--iterations=${count}`, `--base-time=@${FROM / 1000}`, line],
    { encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } },
  );
  return [...stdout.matchAll(/(?:Next elapse|Iter\. #\d+): \w{3} (\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) UTC/g)].map(
    ([, day, time]) => Date.parse(`${day}T${time}Z`),
  );
}
