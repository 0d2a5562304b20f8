/** The sequencer's lines of `ds tour`: real commands through the daemon, and what their answers must be. */
import type { TourStop } from '../../platform/daemon/block.js';

const redis = (endpoints: Readonly<Record<string, string>>) => endpoints['redis'] ?? '';

export const tour: readonly TourStop[] = [
  {
    did: 'three snowflake IDs',
    through: 'redis',
    command: (endpoints) => ['seq', 'next', '-n', '3', '--url', redis(endpoints)],
    check(stdout) {
      const ids = lines(stdout).map(BigInt);
      const [first = 0n, second = 0n, third = 0n] = ids;
      if (ids.length !== 3 || !(0n < first && first < second && second < third)) {
        throw new Error(`expected three rising IDs, not ${JSON.stringify(stdout.slice(0, 200))}`);
      }
      return `${String(first).slice(0, 6)}…, rising`;
    },
  },
  {
    did: 'next order number',
    through: 'redis',
    command: (endpoints) => ['seq', 'ticket', 'orders', '--url', redis(endpoints)],
    check(stdout) {
      const [number] = lines(stdout);
      if (number !== '1') throw new Error(`expected 1, not ${JSON.stringify(stdout.slice(0, 200))}`);
      return `orders: ${number}`;
    },
  },
  {
    did: 'event stamp (HLC)',
    through: 'redis',
    command: (endpoints) => ['seq', 'hlc', '--json', '--url', redis(endpoints)],
    check(stdout) {
      const stamp: { time?: unknown } = JSON.parse(stdout);
      if (typeof stamp.time !== 'string') throw new Error(`expected a stamp, not ${stdout.slice(0, 200)}`);
      return `${stamp.time.slice('2026-11-23T'.length)}`;
    },
  },
];

function lines(stdout: string): string[] {
  return stdout.split('\n').filter((line) => line !== '');
}
