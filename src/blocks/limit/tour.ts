/** The rate limiter's line of `ds tour`: a real command through the daemon, and what its answer must be. */
import type { TourStop } from '../../platform/daemon/block.js';

const ASKED = 6;
const RATE_COUNT = 5;

/** One line of `ds limit check --json`. */
interface Answer {
  readonly allowed?: unknown;
  readonly retry_after_ms?: unknown;
}

export const tour: readonly TourStop[] = [
  {
    did: `${ASKED} requests against ${RATE_COUNT} per minute`,
    through: 'redis',
    command: (endpoints) => [
      ...['limit', 'check', 'tour', '--rate', `${RATE_COUNT}/min`, '-n', String(ASKED)],
      ...['--json', '--url', endpoints['redis'] ?? ''],
    ],
    // The last one is limited, and check says so.
    exitCode: 1,
    check(stdout) {
      const answers = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line): Answer => JSON.parse(line));
      const allowed = answers.filter((answer) => answer.allowed === true).length;
      const wait = answers.at(-1)?.retry_after_ms;
      if (answers.length !== ASKED || allowed !== RATE_COUNT || typeof wait !== 'number' || wait <= 0) {
        throw new Error(`expected ${RATE_COUNT} of ${ASKED} allowed, not ${JSON.stringify(stdout.slice(0, 200))}`);
      }
      return `${allowed} allowed, 1 waits ${Math.ceil(wait / 1000)} s`;
    },
  },
];
