/** The tour as it is shown; that its answers are right is test/e2e/tour.test.ts. */
import { expect, test } from 'vitest';
import { showTour } from '../../../src/platform/cli/tour-report.js';

const RIGHT = { block: 'seq', did: 'three IDs', through: 'redis://127.0.0.1:6390', answer: 'rising', durationMs: 12.4 };
const WRONG = { block: 'dns', did: 'an address', problem: 'no answer', durationMs: 2_000 };

function shown(json: boolean, results: Parameters<typeof showTour>[1]) {
  const said: unknown[] = [];
  const out = {
    json,
    document: (value: unknown, human: () => void) => (json ? void said.push(value) : human()),
    table: (columns: readonly { readonly value: (row: never) => unknown }[], rows: readonly unknown[]) =>
      void said.push(rows.map((row) => columns.map(({ value }) => value(row as never)))),
    warn: (text: string) => void said.push(`warning: ${text}`),
    note: (text: string) => void said.push(text),
  };
  return { code: showTour(out, results, 2_340), said };
}

test('the tour as a document, and as rows with what it comes to', () => {
  expect(shown(true, [RIGHT])).toEqual({
    code: 0,
    said: [
      {
        ...{ blocks: 1, answered: 1, elapsed_ms: 2_340 },
        stops: [
          { block: 'seq', did: 'three IDs', through: RIGHT.through, answer: 'rising', ok: true, duration_ms: 12 },
        ],
      },
    ],
  });
  expect(shown(false, [RIGHT, WRONG])).toEqual({
    code: 1,
    said: [
      [
        ['seq', 'three IDs', RIGHT.through, 'rising', 12, 'ok'],
        ['dns', 'an address', undefined, 'no answer', 2_000, 'failed'],
      ],
      'warning: dns, an address: no answer',
      '\n1 of 2 blocks answered in 2.3 s.  Next: ds up, then ds <block> --help',
    ],
  });
});
