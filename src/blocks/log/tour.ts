/** The logs' lines of `ds tour`: lines that go in by Loki's push, as its clients send them, and come back by LogQL. */
import type { TourStop } from '../../platform/daemon/block.js';

const LINES = [
  'level=info msg="order 1 accepted"',
  'level=error msg="order 2 refused"',
  'level=error msg="order 3 refused"',
];
const SELECTOR = '{job="tour"}';

function at(endpoints: Readonly<Record<string, string>>): string {
  return endpoints['http'] ?? '';
}

export const tour: readonly TourStop[] = [
  {
    did: `${LINES.length} lines from stdin`,
    through: 'http',
    command: (endpoints) => [
      'log',
      'ship',
      '-',
      '--to',
      `loki+${at(endpoints)}`,
      '--label',
      'job=tour',
      '--once',
      '--quiet',
    ],
    input: `${LINES.join('\n')}\n`,
    check: () => 'acknowledged, on disk',
  },
  {
    did: 'those of level error',
    through: 'http',
    command: (endpoints) => ['log', 'query', `${SELECTOR} | logfmt | level="error"`, '--url', at(endpoints)],
    check(stdout) {
      const found = LINES.filter((line) => stdout.includes(line));
      if (found.length !== 2 || stdout.includes(LINES[0] ?? '')) throw unexpected('the two errors', stdout);
      return `${found.length} lines`;
    },
  },
  {
    did: 'lines counted by level',
    through: 'http',
    command: (endpoints) => [
      'log',
      'query',
      `sum by (level) (count_over_time(${SELECTOR} | logfmt [1h]))`,
      '--url',
      at(endpoints),
    ],
    check(stdout) {
      const counts = [...stdout.matchAll(/(error|info)\D+(\d+)/g)]
        .map(([, level, count]) => `${level} ${count}`)
        .sort();
      if (counts.join() !== 'error 2,info 1') throw unexpected('error 2, info 1', stdout);
      return counts.join(', ');
    },
  },
];

function unexpected(what: string, stdout: string): Error {
  return new Error(`expected ${what}, not ${JSON.stringify(stdout.slice(0, 200))}`);
}
