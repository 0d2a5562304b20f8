/** The key-value store's lines of `ds tour`: real commands through the daemon, and what their answers must be. */
import type { TourStop } from '../../platform/daemon/block.js';

const redis = (endpoints: Readonly<Record<string, string>>) => ['--url', endpoints['redis'] ?? ''];

export const tour: readonly TourStop[] = [
  {
    did: 'a value for an hour',
    through: 'redis',
    command: (endpoints) => ['kv', 'put', 'tour:greeting', 'hello', '--ttl', '1h', '--json', ...redis(endpoints)],
    check(stdout) {
      const { revision }: { revision?: unknown } = JSON.parse(stdout);
      if (typeof revision !== 'number') throw new Error(`expected a revision, not ${stdout.slice(0, 200)}`);
      return `revision ${revision}`;
    },
  },
  {
    did: 'the value again',
    through: 'redis',
    command: (endpoints) => ['kv', 'get', 'tour:greeting', ...redis(endpoints)],
    check(stdout) {
      if (stdout !== 'hello' && stdout !== 'hello\n') throw new Error(`expected hello, not ${stdout.slice(0, 200)}`);
      return 'hello';
    },
  },
];
