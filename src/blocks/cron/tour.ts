/** The scheduler's lines of `ds tour`: a job that is added, and a run of it by hand, through the daemon. */
import type { TourStop } from '../../platform/daemon/block.js';

/** What `ds cron add --json` and `ds cron run --wait --json` print, as far as it matters here. */
interface Printed {
  readonly next_at?: unknown;
  readonly state?: unknown;
  readonly attempt?: unknown;
}

export const tour: readonly TourStop[] = [
  {
    did: 'a job, every day at 02:30',
    through: 'http',
    command: (endpoints) => [
      ...['cron', 'add', 'tour', '--schedule', '30 2 * * *', '--tz', 'UTC'],
      ...['--json', '--url', endpoints['http'] ?? '', '--', 'echo', 'done'],
    ],
    check(stdout) {
      const { next_at: next }: Printed = JSON.parse(stdout);
      if (typeof next !== 'string' || !next.endsWith('T02:30:00.000Z')) {
        throw new Error(`expected a next run at 02:30, not ${JSON.stringify(stdout.slice(0, 200))}`);
      }
      return `next ${next.slice(0, 10)} 02:30`;
    },
  },
  {
    did: 'a run of it, by hand',
    through: 'http',
    command: (endpoints) => ['cron', 'run', 'tour', '--wait', '--json', '--url', endpoints['http'] ?? ''],
    check(stdout) {
      const { state, attempt }: Printed = JSON.parse(stdout);
      if (state !== 'succeeded' || attempt !== 1) {
        throw new Error(`expected a run that succeeded, not ${JSON.stringify(stdout.slice(0, 200))}`);
      }
      return 'succeeded, exit code 0';
    },
  },
];
