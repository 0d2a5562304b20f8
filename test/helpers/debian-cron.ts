/**
 * Debian's own cron at another time: libfaketime tells it when it is and lets minutes pass in fractions of a second. It sees
 * folders of its own by mounts that nobody else sees, as its places are compiled in.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';
import { waitFor } from './wait-for.js';

export interface CronDay {
  readonly zone: string;
  /** With the zone's offset: `2026-03-08T01:55:00-05:00`. */
  readonly start: string;
  /** How long it runs, and how many of these pass in a real minute. */
  readonly minutes: number;
  readonly speed: number;
}

/**
 * Jobs see the real time, as cron gives them a clean environment; `anchor` says when the other time began.
 *
 *     fake = start + (real − anchor) × speed
 */
const SCRIPT = `set -e
mount -t tmpfs none /var/spool/cron
mkdir -m 1730 /var/spool/cron/crontabs
mount -t tmpfs none /etc/cron.d
mount --bind /dev/null /etc/crontab
cp table /var/spool/cron/crontabs/root
chmod 600 /var/spool/cron/crontabs/root
mount -t tmpfs none /run
: > log
date +%s.%N > anchor.new && mv anchor.new anchor
exec env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="@$FAKE_START x$FAKE_SPEED" cron -f`;

/** When each of the expressions was run: instants by expression, in milliseconds, a little after the minute. */
export async function runDebianCron(day: CronDay, expressions: readonly string[]): Promise<Map<string, number[]>> {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, name);
  const mark = (index: number) => String.raw`/bin/date "+${index} \%s.\%N" >> ${file('log')}`;
  const lines = expressions.map((expression, index) => `${expression} ${mark(index)}`);
  writeFileSync(file('table'), `MAILTO=""\n${lines.join('\n')}\n`);
  const child = spawn('unshare', ['-m', 'sh', '-c', SCRIPT], {
    cwd: folder,
    env: { ...process.env, TZ: day.zone, ...fakeTime(day) },
    stdio: 'ignore',
  });
  const exit = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await exit;
  };
  // Of a test that ran out of time, too.
  onTestFinished(stop);
  try {
    const anchor = Number(await waitFor(() => readFileSync(file('anchor'), 'utf8'))) * 1_000;
    const fake = (real: number) => Date.parse(day.start) + (real - anchor) * day.speed;
    const end = Date.parse(day.start) + day.minutes * 60_000;
    await waitFor(() => fake(Date.now()) >= end, { timeoutMs: 60_000 });
    const runs = new Map<string, number[]>(expressions.map((expression) => [expression, []]));
    for (const line of readFileSync(file('log'), 'utf8').split('\n').filter(Boolean)) {
      const [index = '', real = ''] = line.split(' ');
      runs.get(expressions[Number(index)] ?? '')?.push(fake(Number(real) * 1_000));
    }
    return runs;
  } finally {
    await stop();
  }
}

function fakeTime({ start, speed }: CronDay): NodeJS.ProcessEnv {
  const library = spawnSync('faketime', ['now', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).stdout.trim();
  return { FAKE_LIBRARY: library, FAKE_START: start.slice(0, 19).replace('T', ' '), FAKE_SPEED: `${speed}` };
}
