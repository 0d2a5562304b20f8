/** Rows that come a page at a time, in bounded memory: a terminal gets tables of a screenful or more, a pipe lines, `--json` NDJSON. */
import type { Column, Output } from './output.js';

/** Rows of one table on a terminal: its columns are as wide as their widest cell. */
const ROWS = 256;

/** Returns how many rows there were. */
export async function showPages<Row>(
  out: Output,
  pages: AsyncIterable<readonly Row[]>,
  { columns, toJson }: { readonly columns: readonly Column<Row>[]; readonly toJson: (row: Row) => unknown },
): Promise<number> {
  let count = 0;
  let waiting: Row[] = [];
  const show = (most: number) => {
    while (waiting.length > most) {
      out.table(columns, waiting.slice(0, ROWS));
      waiting = waiting.slice(ROWS);
    }
  };
  for await (const page of pages) {
    count += page.length;
    if (out.json) for (const row of page) out.item(toJson(row), '');
    else {
      waiting.push(...page);
      show(out.isTerminal ? ROWS : 0);
    }
  }
  show(0);
  return count;
}
