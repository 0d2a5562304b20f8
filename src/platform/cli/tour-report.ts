/** How `ds tour` shows what it saw. */
import type { TourResult } from '../daemon/tour.js';
import type { Column, Output } from './output.js';

type TourOutput = Pick<Output, 'json' | 'document' | 'table' | 'warn' | 'note'>;

/** Prints the table, what went wrong, and the closing line. Returns the exit code. */
export function showTour(out: TourOutput, results: readonly TourResult[], elapsedMs: number): number {
  const blocks = [...new Set(results.map(({ block }) => block))];
  const wrong = results.filter(({ problem }) => problem !== undefined);
  const answered = blocks.filter((name) => !wrong.some(({ block }) => block === name)).length;
  const total = {
    blocks: blocks.length,
    answered,
    elapsed_ms: Math.round(elapsedMs),
    stops: results.map(toDocument),
  };
  out.document(total, () => out.table(columns, results));
  for (const { block, did, problem } of wrong) out.warn(`${block}, ${did}: ${problem}`);
  const seconds = (elapsedMs / 1000).toFixed(1);
  const verdict = `${answered} of ${blocks.length} ${blocks.length === 1 ? 'block' : 'blocks'} answered in ${seconds} s.`;
  if (!out.json) out.note(`\n${verdict}  Next: ds up, then ds <block> --help`, wrong.length > 0 ? 'red' : 'green');
  return wrong.length === 0 ? 0 : 1;
}

const columns: readonly Column<TourResult>[] = [
  { header: 'block', value: ({ block }) => block, color: () => 'bold' },
  { header: 'did', value: ({ did }) => did },
  { header: 'through', value: ({ through }) => through, color: () => 'dim', keep: true },
  { header: 'answer', value: ({ answer, problem }) => answer ?? problem },
  {
    header: 'time',
    value: ({ durationMs }) => Math.round(durationMs),
    display: ({ durationMs }) => `${Math.round(durationMs)} ms`,
  },
  {
    header: '',
    value: ({ problem }) => (problem === undefined ? 'ok' : 'failed'),
    display: ({ problem }) => (problem === undefined ? '✓' : '✗'),
    color: ({ problem }) => (problem === undefined ? 'green' : 'red'),
  },
];

function toDocument({ durationMs, problem, ...rest }: TourResult) {
  return {
    ...rest,
    ok: problem === undefined,
    ...(problem !== undefined && { problem }),
    duration_ms: Math.round(durationMs),
  };
}
