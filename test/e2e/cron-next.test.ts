/** `ds cron next`, `explain` and `lint`: what only the program shows: words as arguments, the machine's zone, pipes, exit codes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs, runDsJson } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const FROM = ['--from', '2026-03-07'];

test("next: the machine's zone, an expression as words or as one, lines between tabs", async () => {
  const env = { TZ: 'America/New_York' };
  const words = await runDs(['cron', 'next', '30', '2', '*', '*', '*', '-n', '2', ...FROM], { env });
  const expected =
    '2026-03-07T07:30:00.000Z\t2026-03-07T02:30:00-05:00\n2026-03-08T07:00:00.000Z\t2026-03-08T03:00:00-04:00\n';
  expect(words).toMatchObject({ code: 0, stdout: expected, stderr: '' });
  const one = await runDs(['cron', 'next', '30 2 * * *', '-n', '2', ...FROM, '--tz', env.TZ]);
  expect(one.stdout).toBe(expected);
  // In the zone of the schedule, not in UTC.
  const tokyo = await runDs(['cron', 'next', '@daily', '-n', '1', '--tz', 'Asia/Tokyo', '--from', '2026-03-07T23:30']);
  expect(tokyo.stdout).toBe('2026-03-07T15:00:00.000Z\t2026-03-08T00:00:00+09:00\n');
  expect(await runDs(['cron', 'next', '@daily', '--from', 'soon'])).toMatchObject({ code: 2, stdout: '' });
  expect(await runDsJson(['cron', 'next', '30 2 * * *', '-n', '1', ...FROM, '--dst', 'skip'], { env })).toEqual({
    expression: '30 2 * * *',
    time_zone: 'America/New_York',
    times: [{ at: '2026-03-07T07:30:00.000Z', local: '2026-03-07T02:30:00-05:00' }],
  });
});

test('next: what cannot be read or is never due is told on stderr, with exit code 2', async () => {
  expect(await runDs(['cron', 'next', '*/0 * * * *'])).toMatchObject({
    ...{ code: 2, stdout: '', stderr: expect.stringMatching(/^error: field 1 \(minute\) is "\*\/0": .*\nhint: /) },
  });
  expect(await runDs(['cron', 'next', '0 0 30 2 *'])).toMatchObject({ code: 2, stdout: '' });
  expect(await runDs(['cron', 'next', '@daily', '--tz', 'Mars/Base'])).toMatchObject({ code: 2, stdout: '' });
});

test('explain says when, where and what clocks do', async () => {
  expect(await runDsJson(['cron', 'explain', '0 9 * * MON-FRI', '--tz', 'Asia/Tokyo'])).toMatchObject({
    when: 'at 09:00, on Monday to Friday',
    time_zone: 'Asia/Tokyo',
    clock_changes: expect.stringContaining('when the gap ends'),
    next_at: expect.stringMatching(/T00:00:00.000Z$/),
  });
});

test('lint: exit code 1 for warnings, 0 for notes; an expression, a file, stdin', async () => {
  expect(await runDs(['cron', 'lint', '0 0 * * MON#1', '--tz', 'UTC'])).toMatchObject({ code: 0 });
  const file = join(temporaryFolder(), 'crontab');
  writeFileSync(file, '# nightly\n*/7 * * * * backup\n');
  const finding = '2\twarning\tuneven_step\tminute\t*/7 is not every 7: after 56 comes 0 again\n';
  expect(await runDs(['cron', 'lint', file, '--tz', 'UTC'])).toMatchObject({ code: 1, stdout: finding });
  const piped = await runDs(['cron', 'lint', '-', '--tz', 'UTC'], { input: '\n*/7 * * * * backup\n' });
  expect(piped).toMatchObject({ code: 1, stdout: finding });
  expect(await runDs(['cron', 'lint', '/no/such/crontab'])).toMatchObject({ code: 2, stdout: '' });
});
